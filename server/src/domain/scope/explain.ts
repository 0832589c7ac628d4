import type { Scope, ScopeClause, ScopeClauseResult, ScopeCondition, ScopeOperator, ScopeVerdict } from '../../contracts/scope';
import { matches } from '../../scim/filter/evaluate';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import { isBranch } from '../connection/outbound';
import type { Resource } from '../resource/resource';
import { conditionFilter, listOf, scopeFilter } from './filter';

/** Whether a user (`subjectOf`) satisfies the clauses. The reference for every other evaluation. */
export function satisfies(scope: Scope, subject: Resource, type: ResourceTypeDefinition): boolean {
  const filter = scopeFilter(scope);
  return filter === null || matches(filter, subject, type);
}

/** The same clause by clause. `assigned`: whether the person was assigned by hand. Tells nothing of the user's own values. */
export function explain(scope: Scope, subject: Resource, type: ResourceTypeDefinition, assigned: boolean): ScopeVerdict {
  const clauses = scope.clauses.map((clause) => explainClause(clause, subject, type));
  const satisfied = holds(scope.match, clauses);
  const isAssigned = scope.assignment === 'everyone' || assigned;
  const result = { holds: satisfied && isAssigned, text: textOf(scope), clauses };
  if (!isAssigned) return { ...result, reason: 'Out of scope: not assigned to this connection.' };
  if (!satisfied) return { ...result, reason: `Out of scope: ${failure({ match: scope.match, clauses })}` };
  if (scope.clauses.length > 0) return { ...result, reason: 'In scope: the clauses hold.' };
  return { ...result, reason: scope.assignment === 'assigned' ? 'In scope: assigned by hand.' : 'Every active account of the population is in scope.' };
}

function explainClause(clause: ScopeClause, subject: Resource, type: ResourceTypeDefinition): ScopeClauseResult {
  if (!isBranch(clause)) return { holds: matches(conditionFilter(clause), subject, type), text: textOf(clause) };
  const clauses = clause.clauses.map((inner) => explainClause(inner, subject, type));
  return { holds: holds(clause.match, clauses), text: textOf(clause), clauses };
}

const holds = (match: Scope['match'], clauses: ScopeClauseResult[]): boolean =>
  match === 'all' || clauses.length === 0 ? clauses.every((clause) => clause.holds) : clauses.some((clause) => clause.holds);

/** Which clause failed: of AND the first that does not hold, of OR all of them. */
function failure({ match, clauses }: { match: Scope['match']; clauses: ScopeClauseResult[] }): string {
  const failed = clauses.filter((clause) => !clause.holds);
  const [first] = failed;
  if (first === undefined) return 'nothing holds.';
  if (match === 'all' || failed.length === 1) return `“${first.text}” does not hold.`;
  return `none of ${failed.map((clause) => `“${clause.text}”`).join(', ')} holds.`;
}

const WORDS: Readonly<Record<ScopeOperator, string>> = {
  equals: 'equals',
  'not-equals': 'does not equal',
  contains: 'contains',
  'starts-with': 'starts with',
  'ends-with': 'ends with',
  present: 'is present',
  absent: 'is absent',
  greater: 'is greater than',
  less: 'is less than',
  'one-of': 'is one of',
  'member-of': 'is member of',
  'not-member-of': 'is not member of',
};

const LISTED = 5;

function textOf(clause: ScopeClause): string {
  if (!isBranch(clause)) return conditionText(clause);
  return clause.clauses.map((inner) => (isBranch(inner) ? `(${textOf(inner)})` : textOf(inner))).join(clause.match === 'all' ? ' and ' : ' or ');
}

function conditionText({ attribute, operator, value }: ScopeCondition): string {
  const values = listOf(value);
  const more = values.length > LISTED ? ` and ${values.length - LISTED} more` : '';
  const listed = values.slice(0, LISTED).map(String).join(', ');
  return `${attribute.replace(/^urn:.*:/, '')} ${WORDS[operator]}${values.length === 0 ? '' : ` ${listed}${more}`}`;
}
