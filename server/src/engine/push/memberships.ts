import type { Connection } from '../../domain/connection/connection';
import { isChosen, pushesGroups, pushesRoles, roleKey } from '../../domain/groups/choice';
import type { ConnectionStore } from '../../ports/connection-store';
import type { GroupStore } from '../../ports/group-store';
import type { LinkStore } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { Outbox } from '../../ports/outbox';
import type { PushedMembers } from '../../ports/pushed-members';
import { belongings } from '../receive/nested-groups';

/**
 * What becomes of a person's memberships at the application. `keep`: they take part, and are in the groups they are in here;
 * `end`: out of every group; `stay`: as it is, for now; `forget`: as it is, for good.
 */
export type MembershipFate = 'keep' | 'end' | 'stay' | 'forget';

export interface MembershipDeps {
  connections: ConnectionStore;
  groups: GroupStore;
  links: LinkStore;
  outbox: Outbox;
  pushedMembers: PushedMembers;
}

/** Groups a person is in as far as a connection keeps them at its application: roles, and groups that others' systems pushed. */
export async function groupKeysOf(connection: Connection, user: LocalUser, deps: Pick<MembershipDeps, 'connections' | 'groups'>): Promise<string[]> {
  const keys = pushesRoles(connection) ? user.roleIds.map(roleKey) : [];
  if (pushesGroups(connection)) {
    for (const { group } of (await belongings(deps.groups, null, [user.ref])).get(user.ref) ?? []) {
      if (!(await isOwn(connection, group.connectionId, deps))) keys.push(group.scimId);
    }
  }
  return [...new Set(keys)].filter((key) => isChosen(connection, key));
}

/** What the connection's own system pushed is not sent back to it. */
export async function isOwn(connection: Connection, providerId: number, deps: Pick<MembershipDeps, 'connections'>): Promise<boolean> {
  return (await deps.connections.get(providerId))?.system === connection.system;
}

/**
 * Notes which groups the person is to be in from now on, and marks those that have something to send. In the transaction that
 * settles the person, after their link: a member is added once the application knows them, and never forgotten by a crash.
 */
export async function followMemberships(connection: Connection, personId: string, user: LocalUser | null, fate: MembershipFate, deps: MembershipDeps): Promise<void> {
  if (fate === 'stay' || (!pushesRoles(connection) && !pushesGroups(connection))) return;
  if (fate === 'forget') return deps.pushedMembers.forgetPerson(connection.id, personId);
  const { keys, remoteId } = await wantedOf(connection, personId, user, fate, deps);
  const toSend = await deps.pushedMembers.follow(connection.id, personId, keys, remoteId);
  if (toSend.length > 0) await deps.outbox.mark([connection.id], 'Group', toSend, null);
}

/** Whether `followMemberships` would note anything; writes nothing. */
export async function membershipsDiffer(connection: Connection, personId: string, user: LocalUser | null, fate: MembershipFate, deps: MembershipDeps): Promise<boolean> {
  if (fate === 'stay' || (!pushesRoles(connection) && !pushesGroups(connection))) return false;
  const { keys, remoteId } = await wantedOf(connection, personId, user, fate, deps);
  return deps.pushedMembers.differs(connection.id, personId, keys, remoteId);
}

async function wantedOf(connection: Connection, personId: string, user: LocalUser | null, fate: MembershipFate, deps: MembershipDeps): Promise<{ keys: string[]; remoteId: string | null }> {
  const link = fate === 'keep' && user !== null ? await deps.links.get(connection.id, 'User', personId) : null;
  const remoteId = link?.remoteId ?? null;
  return { remoteId, keys: remoteId === null || user === null ? [] : await groupKeysOf(connection, user, deps) };
}
