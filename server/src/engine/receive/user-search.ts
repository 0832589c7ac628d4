import { normaliseName } from '../../domain/identity/normalise';
import type { Resource } from '../../domain/resource/resource';
import type { LocalUser } from '../../ports/local-directory';
import type { ListQuery, ListResult, ScimRequestContext } from '../../ports/scim-service';
import type { Filter } from '../../scim/filter/ast';
import { matches } from '../../scim/filter/evaluate';
import type { ReceiveDeps } from './deps';
import { equalityTerms } from './indexed-terms';
import { scan } from './scan';

type Views = (ctx: ScimRequestContext, users: LocalUser[]) => Promise<Resource[]>;

/** Lists of users. Filters are answered by an index where one of their terms allows it. */
export class UserSearch {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly views: Views
  ) {}

  async list(ctx: ScimRequestContext, query: ListQuery): Promise<ListResult> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const { filter, startIndex, count } = query;
    if (filter === null) {
      const totalResults = await directory.countUsers();
      const users = count === 0 ? [] : await directory.pageUsers(startIndex - 1, count);
      return { totalResults, resources: await this.views(ctx, users) };
    }
    const candidates = await this.candidates(ctx, filter);
    if (candidates !== null) {
      const found = (await this.views(ctx, candidates)).filter((view) => matches(filter, view, 'User'));
      return { totalResults: found.length, resources: found.slice(startIndex - 1, startIndex - 1 + count) };
    }
    const page = async (offset: number, limit: number): Promise<Resource[]> => this.views(ctx, await directory.pageUsers(offset, limit));
    const accepts = async (views: Resource[]): Promise<Resource[]> => views.filter((view) => matches(filter, view, 'User'));
    const { total, items } = await scan(page, accepts, { startIndex, count });
    return { totalResults: total, resources: items };
  }

  /** Users among whom every match must be; null where no term of the filter is indexed. */
  private async candidates(ctx: ScimRequestContext, filter: Filter): Promise<LocalUser[] | null> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    for (const { path, value } of equalityTerms(filter)) {
      if (path === 'id') return directory.findUsers({ attribute: 'id', value });
      if (path === 'username') return directory.findUsers({ attribute: 'userName', value: normaliseName(value) });
      // The index holds the address Strapi signs in with; further addresses of a person are only shown.
      if (path === 'emails' || path === 'emails.value') return directory.findUsers({ attribute: 'email', value: normaliseName(value) });
      if (path === 'externalid') {
        const link = await this.deps.links.findByExternalId(ctx.connection.id, 'User', value);
        return link ? directory.findUsers({ attribute: 'id', value: link.localId }) : [];
      }
    }
    return null;
  }
}
