/** Attribute and schema definitions as data, RFC 7643 sections 2.2, 2.3 and 7. */

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex'
  /** Not of the RFC: an attribute no schema declares, kept as it came. Never listed in /Schemas. */
  | 'any';
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

export interface AttributeDefinition {
  name: string;
  type: AttributeType;
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: Mutability;
  returned: Returned;
  uniqueness: Uniqueness;
  /** Offered, not enforced (RFC 7643 section 7: a service provider may accept others). */
  canonicalValues?: readonly string[];
  referenceTypes?: readonly string[];
  subAttributes?: readonly AttributeDefinition[];
}

export interface SchemaDefinition {
  id: string;
  name: string;
  description: string;
  attributes: readonly AttributeDefinition[];
}

type Characteristics = Partial<Omit<AttributeDefinition, 'name' | 'description'>>;

/** An attribute with the default characteristics of RFC 7643 section 2.2, except those given. */
export function attribute(name: string, description: string, characteristics: Characteristics = {}): AttributeDefinition {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...characteristics,
  };
}

export const complex = (
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  characteristics: Characteristics = {}
): AttributeDefinition => attribute(name, description, { ...characteristics, type: 'complex', subAttributes });

/** Multi-valued complex attribute with the sub-attributes of RFC 7643 section 2.4. */
export function plural(
  name: string,
  description: string,
  value: AttributeDefinition,
  types: readonly string[] = []
): AttributeDefinition {
  return complex(
    name,
    description,
    [
      value,
      attribute('display', 'A human-readable name, used for display.'),
      attribute('type', 'A label of the kind of value.', types.length > 0 ? { canonicalValues: types } : {}),
      attribute('primary', 'The preferred value of this attribute; true for at most one.', { type: 'boolean' }),
    ],
    { multiValued: true }
  );
}

/** Definition for an attribute that no schema declares (kept, because providers send more than the RFC lists). */
export const undeclared = (name: string): AttributeDefinition => attribute(name, 'Not declared by a schema.', { type: 'any' });
