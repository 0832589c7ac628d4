import type { Resource } from '../resource/resource';
import { setValueAt, valueAt } from './path';

/** source -> target for one attribute; paths are SCIM attribute paths. */
export interface MappingRule {
  target: string;
  from: { kind: 'direct'; source: string } | { kind: 'constant'; value: unknown };
  /** Used when the source is unassigned. */
  default?: unknown;
  /** `create`: only when the object is made, later values of the target are left alone. */
  apply: 'always' | 'create' | 'never';
}

export const direct = (path: string): MappingRule => ({ target: path, from: { kind: 'direct', source: path }, apply: 'always' });

const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/**
 * The target's wanted state. On an update, attributes of rules that apply on create only keep the `known` value, so
 * that they never show up as a difference.
 */
export function mapResource(rules: MappingRule[], source: Resource, schemas: string[], known: Resource | null): Resource {
  const target: Resource = { schemas };
  for (const rule of rules) {
    if (rule.apply === 'never') continue;
    const keepsKnown = rule.apply === 'create' && known !== null;
    const mapped = rule.from.kind === 'constant' ? rule.from.value : valueAt(source, rule.from.source);
    const value = keepsKnown ? valueAt(known, rule.target) : isUnassigned(mapped) ? rule.default : mapped;
    if (!isUnassigned(value)) setValueAt(target, rule.target, structuredClone(value));
  }
  target.schemas = [...new Set([...schemas, ...Object.keys(target).filter((name) => name.includes(':'))])];
  return target;
}
