import { hearsOfGroups } from '../../domain/connection/outbound';
import type { Group, Member } from '../../ports/group-store';
import type { ActorContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import { withDescendants } from './nested-groups';

const BATCH = 500;

/**
 * These became members of a group or stopped being ones: where a connection's scope or its own groups ask for that, they and everybody in
 * a group among them have to be looked at again. Joins the transaction of the change.
 */
export async function tellScopes(deps: ReceiveDeps, { connection }: ActorContext, members: Member[]): Promise<void> {
  if (members.length === 0) return;
  const listening = (await deps.connections.outbound(connection.population)).some(hearsOfGroups);
  if (!listening) return;
  await deps.changes.usersChanged(connection.population, members.filter(({ type }) => type === 'User').map(({ id }) => id));
  const inner = await deps.groups.getMany(connection.id, members.filter(({ type }) => type === 'Group').map(({ id }) => id));
  const seen = new Map<number, Group>();
  for (const group of inner) for (const one of await withDescendants(deps.groups, group)) seen.set(one.id, one);
  for (const group of seen.values()) {
    for (let after: number | null = 0; after !== null; ) {
      const page = await deps.groups.memberPage(group, 'User', after, BATCH);
      await deps.changes.usersChanged(connection.population, page.members.map(({ id }) => id));
      after = page.next;
    }
  }
}
