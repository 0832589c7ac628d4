import { ProvisioningError } from '../../domain/errors';
import type { Group, Member } from '../../ports/group-store';
import type { ActorContext } from '../../ports/scim-service';
import { ScimError } from '../../scim/messages/error';
import type { MemberChange } from '../../scim/patch/group-changes';
import { immutable } from '../../scim/patch/member-ledger';
import { selectionTest, type MemberSelection } from '../../scim/patch/member-selection';
import { WorkBudget } from '../../scim/patch/work-budget';
import type { ReceiveDeps } from './deps';
import { memberView } from './present';
import type { RoleAssignment } from './role-assignment';
import { tellScopes } from './scope-followers';

/** Members that are read or changed at a time: a group of any size costs the same memory. */
const BATCH = 500;

export interface MemberCounts {
  added: number;
  removed: number;
}

const ofType = (members: Member[], type: Member['type']): string[] => members.filter((member) => member.type === type).map((member) => member.id);

/** Changes who is in a group, row by row, and lets the roles follow. */
export class Membership {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly roles: RoleAssignment
  ) {}

  /** One change after the other. */
  async change(ctx: ActorContext, group: Group, changes: readonly MemberChange[]): Promise<MemberCounts> {
    const total: MemberCounts = { added: 0, removed: 0 };
    const work = ctx.work ?? new WorkBudget();
    for (const change of changes) {
      const { added, removed } = await this.carryOut(ctx, group, change, work);
      total.added += added;
      total.removed += removed;
    }
    return total;
  }

  private async carryOut(ctx: ActorContext, group: Group, change: MemberChange, work: WorkBudget): Promise<MemberCounts> {
    if (change.kind === 'select') return this.changeSelected(ctx, group, change, work);
    if (change.kind === 'replace') {
      const removed = await this.removeOthers(ctx, group, new Set(change.members));
      return { removed, added: await this.add(ctx, group, change.members) };
    }
    const removed = change.removeAll ? await this.empty(ctx, group) : await this.remove(ctx, group, change.remove);
    return { removed, added: await this.add(ctx, group, change.add) };
  }

  /** Ends every membership; groups first, so that what the rest is settled by is true already. */
  async empty(ctx: ActorContext, group: Group): Promise<number> {
    let removed = await this.removeOthers(ctx, group, new Set(), ['Group']);
    for (;;) {
      const members = await this.deps.groups.takeMembers(group, BATCH);
      if (members.length === 0) return removed;
      removed += members.length;
      await this.follow(ctx, group, members);
    }
  }

  /** Reads only those members whom the filter names, or else all of them in pages. */
  private async changeSelected(ctx: ActorContext, group: Group, selection: MemberSelection, work: WorkBudget): Promise<MemberCounts> {
    const wanted = new Set(selection.wanted);
    const isSelected = selectionTest(selection, work);
    let found = false;
    let removed = 0;
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.deps.groups.shownPage(group, after, BATCH, selection.candidates);
      const selected = page.members.filter((member) => isSelected(memberView(ctx, member)));
      const others = selected.map((member) => member.id).filter((id) => !wanted.has(id));
      if (selection.keeps && others.length > 0) throw immutable('value');
      found ||= selected.length > 0;
      removed += await this.remove(ctx, group, others);
      after = page.next;
    }
    if (!found && selection.needsMatch) throw new ScimError(400, 'members: no member matches the filter.', 'noTarget', { attribute: 'members' });
    return { removed, added: await this.add(ctx, group, [...wanted]) };
  }

  private async add(ctx: ActorContext, group: Group, ids: string[]): Promise<number> {
    let added = 0;
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = await this.resolved(ctx, group, [...new Set(ids.slice(start, start + BATCH))]);
      const isNew = await this.deps.groups.addMembers(group, batch);
      added += isNew.length;
      await this.follow(ctx, group, isNew);
    }
    return added;
  }

  private async remove(ctx: ActorContext, group: Group, ids: string[]): Promise<number> {
    let removed = 0;
    for (let start = 0; start < ids.length; start += BATCH) {
      const gone = await this.deps.groups.removeMembers(group, ids.slice(start, start + BATCH));
      removed += gone.length;
      await this.follow(ctx, group, gone);
    }
    return removed;
  }

  private async removeOthers(ctx: ActorContext, group: Group, wanted: ReadonlySet<string>, types: Member['type'][] = ['Group', 'User']): Promise<number> {
    let removed = 0;
    for (const type of types) {
      for (let after: number | null = 0; after !== null; ) {
        const page = await this.deps.groups.memberPage(group, type, after, BATCH);
        removed += await this.remove(ctx, group, page.members.map((member) => member.id).filter((id) => !wanted.has(id)));
        after = page.next;
      }
    }
    return removed;
  }

  private async follow(ctx: ActorContext, group: Group, members: Member[]): Promise<void> {
    await this.roles.membersChanged(ctx, group, ofType(members, 'User'));
    await this.roles.nestingChanged(ctx, group, ofType(members, 'Group'));
    await tellScopes(this.deps, ctx, members);
  }

  /** Whom the connection cannot see does not exist for it, also not as a member. */
  private async visible({ connection }: ActorContext, members: Member[]): Promise<Member[]> {
    if (connection.policies.visibility === 'all') return members;
    const seen = new Set((await this.deps.links.getMany(connection.id, 'User', ofType(members, 'User'))).map((link) => link.localId));
    return members.filter((member) => member.type === 'Group' || seen.has(member.id));
  }

  private async resolved(ctx: ActorContext, group: Group, wanted: string[]): Promise<Member[]> {
    const members = await this.visible(ctx, await this.deps.groups.resolveMembers(group, wanted));
    const found = new Set(members.map((member) => member.id));
    const refuse = (reason: string): never => {
      throw new ProvisioningError('invalid-value', `members: ${reason}`, { attribute: 'members' });
    };
    const missing = wanted.find((id) => !found.has(id));
    if (missing !== undefined) refuse(`there is no user or group with the id ${missing}.`);
    if (found.has(group.scimId)) refuse('a group cannot be its own member.');
    return members;
  }
}
