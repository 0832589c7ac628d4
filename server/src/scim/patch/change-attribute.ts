import { ScimError } from '../messages/error';
import type { Filter } from '../filter/ast';
import type { AttributeDefinition } from '../schema/definition';
import { isObject, isUnassigned, ownValue, withMember, type PlainObject } from '../schema/json';
import { attributeNamed } from '../schema/lookup';
import { elementsIn, normaliseList, normaliseSingle, onePrimary, outOfList, spread } from '../schema/values';
import { changeElements } from './change-elements';
import type { Draft } from './draft';
import { elementsOf, mergeElements, saysSomething, subKey, withoutElements, withSub } from './elements';
import type { PatchOperation } from './operation';
import { invalidPath, type PatchTarget } from './target';
import type { WorkBudget } from './work-budget';

type Op = PatchOperation['op'];
type AttributeTarget = Extract<PatchTarget, { kind: 'attribute' }>;

/** Applies one operation to one attribute of the draft; the value is sanitised and the attribute is writable. */
export function changeAttribute(draft: Draft, op: Op, target: AttributeTarget, filter: Filter | null, value: unknown): void {
  const { extension, definition, sub } = target;
  // Common attributes that are derived, and the password where it is not taken.
  if (definition.returned === 'never' && (!draft.acceptance.acceptPassword || op === 'remove' || isUnassigned(value))) return;
  if (definition.name === 'schemas' || definition.mutability === 'readOnly') return;
  const present = draft.get(extension, definition.name);
  draft.work.visit(present);
  // What is sent is checked and normalised as well.
  draft.work.visit(value, 32);
  const changed = changedValue(draft, op, target, filter, present, value);
  if (changed === undefined) {
    if (definition.required) throw new ScimError(400, `${definition.name} is required and cannot be removed.`, 'mutability', { attribute: definition.name });
    // An account without `active` would be neither on nor off: whoever clears it must not switch it on.
    if (definition.name === 'active' && sub === null) return;
  }
  if (changed !== present) draft.set(extension, definition.name, changed);
}

function changedValue({ acceptance: { strict }, work }: Draft, op: Op, { definition, sub }: AttributeTarget, filter: Filter | null, present: unknown, value: unknown): unknown {
  if (definition.type === 'any') return sub === null ? changedUndeclared(work, op, present, value) : changedUndeclaredSub(work, op, definition, sub, present, value);
  if (definition.multiValued) {
    const before = elementsOf(present);
    const after = filter === null ? changedList(work, op, definition, sub, before, value) : changeElements({ op, definition, sub, filter, strict, work }, before, value);
    if (after === before) return present;
    return after.length === 0 ? undefined : onePrimary(definition, after, before);
  }
  if (filter !== null) throw invalidPath(`${definition.name} has one value; a [filter] cannot follow it.`);
  if (sub !== null) return changedSub(op, definition, sub, present, outOfList(sub, value));
  const single = outOfList(definition, value);
  // `add` without a value to add says nothing; `replace` with one unassigns.
  if (op === 'add' && isUnassigned(single)) return present;
  if (op === 'remove') return undefined;
  return definition.type === 'complex' ? changedComplex(definition, present, single) : normaliseSingle(definition, single, definition.name);
}

function changedUndeclared(work: WorkBudget, op: Op, present: unknown, value: unknown): unknown {
  if (op === 'remove' || (op === 'replace' && isUnassigned(value))) return undefined;
  if (isUnassigned(value)) return present;
  if (op !== 'add' || !Array.isArray(present)) return value;
  const known = new Set(present.map((item) => work.canonical(item)));
  return [...present, ...elementsOf(value).filter((item) => !known.has(work.canonical(item)))];
}

function changedUndeclaredSub(work: WorkBudget, op: Op, { name }: AttributeDefinition, sub: AttributeDefinition, present: unknown, value: unknown): unknown {
  if (!isUnassigned(present) && !isObject(present)) throw invalidPath(`${name} has no sub-attributes.`);
  const object = isObject(present) ? present : {};
  const key = subKey(object, sub);
  const result = withMember(object, key, changedUndeclared(work, op, ownValue(object, key), value));
  return Object.keys(result).length === 0 ? undefined : result;
}

/** A complex attribute keeps the sub-attributes that the operation does not name (RFC 7644 sections 3.5.2.1 and 3.5.2.3). */
function changedComplex(definition: AttributeDefinition, present: unknown, sent: unknown): unknown {
  if (isUnassigned(sent)) return undefined;
  const value = spread(definition, sent);
  const normalised = normaliseSingle(definition, value, definition.name);
  // A reference (value with $ref) is replaced as a whole: the old $ref would point at somebody else.
  const refers = attributeNamed(definition.subAttributes, '$ref') !== null;
  let result: PlainObject = { ...(isObject(present) && !refers ? present : {}), ...(isObject(normalised) ? normalised : {}) };
  if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (isUnassigned(member)) result = withMember(result, attributeNamed(definition.subAttributes, name)?.name ?? name, undefined);
    }
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function changedSub(op: Op, definition: AttributeDefinition, sub: AttributeDefinition, present: unknown, value: unknown): unknown {
  if (op === 'add' && isUnassigned(value)) return present;
  const normalised = op === 'remove' ? undefined : normaliseSingle(sub, value, `${definition.name}.${sub.name}`);
  const object = isObject(present) ? present : {};
  const result = withMember(object, subKey(object, sub), normalised);
  // Whoever changes the id of a reference means another object: what described the old one goes.
  if (sub.name === 'value' && isObject(present) && present.value !== normalised && attributeNamed(definition.subAttributes, '$ref') !== null) {
    delete result.$ref;
    delete result.displayName;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

/** A multi-valued attribute without a filter: all of it, or one sub-attribute of its elements. */
function changedList(work: WorkBudget, op: Op, definition: AttributeDefinition, sub: AttributeDefinition | null, before: unknown[], value: unknown): unknown[] {
  if (sub !== null) return changedListSub(work, op, definition, sub, before, value);
  if (op === 'remove') {
    if (value === undefined || value === null) return [];
    return withoutElements(work, definition, before, normaliseGiven(definition, value));
  }
  const given = normaliseList(definition, elementsOf(value === '' ? null : value));
  if (op === 'replace') return mergeElements(work, definition, [], given);
  return given.length === 0 ? before : mergeElements(work, definition, before, given);
}

/** Values to remove need not be complete or valid, only comparable; `{}` names nobody. */
const normaliseGiven = (definition: AttributeDefinition, value: unknown): unknown[] => elementsIn(definition, elementsOf(value)).map((item) => spread(definition, item)).filter((item) => !isObject(item) || Object.keys(item).length > 0);

function changedListSub(work: WorkBudget, op: Op, definition: AttributeDefinition, sub: AttributeDefinition, before: unknown[], value: unknown): unknown[] {
  const path = `${definition.name}.${sub.name}`;
  const normalised = op === 'remove' ? undefined : normaliseSingle(sub, value, path);
  if (op === 'add' && normalised === undefined) return before;
  if (before.length === 0) return normalised === undefined ? before : [{ [sub.name]: normalised }];
  // One value for several elements would make them one; which is meant, a filter has to say.
  if (normalised !== undefined && before.length > 1 && (sub.name === 'value' || sub.name === 'primary')) {
    throw new ScimError(400, `${path}: there are ${before.length} values; say which one with a filter.`, 'noTarget', { attribute: path });
  }
  work.visit(before, 4);
  return before.map((element) => withSub(element, sub, normalised)).filter(saysSomething);
}
