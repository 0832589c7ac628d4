import { normaliseName } from '../../domain/identity/normalise';
import type { Resource } from '../../domain/resource/resource';
import type { Group, GroupQuery } from '../../ports/group-store';
import type { ListQuery, ListResult, ScimRequestContext } from '../../ports/scim-service';
import type { Filter } from '../../scim/filter/ast';
import { matches } from '../../scim/filter/evaluate';
import type { ReceiveDeps } from './deps';
import { equalityTerms } from './indexed-terms';
import { scan } from './scan';

type View = (ctx: ScimRequestContext, group: Group, withoutMembers: boolean) => Promise<Resource>;

/** Lists of a connection's groups. Members are read only for the groups that are answered. */
export class GroupSearch {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly view: View
  ) {}

  async list(ctx: ScimRequestContext, query: ListQuery): Promise<ListResult> {
    const { groups } = this.deps;
    const { filter, startIndex, count } = query;
    const indexed = this.indexed(ctx, filter);
    const show = (found: Group[]): Promise<Resource[]> => Promise.all(found.map((group) => this.view(ctx, group, query.withoutMembers)));
    if (filter === null || indexed.exact) {
      const totalResults = await groups.count(indexed.query);
      return { totalResults, resources: count === 0 ? [] : await show(await groups.query(indexed.query, startIndex - 1, count)) };
    }
    const page = (offset: number, limit: number): Promise<Group[]> => groups.query(indexed.query, offset, limit);
    const accepts = async (batch: Group[]): Promise<Group[]> => {
      const views = await Promise.all(batch.map((group) => this.view(ctx, group, !mentionsMembers(filter))));
      return batch.filter((_group, index) => matches(filter, views[index] ?? { schemas: [] }, 'Group'));
    };
    const { total, items } = await scan(page, accepts, { startIndex, count });
    return { totalResults: total, resources: await show(items) };
  }

  /** The part of the filter that an index answers; `exact` when that is the whole filter. */
  private indexed(ctx: ScimRequestContext, filter: Filter | null): { query: GroupQuery; exact: boolean } {
    const query: GroupQuery = { connectionId: ctx.connection.id };
    if (filter === null) return { query, exact: true };
    const terms = equalityTerms(filter);
    for (const { path, value } of terms) {
      if (path === 'id') query.scimId = value;
      else if (path === 'externalid') query.externalId = value;
      else if (path === 'displayname') query.displayNameNorm = normaliseName(value);
      else if (path === 'members.value' || path === 'members') query.memberId = value;
      else continue;
      return { query, exact: isOneEquality(filter) };
    }
    return { query, exact: false };
  }
}

/** Whether the index's answer is the whole answer. */
function isOneEquality(filter: Filter): boolean {
  if (filter.kind === 'compare') return true;
  return filter.kind === 'valuePath' && filter.comparison === null && filter.filter.kind === 'compare';
}

function mentionsMembers(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return mentionsMembers(filter.left) || mentionsMembers(filter.right);
    case 'not':
      return mentionsMembers(filter.filter);
    default:
      return filter.path.attribute.toLowerCase() === 'members';
  }
}
