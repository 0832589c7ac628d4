import type { Resource } from '../../domain/resource/resource';
import type { Group } from '../../ports/group-store';
import type { ListQuery, ListResult, ScimRequestContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import { inOrder, listOf } from './page';

type Views = (ctx: ScimRequestContext, groups: Group[], withoutMembers: boolean) => Promise<Resource[]>;

/** Lists of a connection's groups. Members are read only for the groups that are answered. */
export class GroupSearch {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly views: Views
  ) {}

  async list(ctx: ScimRequestContext, query: ListQuery): Promise<ListResult> {
    const page = await this.deps.search.find(ctx.connection, ctx.types.Group, query, ctx.baseUrl);
    const groups = page.ids.length === 0 ? [] : await this.deps.groups.getMany(ctx.connection.id, page.ids);
    return listOf(page, query, await this.views(ctx, inOrder(page.ids, groups, (group) => group.scimId), query.withoutMembers));
  }
}
