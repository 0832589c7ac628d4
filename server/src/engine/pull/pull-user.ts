import { hashOf } from '../../domain/diff/canonical';
import { mapResource } from '../../domain/mapping/mapping';
import type { PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { DirectoryEntry } from '../../ports/directory';
import type { KnownObject } from '../../ports/pull-store';
import type { ScimRequestContext } from '../../ports/scim-service';
import { normaliseResource } from '../../scim/schema/normalise';
import { UserReceiver } from '../receive/user-receiver';
import { asRequest, IN_STEP, refuse, type PullContext, type PullDeps, type PullMode, type PullOutcome } from './context';
import { matchLocal } from './match-local';

const ANY_VERSION = { ifMatch: null };

/**
 * Brings one person of a source into this Strapi, as if the source had pushed them: the same pipeline, the same policies,
 * the same log. Their id at the source is the `externalId` of the link.
 */
export class PullUser {
  private readonly users: UserReceiver;

  constructor(private readonly deps: PullDeps) {
    this.users = new UserReceiver(deps, async () => undefined);
  }

  /** `entry` as `readable` leaves it; `known`: who they are here, from the pull store. Whom the source did not change costs nothing. */
  async bring(pull: PullContext, entry: DirectoryEntry, known: KnownObject | null, mode: PullMode): Promise<PullOutcome> {
    const hash = fingerprint(pull, entry.resource);
    if (known !== null && known.hash === hash && mode.full !== true) return IN_STEP;
    let change: PlannedChange | null = null;
    const ctx = asRequest(pull, mode, (seen) => void (change = seen));
    const matched = await this.write(pull, ctx, entry, known, mode);
    if (!mode.dryRun && known?.hash !== hash) await this.deps.pulls.rememberHash(pull.connection.id, 'User', entry.ref, hash);
    return { change, matched };
  }

  /** As they were seen before a run; null: not there. What that takes is one of the writes that a source may ask for. */
  async takeBack(pull: PullContext, localId: string | null, state: Resource | null, mode: PullMode): Promise<PullOutcome> {
    let change: PlannedChange | null = null;
    const ctx = asRequest(pull, mode, (seen) => void (change = seen));
    if (localId === null) {
      if (state !== null) await this.users.bring(ctx, state);
    } else if (state === null) await this.users.remove(ctx, localId, ANY_VERSION);
    else await this.users.restore(ctx, localId, state);
    return { change, matched: null };
  }

  /** They are gone from the source: what the connection does with whom its provider deletes. */
  async leave(pull: PullContext, { localId }: KnownObject, mode: PullMode): Promise<PullOutcome> {
    let change: PlannedChange | null = null;
    const ctx = asRequest(pull, mode, (seen) => void (change = seen));
    await this.users.remove(ctx, localId, ANY_VERSION);
    return { change, matched: null };
  }

  /** Answers the account that was here before and is theirs from now on. */
  private async write(pull: PullContext, ctx: ScimRequestContext, entry: DirectoryEntry, known: KnownObject | null, { onMatch }: PullMode): Promise<string | null> {
    const name = typeof entry.resource.userName === 'string' ? entry.resource.userName : entry.ref;
    const prepared = await this.prepare(pull, ctx, entry, known).catch((error: unknown) => refuse(ctx, 'User', known === null ? 'create' : 'update', name, error, this.deps));
    const { wanted, localId } = prepared;
    if (known === null) onMatch?.(localId);
    if (localId === null) await this.users.bring(ctx, wanted);
    else await this.users.replace(ctx, localId, wanted, ANY_VERSION, true);
    return known === null ? localId : null;
  }

  private async prepare(pull: PullContext, ctx: ScimRequestContext, entry: DirectoryEntry, known: KnownObject | null): Promise<{ wanted: Resource; localId: string | null }> {
    const wanted = await this.wanted(pull, ctx, entry, known);
    return { wanted, localId: known?.localId ?? (await matchLocal(pull, entry.ref, wanted, this.deps))?.ref ?? null };
  }

  /** The canonical user: by the connection's rules, or else what the source says of them. */
  private async wanted({ connection, types }: PullContext, ctx: ScimRequestContext, { ref, resource }: DirectoryEntry, known: KnownObject | null): Promise<Resource> {
    const rules = connection.mapping?.rules ?? null;
    const kept = rules === null || known === null ? null : ((await this.deps.links.get(connection.id, 'User', known.localId))?.kept ?? null);
    const mapped = rules === null ? resource : mapResource(rules, resource, kept).resource;
    const { resource: wanted, dropped } = normaliseResource(types.User, { ...mapped, externalId: ref });
    ctx.dropped = dropped;
    return wanted;
  }
}

/** Of everything that decides what an account becomes: the person, the rules, and what may be written. */
export function fingerprint({ connection }: PullContext, { meta: _meta, groups: _groups, ...person }: Resource): string {
  return hashOf({ person, mapping: connection.mapping?.version ?? 0, writable: connection.policies.writableAttributes });
}
