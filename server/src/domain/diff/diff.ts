import type { AttributeChange } from '../../contracts/operation';
import type { Resource } from '../resource/resource';
import { canonicalJson } from './canonical';

/** Never part of a comparison: they are derived (RFC 7643 section 3.1). */
const DERIVED = new Set(['schemas', 'id', 'meta', 'groups']);

const isComplex = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Order of a multi-valued attribute has no meaning (RFC 7643 section 2.4). */
const comparable = (value: unknown): string =>
  Array.isArray(value) ? value.map(canonicalJson).sort().join() : canonicalJson(value);

/**
 * What differs between two states of a resource, one entry per attribute, complex attributes by sub-attribute.
 * "Unassigned" has many spellings (absent, null, "", []) and they are all equal (RFC 7643 section 2.5).
 */
export function diffResources(before: Resource | null, after: Resource): AttributeChange[] {
  const changes: AttributeChange[] = [];
  const compare = (path: string, old: unknown, wanted: unknown, separator: '.' | ':'): void => {
    if (isEmpty(old) && isEmpty(wanted)) return;
    if (isComplex(old) || isComplex(wanted)) {
      const oldPart = isComplex(old) ? old : {};
      const wantedPart = isComplex(wanted) ? wanted : {};
      for (const name of new Set([...Object.keys(oldPart), ...Object.keys(wantedPart)])) {
        compare(`${path}${separator}${name}`, oldPart[name], wantedPart[name], '.');
      }
      return;
    }
    if (comparable(old) !== comparable(wanted)) {
      changes.push({ path, before: old ?? null, after: isEmpty(wanted) ? null : wanted });
    }
  };
  for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after)])) {
    if (DERIVED.has(name)) continue;
    compare(name, before?.[name], after[name], name.includes(':') ? ':' : '.');
  }
  return changes;
}
