import type { MappingRule, RuleResult } from '../../contracts/mapping';
import { USER_URN } from '../../scim/schema/urns';
import { isUnassigned } from '../../scim/schema/json';
import { ProvisioningError } from '../errors';
import type { Resource } from '../resource/resource';
import { fitted, kindMismatch } from './attribute-kinds';
import { compileExpression } from './expression/compile';
import { UniqueValue } from './expression/values';
import { clearAt, mappingPath, setValueAt, valueAt } from './path';

/** The rule that takes an attribute over as it is. */
export const direct = (path: string): MappingRule => ({ target: path, source: { kind: 'direct', path }, when: 'always', emptyPolicy: 'clear' });

/** What rules make of a source object. */
export interface Mapping {
  /** The target's wanted state, as far as the rules manage it. */
  resource: Resource;
  /** One per rule, in their order. */
  results: RuleResult[];
}

/**
 * Applies rules to a source object; `known` is what the target holds as far as is remembered, null: it has no such object.
 * Pure: equal input gives equal output. A rule that fails has the outcome `error` and writes nothing.
 */
export function applyRules(rules: readonly MappingRule[], source: Resource, known: Resource | null): Mapping {
  const resource: Resource = { schemas: [USER_URN] };
  const results = rules.map((rule): RuleResult => {
    const { value, ...result } = applyRule(rule, source, known);
    if (isUnassigned(value)) return { target: rule.target, ...result };
    setValueAt(resource, rule.target, structuredClone(value));
    return { target: rule.target, ...result, value };
  });
  dropBareElements(rules, resource);
  return { resource: withSchemas(resource), results };
}

/** The same, where a rule that fails ends the work on this object: ProvisioningError `mapping-failed`, which names the attribute. */
export function mapResource(rules: readonly MappingRule[], source: Resource, known: Resource | null): Mapping {
  const mapping = applyRules(rules, source, known);
  const failed = mapping.results.find((result) => result.outcome === 'error');
  if (failed === undefined) return mapping;
  const at = failed.line === undefined ? '' : ` (line ${failed.line}, column ${failed.column})`;
  throw new ProvisioningError('mapping-failed', `The rule for ${failed.target} failed${at}: ${failed.message}`, { attribute: failed.target });
}

/**
 * Of an object, what the rules manage: the rest is not ours to compare, to change or to clear. So an attribute whose rule
 * was taken away or switched off stays at the target as it is.
 */
export function reduceResource(rules: readonly MappingRule[], held: Resource): Resource {
  const reduced: Resource = { schemas: [USER_URN] };
  for (const { target, when } of rules) {
    const value = when === 'never' ? undefined : valueAt(held, target);
    if (!isUnassigned(value)) setValueAt(reduced, target, structuredClone(value));
  }
  return withSchemas(reduced);
}

/** Lists of which rules manage single elements: of these the target may hold others, which are not ours. */
export function sharedLists(rules: readonly MappingRule[]): string[] {
  const paths = rules.flatMap(({ target, when }) => (when !== 'never' && mappingPath(target).element !== null ? [target.slice(0, target.indexOf('['))] : []));
  return [...new Set(paths)];
}

/** The target's list with our elements as we want them and all others as they are. */
export function mergeSharedList(rules: readonly MappingRule[], list: string, held: Resource, wanted: Resource): unknown {
  const merged: Resource = { schemas: [] };
  const present = valueAt(held, list);
  if (Array.isArray(present)) setValueAt(merged, list, structuredClone(present));
  for (const { target, when } of rules) {
    if (when !== 'always' || !target.startsWith(`${list}[`)) continue;
    const value = valueAt(wanted, target);
    if (isUnassigned(value)) clearAt(merged, target);
    else setValueAt(merged, target, structuredClone(value));
  }
  return valueAt(merged, list);
}

type Outcome = Omit<RuleResult, 'target'>;

function applyRule(rule: MappingRule, source: Resource, known: Resource | null): Outcome {
  if (rule.when === 'never') return { outcome: 'off' };
  const present = known === null ? undefined : valueAt(known, rule.target);
  if (rule.when === 'on-create' && known !== null) return { outcome: 'kept', value: present };
  const found = readSource(rule, source);
  if (found.outcome === 'error') return found;
  if (found.value instanceof UniqueValue) {
    const { candidates } = found.value;
    // What was chosen before stays chosen for as long as it is one of the choices.
    if (typeof present === 'string' && candidates.includes(present)) return { outcome: 'value', value: present };
    if (candidates.length > 0) return { outcome: 'value', value: candidates[0], candidates: [...candidates] };
  } else if (!isUnassigned(found.value)) {
    const value = fitted(rule.target, found.value);
    const mismatch = kindMismatch(rule.target, value);
    return mismatch === null ? { outcome: 'value', value } : { outcome: 'error', message: mismatch };
  }
  if (!isUnassigned(rule.default)) return { outcome: 'default', value: rule.default };
  return rule.emptyPolicy === 'leave' && known !== null ? { outcome: 'kept', value: present } : { outcome: 'empty' };
}

function readSource({ source: from }: MappingRule, source: Resource): Outcome {
  switch (from.kind) {
    case 'direct':
      return { outcome: 'value', value: valueAt(source, from.path) };
    case 'constant':
      return { outcome: 'value', value: from.value };
    case 'expression': {
      const compiled = compileExpression(from.expression);
      const result = compiled.ok ? compiled.expression.evaluate(source) : compiled;
      return result.ok ? { outcome: 'value', value: result.value } : { outcome: 'error', ...result.problem };
    }
  }
}

/** An element whose value is empty is no element, whatever other rules say of it (its type, whether it is the primary one). */
function dropBareElements(rules: readonly MappingRule[], resource: Resource): void {
  for (const { target, when } of rules) {
    if (when === 'never' || mappingPath(target).element?.sub !== 'value' || !isUnassigned(valueAt(resource, target))) continue;
    clearAt(resource, target.slice(0, target.lastIndexOf('.')));
  }
}

const withSchemas = (resource: Resource): Resource => ({
  ...resource,
  schemas: [...new Set([USER_URN, ...Object.keys(resource).filter((name) => name.includes(':'))])],
});
