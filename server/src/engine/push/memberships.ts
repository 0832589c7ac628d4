import type { Connection } from '../../domain/connection/connection';
import { isChosen, pushesGroups, pushesRoles, roleKey } from '../../domain/groups/choice';
import type { ConnectionStore } from '../../ports/connection-store';
import type { GroupStore } from '../../ports/group-store';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { Outbox } from '../../ports/outbox';
import type { NotedMembership, PushedMembers } from '../../ports/pushed-members';
import { belongings } from '../receive/nested-groups';

/**
 * What becomes of a person's memberships at the application. `keep`: they take part, and are in the groups they are in here;
 * `end`: out of every group; `stay`: as it is, for now; `forget`: as it is, for good.
 */
export type MembershipFate = 'keep' | 'end' | 'stay' | 'forget';

export interface MembershipPerson {
  id: string;
  user: LocalUser | null;
  link: Link | null;
  /** Where they were read with others'; left out: they are asked for. */
  memberships?: KnownMemberships | undefined;
}

export interface MembershipDeps {
  connections: ConnectionStore;
  groups: GroupStore;
  links: LinkStore;
  outbox: Outbox;
  pushedMembers: PushedMembers;
  /** Of a person's part in a plan: those of these groups that the plan goes on with by itself, as was approved. */
  groupsToCome?(groupKeys: string[]): Promise<string[]>;
}

/** What decides whether something has to be noted of a person's memberships. */
export interface KnownMemberships {
  /** Groups they are to be in, if they take part. */
  keys: string[];
  noted: NotedMembership[];
}

/** By SCIM id; in as many queries as one person costs. */
export async function readMemberships(
  connection: Connection,
  people: { id: string; user: LocalUser | null }[],
  deps: Pick<MembershipDeps, 'connections' | 'groups' | 'pushedMembers'>
): Promise<Map<string, KnownMemberships>> {
  if (people.length === 0 || !pushes(connection)) return new Map();
  const keys = await groupKeysOf(connection, people.flatMap(({ user }) => user ?? []), deps);
  const noted = await deps.pushedMembers.noted(connection.id, people.map(({ id }) => id));
  return new Map(people.map(({ id }) => [id, { keys: keys.get(id) ?? [], noted: noted.get(id) ?? [] }]));
}

/** Groups people are in as far as a connection keeps them at its application: roles, and groups that others' systems pushed. */
async function groupKeysOf(connection: Connection, users: LocalUser[], deps: Pick<MembershipDeps, 'connections' | 'groups'>): Promise<Map<string, string[]>> {
  const groups = pushesGroups(connection) ? await belongings(deps.groups, null, users.map(({ ref }) => ref)) : null;
  const keysOf = new Map<string, string[]>();
  for (const { ref, roleIds } of users) {
    const keys = pushesRoles(connection) ? roleIds.map(roleKey) : [];
    for (const { group } of groups?.get(ref) ?? []) if (!(await isOwn(connection, group.connectionId, deps))) keys.push(group.scimId);
    keysOf.set(ref, [...new Set(keys)].filter((key) => isChosen(connection, key)));
  }
  return keysOf;
}

const pushes = (connection: Connection): boolean => pushesRoles(connection) || pushesGroups(connection);

/** What the connection's own system pushed is not sent back to it. */
export async function isOwn(connection: Connection, providerId: number, deps: Pick<MembershipDeps, 'connections'>): Promise<boolean> {
  return (await deps.connections.get(providerId))?.system === connection.system;
}

/**
 * Notes which groups the person is to be in from now on, and marks those that have something to send. In the transaction that
 * settles the person, after their link: a member is added once the application knows them, and never forgotten by a crash.
 */
export async function followMemberships(connection: Connection, personId: string, user: LocalUser | null, fate: MembershipFate, deps: MembershipDeps): Promise<void> {
  if (fate === 'stay' || !pushes(connection)) return;
  if (fate === 'forget') return deps.pushedMembers.forgetPerson(connection.id, personId);
  const { keys, remoteId } = await wantedOf(connection, personId, user, fate, deps);
  const toSend = await deps.pushedMembers.follow(connection.id, personId, keys, remoteId);
  const ownLater = toSend.length === 0 ? [] : ((await deps.groupsToCome?.(toSend)) ?? []);
  const toMark = toSend.filter((key) => !ownLater.includes(key));
  if (toMark.length > 0) await deps.outbox.mark([connection.id], 'Group', toMark, null);
}

/** What `followMemberships` would come to. */
export interface MembershipChanges {
  /** Groups the person comes into, or has to be sent to once more. */
  joins: string[];
  leaves: string[];
  /** Whether anything would be noted. */
  differs: boolean;
}

export const SAME_GROUPS: MembershipChanges = { joins: [], leaves: [], differs: false };

/** The id at the application of somebody who is still to be made there: none that they had before. */
export const NEW_ID = '\u0000';

/** Under which id the person will be known to the application: null: not at all. Writes nothing. */
export async function membershipChanges(connection: Connection, person: MembershipPerson, fate: MembershipFate, plannedId: string | null, deps: MembershipDeps): Promise<MembershipChanges> {
  if (fate === 'stay' || !pushes(connection)) return SAME_GROUPS;
  const known = person.memberships ?? (await readMemberships(connection, [person], deps)).get(person.id);
  if (known === undefined) return SAME_GROUPS;
  if (fate === 'forget') return { ...SAME_GROUPS, differs: known.noted.length > 0 };
  const remoteId = fate === 'keep' && person.user !== null ? plannedId : null;
  const wanted = new Set(remoteId === null ? [] : known.keys);
  const changes: MembershipChanges = { joins: [...wanted].filter((key) => !known.noted.some(({ groupKey }) => groupKey === key)), leaves: [], differs: false };
  let isHeld = false;
  for (const { groupKey, wantedId, isRefused, heldAs } of known.noted) {
    const next = wanted.has(groupKey) ? remoteId : null;
    if (wantedId === next && !isRefused) continue;
    // In the group there already: nothing is sent.
    if (next !== null && heldAs === next) isHeld = true;
    else (next === null ? changes.leaves : changes.joins).push(groupKey);
  }
  return { ...changes, differs: isHeld || changes.joins.length + changes.leaves.length > 0 };
}

async function wantedOf(connection: Connection, personId: string, user: LocalUser | null, fate: MembershipFate, deps: MembershipDeps): Promise<{ keys: string[]; remoteId: string | null }> {
  const link = fate === 'keep' && user !== null ? await deps.links.get(connection.id, 'User', personId) : null;
  const remoteId = link?.remoteId ?? null;
  return { remoteId, keys: remoteId === null || user === null ? [] : ((await groupKeysOf(connection, [user], deps)).get(user.ref) ?? []) };
}
