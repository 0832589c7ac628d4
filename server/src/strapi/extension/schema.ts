import type { ObjectType } from '../../contracts/operation';
import { attribute, type AttributeDefinition, type SchemaDefinition } from '../../scim/schema/definition';
import { RESOURCE_TYPES, type ResourceTypeDefinition } from '../../scim/schema/resource-types';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import type { ExtensionField } from './fields';

export type ResourceTypes = Readonly<Record<ObjectType, ResourceTypeDefinition>>;

const FORMS: Readonly<Record<string, string>> = {
  biginteger: ' A whole number as text, so that no digit is lost.',
  date: ' A date, YYYY-MM-DD.',
  time: ' A time of day, HH:MM:SS.',
};

/** Strapi compares these as they are; other text is found without regard to case. */
const EXACT = new Set(['enumeration', 'uid', 'biginteger', 'date', 'time']);

/**
 * Resource types of one population with its extension schema (RFC 7643 section 3.3): connections differ only in what
 * they may write. Models do not change while Strapi runs, so each variant is made once.
 */
export class ExtensionSchema {
  private readonly variants = new Map<string, ResourceTypes>();

  constructor(private readonly fields: readonly ExtensionField[]) {}

  typesFor(writable: readonly string[]): ResourceTypes {
    const names = this.fields.map((field) => field.name).filter((name) => writable.includes(name));
    const key = names.join(' ');
    const known = this.variants.get(key);
    if (known !== undefined) return known;
    const made = this.typesWith(new Set(names));
    this.variants.set(key, made);
    return made;
  }

  private typesWith(writable: ReadonlySet<string>): ResourceTypes {
    if (this.fields.length === 0) return RESOURCE_TYPES;
    const extension: SchemaDefinition = {
      id: STRAPI_USER_URN,
      name: 'StrapiUser',
      description: 'What this site keeps about its users',
      attributes: this.fields.map((field) => definition(field, writable.has(field.name))),
    };
    const { User, Group } = RESOURCE_TYPES;
    return { User: { ...User, extensions: [...User.extensions, extension] }, Group };
  }
}

/**
 * `required` only where the connection may write: a provider that cannot write an attribute cannot be asked for it, and
 * Strapi's own check of it would refuse everybody.
 */
function definition(field: ExtensionField, isWritable: boolean): AttributeDefinition {
  const { name, component } = field;
  return attribute(name, `The field “${name}” of this site.${FORMS[field.strapiType] ?? ''}`, {
    type: field.scimType,
    multiValued: component?.repeatable ?? false,
    required: isWritable && field.required,
    mutability: isWritable ? 'readWrite' : 'readOnly',
    caseExact: field.unique || EXACT.has(field.strapiType),
    uniqueness: field.unique ? 'server' : 'none',
    ...(field.canonicalValues === null ? {} : { canonicalValues: field.canonicalValues }),
    ...(component === null ? {} : { subAttributes: component.fields.map((sub) => definition(sub, isWritable)) }),
  });
}
