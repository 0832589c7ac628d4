/** Whom an outbound connection provisions, what happens to those who leave, and which operations it may do. */

export const SCOPE_OPERATORS = [
  'equals',
  'not-equals',
  'contains',
  'starts-with',
  'ends-with',
  'present',
  'absent',
  'greater',
  'less',
  'one-of',
  'member-of',
  'not-member-of',
] as const;
export type ScopeOperator = (typeof SCOPE_OPERATORS)[number];

export type ScopeValue = string | number | boolean;

/** One comparison. Nothing is said of an attribute with several values but of any of them: `not-equals` is "none equals". */
export interface ScopeCondition {
  /** SCIM path (`userName`, `emails`, `urn:...:User:department`), or `role`, `group`, `provider`, `confirmed`, `created`. */
  attribute: string;
  operator: ScopeOperator;
  /** Not with `present` and `absent`; a list with `one-of`, `member-of` and `not-member-of`. */
  value?: ScopeValue | ScopeValue[];
}

export const SCOPE_MATCHES = ['all', 'any'] as const;

/** Clauses joined by AND (`all`) or OR (`any`). */
export interface ScopeBranch {
  match: (typeof SCOPE_MATCHES)[number];
  clauses: ScopeClause[];
}

export type ScopeClause = ScopeCondition | ScopeBranch;

export const ASSIGNMENTS = ['everyone', 'assigned'] as const;

/** In scope is who satisfies the clauses and, with `assigned`, was also assigned by hand. No clauses: all satisfy them. */
export interface Scope extends ScopeBranch {
  assignment: (typeof ASSIGNMENTS)[number];
}

/**
 * What happens at the application. `disable`: `active` becomes false; `remove-groups`: the person leaves all groups there;
 * `nothing`: stays as it is; `unlink`: stays as it is and is forgotten here.
 */
export const LEAVING_ACTIONS = ['disable', 'delete', 'remove-groups', 'nothing', 'unlink'] as const;
export type LeavingAction = (typeof LEAVING_ACTIONS)[number];

export interface LeavingRule {
  action: LeavingAction;
  /** Days between the event and the action, 0 to 365. Who comes back within them is left alone. */
  graceDays: number;
}

/** The person left the scope, was blocked in Strapi, was deleted in Strapi. */
export const LEAVING_EVENTS = ['outOfScope', 'blocked', 'deleted'] as const;
export type LeavingEvent = (typeof LEAVING_EVENTS)[number];

/** Which operations are done. One that is off is skipped and logged once. An activation is an update. */
export const SWITCHES = ['create', 'update', 'deactivate', 'delete'] as const;
export type Switch = (typeof SWITCHES)[number];

/** What becomes groups of the application: roles of the population, groups that providers pushed, or both. */
export const GROUP_SOURCES = ['none', 'roles', 'groups', 'roles-and-groups'] as const;
export type GroupSource = (typeof GROUP_SOURCES)[number];

/** `leave`: stays at the application as it is, and is forgotten here. */
export const GROUP_ENDINGS = ['delete', 'leave'] as const;
export type GroupEnding = (typeof GROUP_ENDINGS)[number];

/** Which groups a connection keeps at the application. Members are the people who are linked in the connection. */
export interface GroupPolicy {
  source: GroupSource;
  /** Only these: `role:3`, or the SCIM id of a group. Null: all that the source has. */
  only: string[] | null;
  /** The role or group no longer exists in Strapi. */
  whenDeleted: GroupEnding;
  /** It exists, and this connection is not to have it any more. */
  whenNotChosen: GroupEnding;
}

/**
 * What becomes of something that was changed at the application: `report` it and leave it; `overwrite` it with what Strapi says;
 * `accept` it until it changes in Strapi.
 */
export const DRIFT_POLICIES = ['report', 'overwrite', 'accept'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

export interface OutboundPolicies {
  scope: Scope;
  leaving: Record<LeavingEvent, LeavingRule>;
  switches: Record<Switch, boolean>;
  groups: GroupPolicy;
  /** Left out: `report`. */
  drift?: DriftPolicy;
  /** Off: changes are noted, and sent by runs and schedules only. */
  realTime?: boolean;
  /** Most requests that the application is sent in any minute, by all instances together; null or left out: no limit. */
  requestsPerMinute?: number | null;
}

/** In `POST` and `PUT` of a connection; what is left out keeps its value. A scope is replaced as a whole. */
export interface OutboundPoliciesInput {
  scope?: Scope;
  leaving?: Partial<Record<LeavingEvent, LeavingRule>>;
  switches?: Partial<Record<Switch, boolean>>;
  groups?: Partial<GroupPolicy>;
  drift?: DriftPolicy;
  realTime?: boolean;
  requestsPerMinute?: number | null;
}

/** `POST /connections/:id/scope/count`; body `{ scope? }`, left out: the stored one. */
export interface ScopeCount {
  /** Users in scope; where `complete` is false, among those that were looked at. */
  matching: number;
  /** Users of the population. */
  total: number;
  /** False: the clauses cannot be answered by the database, and only `looked` users were looked at. */
  complete: boolean;
  looked: number;
}

/** How one clause went, in the shape of the scope. */
export interface ScopeClauseResult {
  holds: boolean;
  /** For people: `department equals “Sales”`. */
  text: string;
  /** Of a branch. */
  clauses?: ScopeClauseResult[];
}

export interface ScopeVerdict extends ScopeClauseResult {
  /** One sentence; of somebody out of scope it names the clause that failed. */
  reason: string;
}

/** `POST /connections/:id/scope/test`; body `{ userId, scope? }`. */
export interface ScopeTest {
  user: { id: string; userName: string };
  /** Null where only clauses decide. */
  assigned: boolean | null;
  verdict: ScopeVerdict;
}

/** `GET /connections/:id/assigned`, oldest assignment first. */
export interface AssignedPage {
  results: { id: string; userName: string; assignedAt: string }[];
  nextCursor: string | null;
}

/** Bodies of `POST /connections/:id/assigned` and `.../assigned/remove`: SCIM ids or account ids, at most 1,000. */
export interface AssignmentInput {
  userIds: (string | number)[];
}
