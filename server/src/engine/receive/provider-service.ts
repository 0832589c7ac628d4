import { ProvisioningError } from '../../domain/errors';
import type { ObjectType } from '../../contracts/operation';
import type { Resource } from '../../domain/resource/resource';
import type { Group } from '../../ports/group-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ListQuery, ListResult, ScimRequestContext, ScimService } from '../../ports/scim-service';
import type { PatchOperation } from '../../scim/patch/operation';
import type { ReadSummary } from '../read-summary';
import type { ReceiveDeps } from './deps';
import { GroupReceiver } from './group-receiver';
import { GroupSearch } from './group-search';
import { groupView, userView } from './present';
import { UserReceiver } from './user-receiver';
import { UserSearch } from './user-search';

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
    this.users = new UserReceiver(deps);
    this.groups = new GroupReceiver(deps);
    this.userSearch = new UserSearch(deps, (ctx, users) => this.userViews(ctx, users));
    this.groupSearch = new GroupSearch(deps, (ctx, group, withoutMembers) => this.groupViewOf(ctx, group, withoutMembers));
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
    const id = await (type === 'User' ? this.users : this.groups).create(ctx, resource);
    return this.view(ctx, type, id, false);
  }

  async replace(ctx: ScimRequestContext, type: ObjectType, id: string, resource: Resource): Promise<Resource> {
    await (type === 'User' ? this.users : this.groups).replace(ctx, id, resource);
    return this.view(ctx, type, id, false);
  }

  async modify(ctx: ScimRequestContext, type: ObjectType, id: string, operations: PatchOperation[]): Promise<Resource | null> {
    await (type === 'User' ? this.users : this.groups).modify(ctx, id, operations);
    return type === 'User' ? this.view(ctx, type, id, false) : null;
  }

  async remove(ctx: ScimRequestContext, type: ObjectType, id: string): Promise<void> {
    await (type === 'User' ? this.users : this.groups).remove(ctx, id);
  }

  private async view(ctx: ScimRequestContext, type: ObjectType, id: string, withoutMembers: boolean): Promise<Resource> {
    if (type === 'User') {
      const user = await this.deps.directoryOf(ctx.connection.population).readUser(id);
      const [view] = user ? await this.userViews(ctx, [user]) : [];
      if (view) return view;
    } else {
      const group = await this.deps.groups.get(ctx.connection.id, id);
      if (group) return this.groupViewOf(ctx, group, withoutMembers);
    }
    throw new ProvisioningError('not-found', `There is no ${type.toLowerCase()} with the id ${id}.`);
  }

  /** One query for all links and one for all groups, however many users. */
  private async userViews(ctx: ScimRequestContext, users: LocalUser[]): Promise<Resource[]> {
    if (users.length === 0) return [];
    const ids = users.map((user) => user.ref);
    const links = new Map((await this.deps.links.getMany(ctx.connection.id, 'User', ids)).map((link) => [link.localId, link]));
    const groups = await this.deps.groups.groupsOf(ctx.connection.id, ids);
    return users.map((user) => userView(ctx, user, links.get(user.ref) ?? null, groups.get(user.ref) ?? []));
  }

  private async groupViewOf(ctx: ScimRequestContext, group: Group, withoutMembers: boolean): Promise<Resource> {
    return groupView(ctx, group, withoutMembers ? null : await this.deps.groups.members(group));
  }
}
