import type { Filter } from '../filter/ast';
import { elementTest } from '../filter/evaluate';
import { invalidValue, quoted, ScimError } from '../messages/error';
import type { AttributeDefinition } from '../schema/definition';
import { isObject, isUnassigned, type PlainObject } from '../schema/json';
import { checkComparison } from '../schema/comparison';
import { attributeNamed } from '../schema/lookup';
import { normaliseSingle, outOfList } from '../schema/values';
import { saysSomething, withSub } from './elements';
import type { PatchOperation } from './operation';
import { invalidPath } from './target';
import type { WorkBudget } from './work-budget';

interface Selection {
  op: PatchOperation['op'];
  definition: AttributeDefinition;
  sub: AttributeDefinition | null;
  filter: Filter;
  /** RFC 7644 sections 3.5.2.3 and 3.12 to the letter: nothing selected is `noTarget`. */
  strict: boolean;
  work: WorkBudget;
}

/**
 * An operation on the elements a filter selects: `emails[type eq "work"]` or `emails[type eq "work"].value`. Where none
 * matches, add and replace make one from what the filter says, which Entra ID relies on; remove has then nothing to do.
 * A strict connection refuses all three.
 */
export function changeElements({ op, definition, sub, filter, strict, work }: Selection, before: unknown[], value: unknown): unknown[] {
  checkNames(filter, definition, strict);
  const selected = before.map(elementTest(filter, definition, work));
  const some = selected.includes(true);
  const path = `${definition.name}[]${sub === null ? '' : `.${sub.name}`}`;
  const wanted = op === 'remove' ? undefined : normaliseSingle(sub ?? definition, outOfList(sub ?? definition, value), path);
  if (wanted === undefined) {
    if (op === 'add') return before;
    if (!some && strict) throw noTarget(definition);
    if (!some) return before;
    if (sub === null) return before.filter((_element, index) => !selected[index]);
    return before.map((element, index) => (selected[index] ? withSub(element, sub, undefined) : element)).filter((element, index) => !selected[index] || saysSomething(element));
  }
  if (!some && strict) throw noTarget(definition);
  if (!some) return [...before, madeFrom(filter, definition, sub, wanted)];
  // Replacing keeps what the filter says of the element, unless the new value says otherwise.
  const kept = clauses(filter, definition) ?? {};
  return before.map((element, index) => {
    if (!selected[index]) return element;
    if (sub !== null) return withSub(element, sub, wanted);
    if (!isObject(wanted)) throw invalidValue(path, 'must be an object.');
    return { ...(op === 'add' ? asObject(element) : kept), ...wanted };
  });
}

function madeFrom(filter: Filter, definition: AttributeDefinition, sub: AttributeDefinition | null, wanted: unknown): PlainObject {
  const seed = clauses(filter, definition);
  const values: PlainObject = sub === null ? asObject(wanted) : { [sub.name]: wanted };
  // A filter on what is being set means an element that should exist: making another would be a guess.
  const guess = seed === null || Object.entries(values).some(([name, value]) => Object.hasOwn(seed, name) && seed[name] !== value);
  if (guess) throw noTarget(definition);
  return { ...seed, ...values };
}

const noTarget = ({ name }: AttributeDefinition): ScimError => new ScimError(400, `${name}: no value matches the filter.`, 'noTarget', { attribute: name });

/** What every match of the filter has: its `eq` clauses. Null where the filter is more than a conjunction of those. */
function clauses(filter: Filter, definition: AttributeDefinition): PlainObject | null {
  if (filter.kind === 'and') {
    const [left, right] = [clauses(filter.left, definition), clauses(filter.right, definition)];
    return left === null || right === null ? null : { ...left, ...right };
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || isUnassigned(filter.value)) return null;
  const sub = attributeNamed(definition.subAttributes, filter.path.attribute);
  return sub === null ? null : { [sub.name]: normaliseSingle(sub, filter.value, `${definition.name}.${sub.name}`) };
}

/** A filter in a path names declared sub-attributes only, and compares them with values they can have. */
export function checkNames(filter: Filter, definition: AttributeDefinition, strict: boolean): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkNames(filter.left, definition, strict);
    checkNames(filter.right, definition, strict);
  } else if (filter.kind === 'not') {
    checkNames(filter.filter, definition, strict);
  } else {
    const { attribute } = filter.path;
    const sub = attributeNamed(definition.subAttributes, attribute);
    if (sub === null) throw invalidPath(`${definition.name} has no sub-attribute ${quoted(attribute)}.`);
    if (filter.kind === 'compare') checkComparison(sub, filter, `${definition.name}.${sub.name}`, strict);
  }
}

const asObject = (value: unknown): PlainObject => (isObject(value) ? value : {});
