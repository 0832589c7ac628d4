import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import type { Resource } from '../../domain/resource/resource';
import { keepOf } from '../../domain/resource/present';
import type { Group, GroupFields, Member } from '../../ports/group-store';
import type { ScimRequestContext } from '../../ports/scim-service';
import { groupChanges, type MemberChange } from '../../scim/patch/group-changes';
import type { PatchOperation } from '../../scim/patch/operation';
import { runPipeline, type PipelineContext } from '../pipeline';
import { INBOUND, requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { RoleAssignment } from './role-assignment';

const ENABLED = { value: true, message: 'Every group this provider sends is kept.' };
const ALLOWED = { value: undefined, message: 'Roles are checked one user at a time.' };

/** What a request wants of a group. `members` null leaves the membership as it is. */
interface GroupWish {
  fields: GroupFields;
  members: MemberChange | null;
}

/** Writes of groups that a provider asks for. Member lists are changed row by row, never loaded as a whole. */
export class GroupReceiver {
  private readonly roles: RoleAssignment;

  constructor(private readonly deps: ReceiveDeps) {
    this.roles = new RoleAssignment(deps);
  }

  async create(ctx: ScimRequestContext, sent: Resource): Promise<string> {
    const name = String(sent.displayName);
    let created: Group | null = null;
    await this.pipeline(requestContext(ctx, 'Group', 'create', null, name), ctx, {
      read: async () => null,
      wish: () => ({ fields: fieldsOf(sent), members: { kind: 'replace', members: membersIn(sent) ?? [] } }),
      apply: async (_group, wish) => {
        created = await this.deps.groups.create(ctx.connection.id, wish.fields);
        await this.applyMembers(ctx, created, wish.members);
        return { group: created, message: 'Created.' };
      },
    });
    if (created === null) throw new ProvisioningError('internal', 'The group was not created.');
    return (created as Group).scimId;
  }

  /** A PUT without `members` keeps them, an empty list empties the group. */
  async replace(ctx: ScimRequestContext, id: string, sent: Resource): Promise<void> {
    const members = membersIn(sent);
    await this.update(ctx, id, () => ({ fields: fieldsOf(sent), members: members === null ? null : { kind: 'replace', members } }));
  }

  async modify(ctx: ScimRequestContext, id: string, operations: PatchOperation[]): Promise<void> {
    await this.update(ctx, id, (group) => {
      const changes = groupChanges(operations, resourceOf(group));
      return { fields: fieldsOf(changes.resource), members: changes.members };
    });
  }

  async remove(ctx: ScimRequestContext, id: string): Promise<void> {
    const present = await this.present(ctx, id);
    await this.pipeline(requestContext(ctx, 'Group', 'delete', id, present.displayName), ctx, {
      read: () => this.present(ctx, id),
      wish: () => null,
      apply: async (group) => {
        if (group === null) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
        const members = await this.deps.groups.removeAllMembers(group);
        await this.roles.membersRemoved(ctx, group, userIds(members));
        await this.deps.groups.remove(group);
        return { group, message: `Deleted; ${counted(members.length, 'membership')} ended.` };
      },
    });
  }

  private async update(ctx: ScimRequestContext, id: string, wish: (group: Group) => GroupWish): Promise<void> {
    const present = await this.present(ctx, id);
    await this.pipeline(requestContext(ctx, 'Group', 'update', id, present.displayName), ctx, {
      read: () => this.present(ctx, id),
      wish: (group) => (group === null ? null : wish(group)),
      apply: async (before, wanted) => {
        if (before === null) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
        const renamed = normaliseName(before.displayName) !== normaliseName(wanted.fields.displayName);
        const group = await this.deps.groups.update(before, wanted.fields);
        if (renamed) {
          const members = await this.deps.groups.members(group);
          await this.roles.regrant(ctx, group, userIds(members));
        }
        const counts = await this.applyMembers(ctx, group, wanted.members);
        return { group, message: `Changed${counts}.` };
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
          read: async () => ({ value: await request.read(), message: `The request asks to ${context.intent} a group.` }),
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
            const done = await request.apply(group, wish ?? { fields: NO_FIELDS, members: null });
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
        },
        INBOUND,
        this.deps
      )
    );
  }

  private async applyMembers(ctx: ScimRequestContext, group: Group, change: MemberChange | null): Promise<string> {
    if (change === null) return '';
    const { groups } = this.deps;
    let removed: Member[] = [];
    let wanted: string[];
    if (change.kind === 'replace') {
      wanted = change.members.map((member) => member.value);
      const keep = new Set(wanted);
      const present = await groups.members(group);
      removed = await groups.removeMembers(group, present.map((member) => member.id).filter((id) => !keep.has(id)));
    } else {
      wanted = change.add.map((member) => member.value);
      removed = change.removeAll ? await groups.removeAllMembers(group) : await groups.removeMembers(group, change.remove);
    }
    const added = await groups.addMembers(group, await this.resolved(group, wanted));
    await this.roles.membersRemoved(ctx, group, userIds(removed));
    await this.roles.membersAdded(ctx, group, userIds(added));
    return `: ${counted(added.length, 'member')} added, ${removed.length} removed`;
  }

  private async resolved(group: Group, ids: string[]): Promise<Member[]> {
    const wanted = [...new Set(ids)];
    const members = await this.deps.groups.resolveMembers(group, wanted);
    if (members.length < wanted.length) {
      const found = new Set(members.map((member) => member.id));
      const missing = wanted.find((id) => !found.has(id));
      throw new ProvisioningError('invalid-value', `members: there is no user or group with the id ${missing}.`, { attribute: 'members' });
    }
    if (found(members, group.scimId)) {
      throw new ProvisioningError('invalid-value', 'members: a group cannot be its own member.', { attribute: 'members' });
    }
    return members;
  }

  private async present(ctx: ScimRequestContext, id: string): Promise<Group> {
    const group = await this.deps.groups.get(ctx.connection.id, id);
    if (!group) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
    return group;
  }
}

const NO_FIELDS: GroupFields = { displayName: '', externalId: null, kept: null };

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const found = (members: Member[], id: string): boolean => members.some((member) => member.id === id);

const userIds = (members: Member[]): string[] => members.filter((member) => member.type === 'User').map((member) => member.id);

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
  return {
    displayName: String(resource.displayName),
    externalId: typeof resource.externalId === 'string' ? resource.externalId : null,
    kept,
  };
}

function membersIn(resource: Resource): { value: string }[] | null {
  if (!Array.isArray(resource.members)) return null;
  return resource.members.flatMap((member: unknown) =>
    typeof member === 'object' && member !== null && 'value' in member && typeof member.value === 'string' ? [{ value: member.value }] : []
  );
}

/** Stands in the log for a change of membership; the rows themselves are not listed. */
function describeMembers(change: MemberChange | null): { members?: Record<string, unknown> } {
  if (change === null) return {};
  if (change.kind === 'replace') return { members: { set: change.members.length } };
  return { members: { added: change.add.length, removed: change.removeAll ? 'all' : change.remove.length } };
}
