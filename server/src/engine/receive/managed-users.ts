import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import type { RoleSettlement } from './role-settlement';

/**
 * Of these users, those whom a group of the connection may give a role. Grants know which connection made them, so end
 * users may have some of several; but an account that nobody provisioned is out of reach where the connection takes none
 * over, and an admin user where the connection is not linked to it: that is a person's decision.
 */
export async function managedUsers(
  deps: ReceiveDeps,
  settlement: RoleSettlement,
  ctx: ActorContext,
  users: LocalUser[],
  isGiven: (user: LocalUser) => boolean
): Promise<Set<string>> {
  const { id, population, policies } = ctx.connection;
  // Who is protected is dealt with, and told of, where roles are settled.
  const asked = users.filter((user) => user.protection === null && isGiven(user)).map((user) => user.ref);
  const everybody = new Set(users.map((user) => user.ref));
  if (asked.length === 0 || (population === 'end-users' && policies.joinBy.length > 0)) return everybody;
  const links = await deps.links.inboundOf('User', asked);
  const reached = new Set(links.filter((link) => population === 'end-users' || link.connectionId === id).map((link) => link.localId));
  for (const user of users) {
    if (!asked.includes(user.ref) || reached.has(user.ref)) continue;
    everybody.delete(user.ref);
    const name = String(user.resource.userName);
    await settlement.note(ctx, 'User', user.ref, name, 'refused', 'not-adoptable', `${name} existed before and does not belong to this connection: the membership is kept, the role is not given.`);
  }
  return everybody;
}
