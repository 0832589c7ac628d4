import { hashOf } from '../../domain/diff/canonical';
import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import type { PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { DirectoryEntry } from '../../ports/directory';
import type { Group } from '../../ports/group-store';
import type { KnownObject } from '../../ports/pull-store';
import type { ScimRequestContext } from '../../ports/scim-service';
import { isObject } from '../../scim/schema/json';
import { normaliseResource } from '../../scim/schema/normalise';
import { GroupReceiver } from '../receive/group-receiver';
import { asRequest, IN_STEP, refuse, type PullContext, type PullDeps, type PullMode, type PullOutcome } from './context';

const ANY_VERSION = { ifMatch: null };
const BATCH = 500;

export interface PulledGroup extends PullOutcome {
  /** Members that have no counterpart here: not pulled yet, refused, or out of what the source shows. */
  unresolved: number;
  /** People who get a role by it that this group did not give them. */
  grants: number;
  /** Members at the source. */
  members: number;
  /** Of the group as the source has it: only that one is written where a plan was approved. */
  digest: string;
}

interface Members {
  /** Ids at the source. */
  remote: string[];
  users: string[];
  groups: string[];
  unresolved: number;
}

/** Brings one group of a source into this Strapi; its members are translated from the source's ids to ours. */
export class PullGroup {
  private readonly groups: GroupReceiver;

  constructor(private readonly deps: PullDeps) {
    this.groups = new GroupReceiver(deps);
  }

  /** `expected`: the digest of a plan; another one is refused. */
  async bring(pull: PullContext, entry: DirectoryEntry, known: KnownObject | null, mode: PullMode, expected?: string): Promise<PulledGroup> {
    const { connection } = pull;
    const resource = await whole(pull, entry);
    const members = await this.members(pull, resource);
    const { meta: _meta, members: _members, ...fields } = resource;
    const hash = hashOf({ fields, members: [...members.users, ...members.groups].sort() });
    const about = { unresolved: members.unresolved, members: members.remote.length, digest: hashOf({ fields, members: [...members.remote].sort() }) };
    if (expected !== undefined && about.digest !== expected) throw new ProvisioningError('stale', 'The source changed the group since the plan was made.');
    if (known !== null && known.hash === hash && (mode.full !== true || (await this.holds(pull, known, resource, members)))) return { ...IN_STEP, ...about, grants: 0 };
    const grants = mode.dryRun ? await this.grants(pull, known, resource, members) : 0;
    let change: PlannedChange | null = null;
    const ctx = asRequest(pull, mode, (seen) => void (change = seen));
    await this.write(pull, ctx, entry, resource, members, known);
    if (!mode.dryRun) await this.deps.pulls.rememberHash(connection.id, 'Group', entry.ref, hash);
    return { change, matched: null, grants, ...about };
  }

  async leave(pull: PullContext, { localId }: KnownObject, mode: PullMode): Promise<PullOutcome> {
    let change: PlannedChange | null = null;
    await this.groups.remove(asRequest(pull, mode, (seen) => void (change = seen)), localId, ANY_VERSION);
    return { change, matched: null };
  }

  private async write(pull: PullContext, ctx: ScimRequestContext, { ref }: DirectoryEntry, resource: Resource, members: Members, known: KnownObject | null): Promise<void> {
    const name = typeof resource.displayName === 'string' ? resource.displayName : ref;
    let wanted: Resource;
    try {
      const ids = [...members.users, ...members.groups].map((value) => ({ value }));
      wanted = { ...normaliseResource(pull.types.Group, { ...resource, externalId: ref, members: [] }).resource, members: ids };
    } catch (error) {
      return refuse(ctx, 'Group', known === null ? 'create' : 'update', name, error, this.deps);
    }
    if (known === null) await this.groups.bring(ctx, wanted);
    else await this.groups.replace(ctx, known.localId, wanted, ANY_VERSION);
  }

  private async members({ connection }: PullContext, resource: Resource): Promise<Members> {
    const remote = memberRefs(resource);
    const found: Members = { remote, users: [], groups: [], unresolved: 0 };
    for (let start = 0; start < remote.length; start += BATCH) {
      const batch = remote.slice(start, start + BATCH);
      const users = await this.deps.pulls.known(connection.id, 'User', batch);
      const groups = await this.deps.pulls.known(connection.id, 'Group', batch);
      found.users.push(...users.map(({ localId }) => localId));
      found.groups.push(...groups.map(({ localId }) => localId));
      found.unresolved += batch.length - users.length - groups.length;
    }
    return found;
  }

  /** Whether the group is still as the pull left it: somebody may have changed its members here. */
  private async holds({ connection }: PullContext, { localId }: KnownObject, { displayName }: Resource, { users, groups }: Members): Promise<boolean> {
    const group = await this.deps.groups.get(connection.id, localId);
    if (group === null || group.displayName !== displayName) return false;
    let held = 0;
    for (const [type, ids] of [['User', users], ['Group', groups]] as const) {
      const wanted = new Set(ids);
      for (let after: number | null = 0; after !== null; ) {
        const page = await this.deps.groups.memberPage(group, type, after, BATCH);
        if (page.members.some(({ id }) => !wanted.has(id))) return false;
        held += page.members.length;
        after = page.next;
      }
    }
    return held === users.length + groups.length;
  }

  /** Who comes into a group that gives a role. Those who are not here yet count: they may be by then. */
  private async grants({ connection }: PullContext, known: KnownObject | null, { displayName }: Resource, members: Members): Promise<number> {
    const gives = (name: unknown): boolean =>
      typeof name === 'string' && connection.roleMappings.some(({ groupName }) => normaliseName(groupName) === normaliseName(name));
    if (!gives(displayName)) return 0;
    const total = members.users.length + members.unresolved;
    const group = known === null ? null : await this.deps.groups.get(connection.id, known.localId);
    if (group === null || !gives(group.displayName)) return total;
    return total - (await this.present(group, new Set(members.users)));
  }

  private async present(group: Group, wanted: ReadonlySet<string>): Promise<number> {
    let present = 0;
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.deps.groups.memberPage(group, 'User', after, BATCH);
      present += page.members.filter(({ id }) => wanted.has(id)).length;
      after = page.next;
    }
    return present;
  }
}

/** Ids that the source gives its members. */
export function memberRefs({ members }: Resource): string[] {
  const list: unknown[] = Array.isArray(members) ? members : [];
  return [...new Set(list.flatMap((member) => (isObject(member) && typeof member.value === 'string' ? [member.value] : [])))];
}

/** Lists may leave members out; a group that is read by itself and has none there is empty (RFC 7643 section 2.5). */
async function whole({ source }: PullContext, { ref, resource }: DirectoryEntry): Promise<Resource> {
  if (resource.members !== undefined) return resource;
  return (await source.read('Group', ref))?.resource ?? resource;
}
