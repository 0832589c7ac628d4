import { invalidValue, ScimError } from '../messages/error';
import type { AttributeDefinition } from '../schema/definition';
import { isObject, keyAnyCase, ownValue, withMember, type PlainObject } from '../schema/json';
import { attributeNamed } from '../schema/lookup';
import type { WorkBudget } from './work-budget';

/** Elements of a multi-valued attribute; a single value stands for a list of one. */
export const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

const fold = (work: WorkBudget, definition: AttributeDefinition, sub: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value ?? null;
  return attributeNamed(definition.subAttributes, sub)?.caseExact === true ? value : work.fold(value);
};

/** Two elements with the same value and type are one (RFC 7643 section 2.4); a member is known by its value alone. */
function identityOf(work: WorkBudget, definition: AttributeDefinition, element: unknown): string {
  if (!isObject(element) || element.value === undefined) return work.canonical(element);
  const typed = attributeNamed(definition.subAttributes, 'primary') !== null;
  return work.canonical([fold(work, definition, 'value', element.value), typed ? fold(work, definition, 'type', element.type) : null]);
}

/** `add` on a multi-valued attribute (RFC 7644 section 3.5.2.1): what is there already is not added again. */
export function mergeElements(work: WorkBudget, definition: AttributeDefinition, present: readonly unknown[], added: readonly unknown[]): unknown[] {
  const result = [...present];
  const identify = (element: unknown): string => work.identity(element, () => identityOf(work, definition, element));
  // Backwards, so that of two equal ones the first is meant.
  const positions = new Map(present.map((element, index): [string, number] => [identify(element), index]).reverse());
  for (const element of added) {
    const identity = identify(element);
    const position = positions.get(identity);
    if (position === undefined) {
      positions.set(identity, result.length);
      result.push(element);
      continue;
    }
    const old = result[position];
    const merged = isObject(old) && isObject(element) ? { ...old, ...element } : old;
    if (work.canonical(merged) !== work.canonical(old)) result[position] = merged;
  }
  return result;
}

/**
 * `remove` with the values to remove, as Entra ID and JumpCloud send it: only those go, never the whole list. A given
 * `value` decides, with `type` where both sides name one; without a `value` everything given has to agree.
 */
export function withoutElements(work: WorkBudget, definition: AttributeDefinition, present: readonly unknown[], given: readonly unknown[]): unknown[] {
  /** Types of what goes, by value; undefined: of any type. */
  const types = new Map<unknown, Set<unknown>>();
  const plain = new Set<unknown>();
  const others: [string, string][][] = [];
  const keyOf = (element: PlainObject): unknown => fold(work, definition, 'value', element.value);
  const typeOf = ({ type }: PlainObject): unknown => (type === undefined ? undefined : fold(work, definition, 'type', type));
  for (const item of given) {
    if (!isObject(item)) continue;
    if (item.value === undefined) {
      // Each is compared with every element: few, or a request could be made to take for ever.
      if (others.push(Object.entries(item).map(([name, value]) => [name, work.canonical(value)])) > 100) {
        throw invalidValue(definition.name, 'too many values without a "value" to remove at once.');
      }
    } else {
      const key = keyOf(item);
      const known = types.get(key);
      if (known === undefined) types.set(key, new Set([typeOf(item)]));
      else known.add(typeOf(item));
      plain.add(item.value);
    }
  }
  return present.filter((element) => {
    if (!isObject(element)) return !plain.has(element);
    const known = types.get(keyOf(element));
    if (known !== undefined && (element.type === undefined || known.has(undefined) || known.has(typeOf(element)))) return false;
    return !others.some((item) => item.every(([name, text]) => work.canonical(element[name]) === text));
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
