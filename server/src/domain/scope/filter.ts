import type { Scope, ScopeClause, ScopeCondition, ScopeValue } from '../../contracts/scope';
import type { AttributePath, Filter } from '../../scim/filter/ast';
import { splitAttributePath } from '../../scim/filter/path';
import { isBranch } from '../connection/outbound';
import { ProvisioningError } from '../errors';
import { SCOPE_URN, VIRTUAL_ATTRIBUTES } from './subject';

/** Null where the text is no path. */
export function scopePath(attribute: string): AttributePath | null {
  const virtual = attribute.toLowerCase();
  if (VIRTUAL_ATTRIBUTES.has(virtual)) return { schema: SCOPE_URN, attribute: virtual, subAttribute: null };
  return splitAttributePath(attribute);
}

/** A condition as a SCIM filter, so that it compares by the schema's own rules, in memory and in the database. */
export function conditionFilter({ attribute, operator, value }: ScopeCondition): Filter {
  const path = scopePath(attribute);
  if (path === null) throw new ProvisioningError('invalid-filter', `${attribute} is not an attribute path.`);
  const compare = (how: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'lt', wanted: ScopeValue): Filter => ({ kind: 'compare', path, operator: how, value: wanted });
  const equalsAny = (): Filter => joined('or', listOf(value).map((wanted) => compare('eq', wanted))) ?? NOBODY;
  const single = listOf(value)[0] ?? '';
  switch (operator) {
    case 'present':
      return { kind: 'present', path };
    case 'absent':
      return not({ kind: 'present', path });
    case 'equals':
      return compare('eq', single);
    // Not SCIM's `ne`, which holds as soon as one of several values differs.
    case 'not-equals':
      return not(compare('eq', single));
    case 'contains':
      return compare('co', single);
    case 'starts-with':
      return compare('sw', single);
    case 'ends-with':
      return compare('ew', single);
    case 'greater':
      return compare('gt', single);
    case 'less':
      return compare('lt', single);
    case 'one-of':
    case 'member-of':
      return equalsAny();
    case 'not-member-of':
      return not(equalsAny());
  }
}

/** All clauses as one filter; null where there are none, and so everybody satisfies them. */
export function clauseFilter(clause: ScopeClause): Filter | null {
  if (!isBranch(clause)) return conditionFilter(clause);
  return joined(clause.match === 'all' ? 'and' : 'or', clause.clauses.flatMap((inner) => clauseFilter(inner) ?? []));
}

export const scopeFilter = (scope: Scope): Filter | null => clauseFilter(scope);

export const listOf = (value: ScopeCondition['value']): ScopeValue[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const not = (filter: Filter): Filter => ({ kind: 'not', filter });

/** Everybody has a name. */
const NOBODY: Filter = not({ kind: 'present', path: { schema: null, attribute: 'userName', subAttribute: null } });

function joined(kind: 'and' | 'or', filters: Filter[]): Filter | null {
  const [first, ...others] = filters;
  return first === undefined ? null : others.reduce((left, right): Filter => ({ kind, left, right }), first);
}
