import type { Resource } from '../../domain/resource/resource';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn } from '../schema/lookup';
import { typeDefinition, type TypeRef } from '../schema/resource-types';
import { elementsOf, subAttributeOf } from './attributes';
import { comparable, isPresent, type Comparable } from './compare';

/** One sub-attribute of one element, or one plain value, as an index keeps it. */
export interface IndexedValue {
  /** Qualified name in lower case. */
  attribute: string;
  /** Lower case; '' for the value itself, which is also the `value` of a complex one. */
  sub: string;
  element: number;
  /** Null: present, and equal to nothing a filter can name. */
  value: Comparable | null;
}

/** Attributes that other tables are the truth of. */
const DERIVED: Readonly<Record<string, ReadonlySet<string>>> = {
  User: new Set(['id', 'externalid', 'meta', 'groups', 'password']),
  Group: new Set(['id', 'externalid', 'meta', 'members', 'displayname']),
};

export const qualifiedName = (schema: string | null, name: string): string => (schema === null ? name : `${schema}:${name}`).toLowerCase();

export const subName = (name: string | null): string => (name === null || name.toLowerCase() === 'value' ? '' : name.toLowerCase());

/**
 * What filters can find of a resource: a value for every sub-attribute of every element that holds something, in the form
 * it compares. The first element is the one sorting goes by: the primary one (RFC 7644 section 3.4.2.3).
 */
export function indexedValues(resource: Resource, type: TypeRef): IndexedValue[] {
  const values: IndexedValue[] = [];
  const seen = new Set<string>();
  const place = (attribute: string, definition: AttributeDefinition, value: unknown): void => {
    // Of two spellings the first counts, as it does for the evaluator.
    if (seen.has(attribute)) return;
    seen.add(attribute);
    sortElements(elementsOf(value)).forEach((element, index) => {
      for (const part of partsOf(element, definition)) values.push({ attribute, element: index, ...part });
    });
  };
  const { core, name: typeName } = typeDefinition(type);
  const containers: [string, unknown][] = [];
  for (const [name, value] of Object.entries(resource)) {
    if (name.includes(':')) {
      if (!containers.some(([urn]) => urn.toLowerCase() === name.toLowerCase())) containers.push([name, value]);
      continue;
    }
    if (DERIVED[typeName]?.has(name.toLowerCase())) continue;
    const declared = coreAttribute(type, name);
    if (declared !== null && declared.name !== name) continue;
    // Every resource has it: not worth a row each.
    const held = name === 'schemas' && Array.isArray(value) ? value.filter((urn) => urn !== core.id) : value;
    place(qualifiedName(null, name), declared ?? undeclared(name), held);
  }
  for (const [urn, value] of containers) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || isCoreUrn(type, urn)) continue;
    const schema = extensionNamed(type, urn);
    for (const [name, member] of Object.entries(value)) {
      const declared = schema === null ? null : attributeNamed(schema.attributes, name);
      if (declared === null || declared.name === name) place(qualifiedName(urn, name), declared ?? undeclared(name), member);
    }
  }
  for (const [urn, value] of containers) {
    if (isPresent(value)) place(urn.toLowerCase(), undeclared(urn), [[value]]);
  }
  return values;
}

/** The order of elements carries no meaning, except which of them is primary. */
export function sortElements(elements: unknown[]): unknown[] {
  const primary = elements.findIndex((element) => typeof element === 'object' && element !== null && 'primary' in element && element.primary === true);
  const first = elements[primary];
  return primary <= 0 ? elements : [first, ...elements.filter((_element, index) => index !== primary)];
}

function partsOf(element: unknown, definition: AttributeDefinition): { sub: string; value: Comparable | null }[] {
  const isPlain = typeof element !== 'object' || element === null || Array.isArray(element);
  const names = isPlain ? ['value'] : new Map(Object.keys(element).reverse().map((key) => [key.toLowerCase(), key])).values();
  return [...names].flatMap((name) => {
    const operand = subAttributeOf(element, definition, name);
    return operand.value === undefined ? [] : [{ sub: subName(name), value: comparable(operand.value, operand.definition) }];
  });
}
