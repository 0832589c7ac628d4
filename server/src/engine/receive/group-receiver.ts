import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import type { Resource } from '../../domain/resource/resource';
import { keepOf } from '../../domain/resource/present';
import type { Group, GroupFields } from '../../ports/group-store';
import type { ActorContext, ScimRequestContext, WriteConditions } from '../../ports/scim-service';
import { preconditionFailed } from '../../scim/messages/error';
import { matchesVersion } from '../../scim/messages/version';
import { groupChanges, type MemberChange } from '../../scim/patch/group-changes';
import type { PatchOperation } from '../../scim/patch/operation';
import { planChange } from '../../domain/plan/change';
import { runPipeline, type PipelineContext } from '../pipeline';
import { droppedIn, inboundOptions, requestContext } from './context';
import { versionOf } from './present';
import type { ReceiveDeps } from './deps';
import { Membership } from './membership';
import { RoleAssignment } from './role-assignment';
import { takenBy } from './taken-by';

const ENABLED = { value: true, message: 'Every group this provider sends is kept.' };
const ALLOWED = { value: undefined, message: 'Roles are checked one user at a time.' };

/** What a request wants of a group. No `members`: the membership stays as it is. */
interface GroupWish {
  fields: GroupFields;
  members: MemberChange[];
}

/** Writes of groups that a provider asks for. Member lists are changed row by row, never loaded as a whole. */
export class GroupReceiver {
  private readonly roles: RoleAssignment;
  private readonly membership: Membership;

  constructor(private readonly deps: ReceiveDeps) {
    this.roles = new RoleAssignment(deps);
    this.membership = new Membership(deps, this.roles);
  }

  async create(ctx: ScimRequestContext, sent: Resource): Promise<string> {
    const created = await this.bring(ctx, sent);
    if (created === null) throw new ProvisioningError('internal', 'The group was not created.');
    return created;
  }

  /** The same; a dry run makes none. */
  async bring(ctx: ScimRequestContext, sent: Resource): Promise<string | null> {
    const name = String(sent.displayName);
    let created: Group | null = null;
    await this.pipeline(requestContext(ctx, 'Group', 'create', null, name), ctx, {
      read: async () => null,
      wish: () => ({ fields: fieldsOf(sent), members: [{ kind: 'patch', add: membersIn(sent) ?? [], remove: [], removeAll: false }] }),
      apply: async (_group, wish) => {
        created = await this.deps.groups.create(ctx.connection.id, wish.fields, naming(ctx));
        await this.index(ctx, created, null);
        await this.membership.change(ctx, created, wish.members);
        return { group: created, message: 'Created.' };
      },
    });
    return (created as Group | null)?.scimId ?? null;
  }

  /** A PUT without `members` keeps them, an empty list empties the group. */
  async replace(ctx: ScimRequestContext, id: string, sent: Resource, conditions: WriteConditions): Promise<void> {
    const members = membersIn(sent);
    await this.update(ctx, id, conditions, () => ({ fields: fieldsOf(sent), members: members === null ? [] : [{ kind: 'replace', members }] }));
  }

  async modify(ctx: ScimRequestContext, id: string, operations: PatchOperation[], conditions: WriteConditions): Promise<void> {
    await this.update(ctx, id, conditions, (group) => {
      const changes = groupChanges(operations, resourceOf(group), ctx.types.Group, ctx.connection.policies, ctx.work);
      return { fields: fieldsOf(changes.resource), members: changes.members };
    });
  }

  async remove(ctx: ScimRequestContext, id: string, conditions: WriteConditions): Promise<void> {
    const context = requestContext(ctx, 'Group', 'delete', id, null);
    await this.pipeline(context, ctx, {
      read: () => this.locked(ctx, context, conditions),
      wish: () => null,
      apply: async (group) => {
        if (group === null) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
        const ended = await this.membership.empty(ctx, group);
        await this.deps.groups.remove(group);
        await this.deps.index.remove('Group', group.id);
        return { group, message: `Deleted; ${counted(ended, 'membership')} ended.` };
      },
    });
  }

  private async update(ctx: ScimRequestContext, id: string, conditions: WriteConditions, wish: (group: Group) => GroupWish): Promise<void> {
    const context = requestContext(ctx, 'Group', 'update', id, null);
    await this.pipeline(context, ctx, {
      read: () => this.locked(ctx, context, conditions),
      wish: (group) => (group === null ? null : wish(group)),
      apply: async (before, wanted) => {
        if (before === null) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
        const renamed = normaliseName(before.displayName) !== normaliseName(wanted.fields.displayName);
        const isChanged = planChange(resourceOf(before), resourceOfFields(wanted.fields)).kind !== 'none';
        const write = (): Promise<Group> => this.deps.groups.update(before, wanted.fields, naming(ctx));
        const group = isChanged ? await write() : before;
        await this.index(ctx, group, before);
        if (renamed) await this.roles.renamed(ctx, group, before.displayName);
        const counts = await this.membership.change(ctx, group, wanted.members);
        const moved = counts.added + counts.removed > 0;
        // Adding who is there already changes nothing, also not the version (RFC 7644 section 3.5.2.1).
        if (!isChanged && !moved) return { group, message: 'Nothing to change: the group is as asked.' };
        const told = wanted.members.length === 0 ? 'Changed.' : `Changed: ${counted(counts.added, 'member')} added, ${counts.removed} removed.`;
        return { group: isChanged ? group : await write(), message: told };
      },
    });
  }

  /** The pipeline for a group: the diff is of its attributes; membership changes are described in numbers. */
  private pipeline(
    context: PipelineContext,
    ctx: ScimRequestContext,
    request: {
      read(): Promise<Group | null>;
      wish(group: Group | null): GroupWish | null;
      apply(group: Group | null, wish: GroupWish): Promise<{ group: Group; message: string }>;
    }
  ): Promise<unknown> {
    let wish: GroupWish | null = null;
    return this.deps.origin.run({ system: ctx.connection.system }, () =>
      runPipeline<Group | null, Group | null>(
        context,
        {
          read: async () => ({ value: await request.read(), message: `The request asks to ${context.intent} a group.${droppedIn(ctx)}` }),
          scope: () => ENABLED,
          join: async (group) => ({ value: group, message: 'Groups belong to the connection that pushed them.' }),
          map: (group) => {
            wish = request.wish(group);
            const known = group === null ? null : resourceOf(group);
            const desired = wish === null ? null : { ...keepOf(resourceOfFields(wish.fields)), ...describeMembers(wish.members) };
            return { value: { known, desired }, message: 'Members are counted here and changed one by one.' };
          },
          guard: () => ALLOWED,
          apply: async (_change, group) => {
            const done = await request.apply(group, wish ?? { fields: NO_FIELDS, members: [] });
            return {
              value: {
                objectId: done.group.scimId,
                objectName: done.group.displayName,
                remoteId: done.group.externalId,
                http: null,
                message: done.message,
              },
              message: 'Group, members and the roles they give were written.',
            };
          },
          explain: (error) => takenBy(this.deps, ctx, error, 'Group', wish === null ? null : resourceOfFields(wish.fields), context.objectId),
        },
        inboundOptions(this.deps, ctx, context),
        this.deps
      )
    );
  }

  private index(ctx: ScimRequestContext, group: Group, before: Group | null): Promise<void> {
    const object = { type: ctx.types.Group, key: group.id, connectionId: group.connectionId, resource: resourceOf(group) };
    return this.deps.index.put([before === null ? object : { ...object, before: resourceOf(before) }], { isNew: before === null });
  }

  /** Writes of one group wait for each other, so that its version and what is derived from it are true. */
  private async locked(ctx: ScimRequestContext, context: PipelineContext, conditions: WriteConditions): Promise<Group> {
    const group = await this.deps.groups.lock(ctx.connection.id, context.objectId ?? '');
    if (!group) throw new ProvisioningError('not-found', `There is no group with the id ${context.objectId}.`);
    context.objectName = group.displayName;
    if (!matchesVersion(conditions, versionOf(group))) throw preconditionFailed();
    return group;
  }
}

const NO_FIELDS: GroupFields = { displayName: '', externalId: null, kept: null };

/** As for users: what is kept of one object. */
const KEPT_LIMIT = 64 * 1024;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const naming = (ctx: ActorContext) => ({ uniqueName: ctx.connection.policies.uniqueGroupNames });

const resourceOfFields = (fields: GroupFields): Resource => ({
  schemas: [],
  ...fields.kept,
  displayName: fields.displayName,
  ...(fields.externalId === null ? {} : { externalId: fields.externalId }),
});

const resourceOf = (group: Group): Resource => resourceOfFields(group);

function fieldsOf(resource: Resource): GroupFields {
  const kept = keepOf(resource);
  delete kept.members;
  delete kept.externalId;
  delete kept.displayName;
  if (Buffer.byteLength(JSON.stringify(kept)) > KEPT_LIMIT) throw new ProvisioningError('invalid-value', 'The attributes together are larger than 64 kB.');
  return {
    displayName: String(resource.displayName),
    externalId: typeof resource.externalId === 'string' ? resource.externalId : null,
    kept,
  };
}

function membersIn({ members }: Resource): string[] | null {
  if (!Array.isArray(members)) return null;
  const ids: string[] = [];
  for (const member of members as unknown[]) {
    if (typeof member === 'object' && member !== null && 'value' in member && typeof member.value === 'string') ids.push(member.value);
  }
  return ids;
}

/** Stands in the log for a change of membership; the rows themselves are not listed. */
function describeMembers(changes: readonly MemberChange[]): { members?: Record<string, unknown> } {
  if (changes.length === 0) return {};
  const told = changes.map((change): Record<string, unknown> => {
    if (change.kind === 'replace') return { set: change.members.length };
    if (change.kind === 'patch') return { added: change.add.length, removed: change.removeAll ? 'all' : change.remove.length };
    return { selected: 'by a filter', added: change.wanted.length };
  });
  return { members: told.length === 1 ? (told[0] ?? {}) : { steps: told } };
}
