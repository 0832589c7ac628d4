import type { RoleMode } from '../../contracts/connection';

/** A role that a group (or, with group 0, the user's own `roles` attribute) is to give. */
export interface WantedGrant {
  roleId: number;
  groupId: number;
  priority: number;
  mode: RoleMode;
}

export interface GrantSituation<G extends WantedGrant> {
  /** What the mappings give for the groups the user is in now. */
  wanted: WantedGrant[];
  /** What this connection gave so far. */
  present: G[];
  /** Roles the user has that nobody's grant explains: a person gave them. */
  heldByHand: ReadonlySet<number>;
  /** Only grants of these sources are looked at; the others stay. */
  inScope(groupId: number): boolean;
}

export interface GrantPlan<G extends WantedGrant> {
  add: WantedGrant[];
  /** The same grant with another priority or mode. */
  change: WantedGrant[];
  revoke: G[];
}

const isSame = (a: WantedGrant, b: WantedGrant): boolean => a.roleId === b.roleId && a.groupId === b.groupId;

/**
 * Grants of one user after a change of groups or of the table. Only `authoritative` grants are taken back. `initial-only`
 * gives while the connection never gave this user anything; what it gave stays, as with `additive`.
 */
export function planGrants<G extends WantedGrant>({ wanted, present, heldByHand, inScope }: GrantSituation<G>): GrantPlan<G> {
  const isNew = wanted.filter((grant) => !present.some((other) => isSame(other, grant)));
  return {
    add: isNew.filter((grant) => !heldByHand.has(grant.roleId) && (grant.mode !== 'initial-only' || present.length === 0)),
    change: wanted.filter((grant) => present.some((other) => isSame(other, grant) && (other.priority !== grant.priority || other.mode !== grant.mode))),
    revoke: present.filter((grant) => inScope(grant.groupId) && grant.mode === 'authoritative' && !wanted.some((other) => isSame(other, grant))),
  };
}
