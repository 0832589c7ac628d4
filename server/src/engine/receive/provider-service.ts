import { normaliseName } from '../../domain/identity/normalise';
import { ProvisioningError } from '../../domain/errors';
import type { ObjectType } from '../../contracts/operation';
import type { Resource } from '../../domain/resource/resource';
import type { Group } from '../../ports/group-store';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ListQuery, ListResult, ScimRequestContext, ScimService, WriteConditions } from '../../ports/scim-service';
import type { PatchOperation } from '../../scim/patch/operation';
import type { ReadSummary } from '../read-summary';
import type { ReceiveDeps } from './deps';
import { GroupReceiver } from './group-receiver';
import { GroupSearch } from './group-search';
import { linksOf } from './links-of';
import { withManagers } from './managers';
import { belongings, type Belonging } from './nested-groups';
import { groupView, userView } from './present';
import { protectedFrom } from './protection';
import { UserReceiver } from './user-receiver';
import type { WrittenUser } from './written-user';
import { UserSearch } from './user-search';

const ANY_VERSION: WriteConditions = { ifMatch: null };

/** Members that the answer to a PATCH of a group shows; of larger groups it shows none. */
const SHOWN_MEMBERS = 200;

type Belongings = ReadonlyMap<string, Belonging[]>;

/** The system behind the SCIM server: reads answer from the local directory, writes go through the pipeline. */
export class ProviderService implements ScimService {
  private readonly users: UserReceiver;
  private readonly groups: GroupReceiver;
  private readonly userSearch: UserSearch;
  private readonly groupSearch: GroupSearch;

  constructor(
    private readonly deps: ReceiveDeps,
    private readonly reads: ReadSummary
  ) {
    this.users = new UserReceiver(deps, async (ctx, user) => (await this.userViews(ctx, [user]))[0]?.meta?.version);
    this.groups = new GroupReceiver(deps);
    this.userSearch = new UserSearch(deps, (ctx, users) => this.userViews(ctx, users));
    this.groupSearch = new GroupSearch(deps, (ctx, groups, withoutMembers) => this.groupViews(ctx, groups, withoutMembers));
  }

  async get(ctx: ScimRequestContext, type: ObjectType, id: string, options: { withoutMembers: boolean }): Promise<Resource> {
    this.reads.count(ctx.connection, ctx.actor, type);
    return this.view(ctx, type, id, options.withoutMembers);
  }

  async list(ctx: ScimRequestContext, type: ObjectType, query: ListQuery): Promise<ListResult> {
    this.reads.count(ctx.connection, ctx.actor, type);
    return type === 'User' ? this.userSearch.list(ctx, query) : this.groupSearch.list(ctx, query);
  }

  async create(ctx: ScimRequestContext, type: ObjectType, resource: Resource): Promise<Resource> {
    if (type === 'User') {
      const hidden = await this.hiddenNamesake(ctx, resource);
      if (hidden !== null) return this.writtenView(ctx, await this.users.replace(ctx, hidden, resource, ANY_VERSION, true));
    }
    // Nobody is in a group before they are there.
    if (type === 'User') return this.writtenView(ctx, await this.users.create(ctx, resource), new Map());
    return this.view(ctx, type, await this.groups.create(ctx, resource), false);
  }

  async replace(ctx: ScimRequestContext, type: ObjectType, id: string, resource: Resource, conditions: WriteConditions = ANY_VERSION): Promise<Resource> {
    if (type === 'User') return this.writtenView(ctx, await this.users.replace(ctx, id, resource, conditions));
    await this.groups.replace(ctx, id, resource, conditions);
    return this.view(ctx, type, id, false);
  }

  async modify(ctx: ScimRequestContext, type: ObjectType, id: string, operations: PatchOperation[], conditions: WriteConditions = ANY_VERSION): Promise<Resource | null> {
    const { userPatchAnswer, groupPatchAnswer } = ctx.connection.policies;
    if (type === 'User') {
      const written = await this.users.modify(ctx, id, operations, conditions);
      return userPatchAnswer === 'no-content' ? null : this.writtenView(ctx, written);
    }
    await this.groups.modify(ctx, id, operations, conditions);
    return groupPatchAnswer === 'no-content' ? null : this.changedGroup(ctx, id);
  }

  async remove(ctx: ScimRequestContext, type: ObjectType, id: string, conditions: WriteConditions = ANY_VERSION): Promise<void> {
    if (type === 'User') await this.users.remove(ctx, id, conditions);
    else await this.groups.remove(ctx, id, conditions);
  }

  /** A small group whole; of a large one nobody asked for the members, and they are not read. */
  private async changedGroup(ctx: ScimRequestContext, id: string): Promise<Resource> {
    const group = await this.deps.groups.get(ctx.connection.id, id);
    if (!group) throw new ProvisioningError('not-found', `There is no group with the id ${id}.`);
    let shown = 0;
    for (const type of ['User', 'Group'] as const) {
      shown += (await this.deps.groups.memberPage(group, type, 0, SHOWN_MEMBERS + 1)).members.length;
    }
    return this.groupViewOf(ctx, group, shown > SHOWN_MEMBERS);
  }

  /**
   * A connection that sees only whom it provisioned cannot look up who is there already: its POST is the first write that
   * takes such an account over, where the join rules say so.
   */
  private async hiddenNamesake({ connection }: ScimRequestContext, { userName }: Resource): Promise<string | null> {
    const { visibility, joinBy } = connection.policies;
    if (visibility === 'all' || connection.population === 'admin-users' || !joinBy.includes('userName')) return null;
    const [user] = await this.deps.directoryOf(connection.population).findUsers({ attribute: 'userName', value: normaliseName(String(userName)) });
    if (user === undefined || user.protection !== null || (await this.deps.links.inboundOf('User', [user.ref])).length > 0) return null;
    return user.ref;
  }

  private async view(ctx: ScimRequestContext, type: ObjectType, id: string, withoutMembers: boolean): Promise<Resource> {
    if (type === 'User') {
      const user = await this.deps.directoryOf(ctx.connection.population).readUser(id, ctx.connection.id);
      const [view] = user ? await this.userViews(ctx, [user]) : [];
      if (view) return view;
    } else {
      const group = await this.deps.groups.get(ctx.connection.id, id);
      if (group) return this.groupViewOf(ctx, group, withoutMembers);
    }
    throw new ProvisioningError('not-found', `There is no ${type.toLowerCase()} with the id ${id}.`);
  }

  private async writtenView(ctx: ScimRequestContext, { user, link }: WrittenUser, groups?: Belongings): Promise<Resource> {
    const [view] = await this.userViews(ctx, [user], [link], groups);
    if (view === undefined) throw new ProvisioningError('internal', 'The user was not written.');
    return view;
  }

  /** One query for all links and one per level of groups, however many users. What is known already is not asked for. */
  private async userViews(ctx: ScimRequestContext, users: LocalUser[], knownLinks?: Link[], knownGroups?: Belongings): Promise<Resource[]> {
    if (users.length === 0) return [];
    const ids = users.map((user) => user.ref);
    const { connection } = ctx;
    const [links, groups, guarded] = await Promise.all([
      knownLinks ?? linksOf(this.deps.links, connection, users),
      knownGroups ?? belongings(this.deps.groups, connection.id, ids),
      protectedFrom(this.deps, connection, users),
    ]);
    const linkOf = new Map(links.map((link) => [link.localId, link]));
    const visible = connection.policies.visibility === 'all' ? users : users.filter((user) => linkOf.has(user.ref));
    const views = visible.map((user) =>
      userView(ctx, user, { link: linkOf.get(user.ref) ?? null, groups: groups.get(user.ref) ?? [], guarded: guarded.has(user.ref) })
    );
    return withManagers(this.deps, ctx, views);
  }

  /** One query for the members of all groups. */
  private async groupViews(ctx: ScimRequestContext, groups: Group[], withoutMembers: boolean): Promise<Resource[]> {
    const members = withoutMembers || groups.length === 0 ? null : await this.deps.groups.membersOf(groups);
    return groups.map((group) => groupView(ctx, group, members?.get(group.id) ?? null));
  }

  private async groupViewOf(ctx: ScimRequestContext, group: Group, withoutMembers: boolean): Promise<Resource> {
    return groupView(ctx, group, withoutMembers ? null : await this.deps.groups.members(group));
  }
}
