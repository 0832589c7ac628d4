import type { MappingRule } from '../../contracts/mapping';
import type { Connection } from '../../domain/connection/connection';
import { hashOf } from '../../domain/diff/canonical';
import { reduceResource } from '../../domain/mapping/mapping';
import { mergeResources, subtractResource } from '../../domain/resource/merge';
import type { Resource } from '../../domain/resource/resource';
import type { ActorContext } from '../../ports/scim-service';
import { rulesOf } from '../../providers';
import type { ReceiveDeps } from './deps';

/** What a request makes of what its system held before, as far as that is known. */
export interface Said {
  /** As the request found it here: with what Strapi changed and has not sent yet. */
  found: Resource;
  of(held: Resource): Resource;
}

/**
 * What a system writes here it holds itself: outbound connections to the same system take it as their snapshot, in the
 * transaction of the write. So it is not sent back, and what Strapi changes afterwards is compared with the right state.
 * `received` null: the system deleted the person, there is nothing left to tell it. `said`: the system holds what it said, and not
 * what Strapi changed meanwhile; left out: it said all there is.
 */
export async function rememberAtOwnSystem(deps: ReceiveDeps, ctx: ActorContext, localId: string, received: Resource | null, said?: Said): Promise<void> {
  const { population, system } = ctx.connection;
  for (const connection of await deps.connections.outbound(population)) {
    if (connection.system !== system) continue;
    if (received === null) {
      await deps.links.remove(connection.id, 'User', localId);
      continue;
    }
    const present = await deps.links.get(connection.id, 'User', localId);
    const rules = rulesOf(connection);
    const held = present?.snapshot == null || said === undefined ? received : heldAfter(rules, present.snapshot, received, said);
    const snapshot = reduceResource(rules, { ...held, externalId: localId });
    await deps.links.save({
      connectionId: connection.id,
      objectType: 'User',
      localId,
      remoteId: present?.remoteId ?? null,
      externalId: present === null || present.state === 'assumed' ? await ownIdOf(deps, connection, localId, received) : null,
      kept: null,
      snapshot,
      hash: hashOf(snapshot),
      state: present?.state ?? 'assumed',
    });
  }
}

/** What the system calls the person; how they are found there as long as nothing was sent to it. Null: not told, or another's. */
async function ownIdOf({ links }: ReceiveDeps, { id }: Connection, localId: string, { externalId }: Resource): Promise<string | null> {
  if (typeof externalId !== 'string' || externalId === '') return null;
  const holder = await links.findByExternalId(id, 'User', externalId);
  return holder === null || holder.localId === localId ? externalId : null;
}

/** What the system held and what it said now. Where its words make no sense of that, it is taken to hold what came of them here. */
function heldAfter(rules: MappingRule[], snapshot: Resource, received: Resource, { found, of }: Said): Resource {
  const unmanaged = subtractResource(found, reduceResource(rules, found));
  try {
    return of(mergeResources(unmanaged, { ...reduceResource(rules, snapshot), schemas: found.schemas }));
  } catch {
    return received;
  }
}
