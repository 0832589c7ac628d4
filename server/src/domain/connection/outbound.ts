import type { DriftPolicy, OutboundPolicies, OutboundPoliciesInput, Scope, ScopeClause, ScopeCondition } from '../../contracts/scope';
import type { Connection } from './connection';

const EVERYONE: Scope = { assignment: 'everyone', match: 'all', clauses: [] };

/** What a new outbound connection does until an admin says otherwise. */
export const DEFAULT_OUTBOUND: OutboundPolicies = {
  scope: EVERYONE,
  leaving: {
    outOfScope: { action: 'disable', graceDays: 0 },
    blocked: { action: 'disable', graceDays: 0 },
    deleted: { action: 'delete', graceDays: 0 },
  },
  switches: { create: true, update: true, deactivate: true, delete: true },
  groups: { source: 'none', only: null, whenDeleted: 'delete', whenNotChosen: 'leave' },
  drift: 'report',
  realTime: true,
  requestsPerMinute: null,
};

export const mergeOutbound = (present: OutboundPolicies, input: OutboundPoliciesInput | null): OutboundPolicies => ({
  scope: input?.scope ?? present.scope,
  leaving: { ...present.leaving, ...input?.leaving },
  switches: { ...present.switches, ...input?.switches },
  groups: { ...present.groups, ...input?.groups },
  drift: input?.drift ?? present.drift ?? 'report',
  realTime: input?.realTime ?? present.realTime ?? true,
  requestsPerMinute: input?.requestsPerMinute === undefined ? (present.requestsPerMinute ?? null) : input.requestsPerMinute,
});

export const outboundOf = (connection: Pick<Connection, 'outbound'>): OutboundPolicies => connection.outbound ?? DEFAULT_OUTBOUND;

export const driftPolicyOf = (connection: Pick<Connection, 'outbound'>): DriftPolicy => outboundOf(connection).drift ?? 'report';

/** Whether anything differs from "everybody, at once": only then something has to be remembered of who takes no part. */
export function isSelective({ scope, leaving, switches }: OutboundPolicies): boolean {
  if (scope.assignment !== 'everyone' || scope.clauses.length > 0) return true;
  if (Object.values(switches).includes(false)) return true;
  const { blocked, deleted } = DEFAULT_OUTBOUND.leaving;
  return [
    [leaving.blocked, blocked],
    [leaving.deleted, deleted],
  ].some(([own, usual]) => own?.action !== usual?.action || own?.graceDays !== 0);
}

export const isBranch = (clause: ScopeClause): clause is Extract<ScopeClause, { clauses: ScopeClause[] }> => 'clauses' in clause;

/** Every comparison of a scope, however deep. */
export const conditionsOf = (clause: ScopeClause): ScopeCondition[] => (isBranch(clause) ? clause.clauses.flatMap(conditionsOf) : [clause]);

/** Whether joining or leaving a group that a provider pushed is something the connection has to hear of. */
export const hearsOfGroups = (connection: Connection): boolean => asksGroups(connection) || ['groups', 'roles-and-groups'].includes(outboundOf(connection).groups.source);

/** Whether joining or leaving a group may change who is in scope. */
export const asksGroups = (connection: Connection): boolean =>
  conditionsOf(outboundOf(connection).scope).some((condition) => condition.attribute.toLowerCase() === 'group');
