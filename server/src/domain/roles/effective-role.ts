/** A role offered by a group; the highest priority wins, then the lowest role id so that every instance agrees. */
export interface RoleOffer {
  roleId: number;
  priority: number;
}

export interface OneRoleSituation {
  presentRoleId: number | null;
  /** Role provisioning set last, null if it never did. */
  appliedRoleId: number | null;
  offers: RoleOffer[];
  connectionDefaultRoleId: number | null;
  siteDefaultRoleId: number | null;
}

export type OneRoleDecision = { change: false; pinned: boolean } | { change: true; roleId: number };

/**
 * Role of an end user, who has exactly one. A role that a person chose by hand stays ("manual pin"): it is recognised
 * by being neither what provisioning set nor, before provisioning ever set one, the site's default.
 */
export function decideOneRole(situation: OneRoleSituation): OneRoleDecision {
  const { presentRoleId, appliedRoleId, siteDefaultRoleId } = situation;
  const expected = appliedRoleId ?? siteDefaultRoleId;
  // Without an offer and without a role of ours to take back there is nothing to decide.
  const wanted = best(situation.offers)?.roleId ?? (appliedRoleId === null ? null : (situation.connectionDefaultRoleId ?? siteDefaultRoleId));
  if (wanted === null || wanted === presentRoleId) return { change: false, pinned: false };
  if (presentRoleId !== null && presentRoleId !== expected) return { change: false, pinned: true };
  return { change: true, roleId: wanted };
}

/** Role of an end user who starts anew: the best offer, else the default of the connection, else the one of the site. */
export function startingRole({ offers, connectionDefaultRoleId, siteDefaultRoleId }: Pick<OneRoleSituation, 'offers' | 'connectionDefaultRoleId' | 'siteDefaultRoleId'>): number | null {
  return best(offers)?.roleId ?? connectionDefaultRoleId ?? siteDefaultRoleId;
}

const best = (offers: RoleOffer[]): RoleOffer | undefined => [...offers].sort((a, b) => b.priority - a.priority || a.roleId - b.roleId)[0];

export interface ManyRolesSituation {
  presentRoleIds: number[];
  /** Roles groups of any connection give to the user now. */
  granted: number[];
  /** Roles that were given by groups and no longer are. */
  revoked: number[];
  /** Roles that were given once and are never taken back (additive, initial-only). */
  kept?: number[];
}

/** Roles of an admin user: what groups give is added, only what groups gave is taken away. */
export function decideManyRoles({ presentRoleIds, granted, revoked, kept = [] }: ManyRolesSituation): number[] {
  const taken = new Set(revoked.filter((roleId) => !granted.includes(roleId) && !kept.includes(roleId)));
  return [...new Set([...presentRoleIds.filter((roleId) => !taken.has(roleId)), ...granted])].sort((a, b) => a - b);
}
