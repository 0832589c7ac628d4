import { canonicalJson } from '../../domain/diff/canonical';
import { normaliseName } from '../../domain/identity/normalise';
import { invalidValue, ScimError } from '../messages/error';
import type { AttributeDefinition } from '../schema/definition';
import { isObject, keyAnyCase, ownValue, withMember, type PlainObject } from '../schema/json';
import { attributeNamed } from '../schema/lookup';

/** Elements of a multi-valued attribute; a single value stands for a list of one. */
export const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

const fold = (definition: AttributeDefinition, sub: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value ?? null;
  return attributeNamed(definition.subAttributes, sub)?.caseExact === true ? value : normaliseName(value);
};

/** Two elements with the same value and type are one (RFC 7643 section 2.4); a member is known by its value alone. */
function identityOf(definition: AttributeDefinition, element: unknown): string {
  if (!isObject(element) || element.value === undefined) return canonicalJson(element);
  const typed = attributeNamed(definition.subAttributes, 'primary') !== null;
  return canonicalJson([fold(definition, 'value', element.value), typed ? fold(definition, 'type', element.type) : null]);
}

/** `add` on a multi-valued attribute (RFC 7644 section 3.5.2.1): what is there already is not added again. */
export function mergeElements(definition: AttributeDefinition, present: readonly unknown[], added: readonly unknown[]): unknown[] {
  const result = [...present];
  // Backwards, so that of two equal ones the first is meant.
  const positions = new Map(present.map((element, index): [string, number] => [identityOf(definition, element), index]).reverse());
  for (const element of added) {
    const identity = identityOf(definition, element);
    const position = positions.get(identity);
    if (position === undefined) {
      positions.set(identity, result.length);
      result.push(element);
      continue;
    }
    const old = result[position];
    const merged = isObject(old) && isObject(element) ? { ...old, ...element } : old;
    if (canonicalJson(merged) !== canonicalJson(old)) result[position] = merged;
  }
  return result;
}

/**
 * `remove` with the values to remove, as Entra ID and JumpCloud send it: only those go, never the whole list. A given
 * `value` decides, with `type` where both sides name one; without a `value` everything given has to agree.
 */
export function withoutElements(definition: AttributeDefinition, present: readonly unknown[], given: readonly unknown[]): unknown[] {
  const byValue = new Map<unknown, PlainObject[]>();
  const others: PlainObject[] = [];
  for (const item of given) {
    if (!isObject(item)) continue;
    if (item.value === undefined) {
      // Each is compared with every element: few, or a request could be made to take for ever.
      if (others.push(item) > 100) throw invalidValue(definition.name, 'too many values without a "value" to remove at once.');
    } else {
      const key = fold(definition, 'value', item.value);
      const same = byValue.get(key);
      if (same === undefined) byValue.set(key, [item]);
      else same.push(item);
    }
  }
  const sameType = (a: PlainObject, b: PlainObject): boolean =>
    a.type === undefined || b.type === undefined || fold(definition, 'type', a.type) === fold(definition, 'type', b.type);
  return present.filter((element) => {
    if (!isObject(element)) return !given.some((item) => isObject(item) && item.value === element);
    if ((byValue.get(fold(definition, 'value', element.value)) ?? []).some((item) => sameType(item, element))) return false;
    return !others.some((item) => Object.entries(item).every(([name, value]) => canonicalJson(element[name]) === canonicalJson(value)));
  });
}

/** Sub-attributes that describe a value; alone they say nothing. */
const LABELS = new Set(['type', 'primary', 'display']);

export const saysSomething = (element: unknown): boolean => !isObject(element) || Object.keys(element).some((name) => !LABELS.has(name));

/** An element with a sub-attribute set or, for undefined, without it; the immutable ones cannot be changed. */
export function withSub(element: unknown, sub: AttributeDefinition, value: unknown): unknown {
  const object: PlainObject = isObject(element) ? element : {};
  const name = subKey(object, sub);
  const present = ownValue(object, name);
  if (sub.mutability === 'immutable' && present !== undefined && present !== value) {
    throw new ScimError(400, `${sub.name} cannot be changed; remove the value and add another.`, 'mutability', { attribute: sub.name });
  }
  return withMember(object, name, value);
}

/** The key of a sub-attribute: in the schema's spelling, of an undeclared one in that which is there. */
export const subKey = (object: PlainObject, { name, type }: AttributeDefinition): string => (type === 'any' ? (keyAnyCase(object, name) ?? name) : name);
