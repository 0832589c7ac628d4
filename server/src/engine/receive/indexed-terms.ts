import type { AttributePath, Filter } from '../../scim/filter/ast';

/** `attribute eq "value"` that every match of the filter must satisfy. */
export interface EqualityTerm {
  /** Lower case, dotted, without schema: `username`, `emails.value`. */
  path: string;
  value: string;
}

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(user|group)$/i;

function pathText(path: AttributePath): string | null {
  if (path.schema !== null && !CORE.test(path.schema)) return null;
  return [path.attribute, path.subAttribute].filter((part) => part !== null).join('.').toLowerCase();
}

/**
 * The equalities a filter is an intersection of. An index answers one of them, the rest of the filter is then
 * evaluated on the few objects found.
 */
export function equalityTerms(filter: Filter): EqualityTerm[] {
  if (filter.kind === 'and') return [...equalityTerms(filter.left), ...equalityTerms(filter.right)];
  if (filter.kind === 'compare' && filter.operator === 'eq' && typeof filter.value === 'string') {
    const path = pathText(filter.path);
    return path === null ? [] : [{ path, value: filter.value }];
  }
  if (filter.kind === 'valuePath') {
    const path = pathText(filter.path);
    if (path === null) return [];
    const inner = equalityTerms(filter.filter).map((term) => ({ path: `${path}.${term.path}`, value: term.value }));
    const comparison = filter.comparison;
    if (comparison === null || comparison.operator !== 'eq' || !('value' in comparison) || typeof comparison.value !== 'string') return inner;
    return [...inner, { path: `${path}.${comparison.subAttribute.toLowerCase()}`, value: comparison.value }];
  }
  return [];
}
