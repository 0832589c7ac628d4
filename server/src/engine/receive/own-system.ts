import { hashOf } from '../../domain/diff/canonical';
import { reduceResource } from '../../domain/mapping/mapping';
import type { Resource } from '../../domain/resource/resource';
import type { ActorContext } from '../../ports/scim-service';
import { rulesOf } from '../../providers';
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
    const snapshot = reduceResource(rulesOf(connection), { ...received, externalId: localId });
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
