import { hashOf } from '../../domain/diff/canonical';
import { mapResource } from '../../domain/mapping/mapping';
import type { Resource } from '../../domain/resource/resource';
import type { ActorContext } from '../../ports/scim-service';
import { presetOf } from '../../providers';
import { USER_URN } from '../../scim/schema/urns';
import type { ReceiveDeps } from './deps';

/**
 * What a system writes here it holds itself: outbound connections to the same system take it as their snapshot, in the
 * transaction of the write. So it is not sent back, and what Strapi changes afterwards is compared with the right state.
 * `received` null: the system deleted the person, there is nothing left to tell it.
 */
export async function rememberAtOwnSystem(deps: ReceiveDeps, ctx: ActorContext, localId: string, received: Resource | null): Promise<void> {
  const { population, system } = ctx.connection;
  for (const connection of await deps.connections.outbound(population)) {
    if (connection.system !== system) continue;
    if (received === null) {
      await deps.links.remove(connection.id, 'User', localId);
      continue;
    }
    const present = await deps.links.get(connection.id, 'User', localId);
    const mapping = presetOf(connection.preset).outbound.mapping;
    const snapshot = mapResource(mapping, { ...received, externalId: localId }, [USER_URN], null);
    await deps.links.save({
      connectionId: connection.id,
      objectType: 'User',
      localId,
      remoteId: present?.remoteId ?? null,
      externalId: null,
      kept: null,
      snapshot,
      hash: hashOf(snapshot),
      state: present?.state ?? 'assumed',
    });
  }
}
