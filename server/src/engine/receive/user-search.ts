import type { Resource } from '../../domain/resource/resource';
import type { LocalUser } from '../../ports/local-directory';
import type { ListQuery, ListResult, ScimRequestContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import { inOrder, listOf } from './page';

type Views = (ctx: ScimRequestContext, users: LocalUser[]) => Promise<Resource[]>;

/** Lists of users: the database answers which, only those are read. */
export class UserSearch {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly views: Views
  ) {}

  async list(ctx: ScimRequestContext, query: ListQuery): Promise<ListResult> {
    const page = await this.deps.search.find(ctx.connection, ctx.types.User, query, ctx.baseUrl);
    const users = page.ids.length === 0 ? [] : await this.deps.directoryOf(ctx.connection.population).readUsers(page.ids, ctx.connection.id);
    return listOf(page, query, await this.views(ctx, inOrder(page.ids, users, (user) => user.ref)));
  }
}
