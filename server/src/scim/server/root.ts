import { OBJECT_TYPES, type ObjectType } from '../../contracts/operation';
import type { ListQuery, ScimRequestContext, ScimService } from '../../ports/scim-service';
import type { Filter } from '../filter/ast';
import { ScimError } from '../messages/error';
import { listResponse } from '../messages/list-response';
import { jsonResponse, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { parseListQuery, type ListQueryOptions } from './list-query';
import { leavesOutMembers, parseProjection } from './projection';
import { shownAs } from './resources';
import { typesInScope } from './scopes';

/**
 * A query over all resource types (RFC 7644 section 3.4.2.1): users first, then groups, each in its own stable order,
 * so that pages by index neither overlap nor leave anything out. Order and cursors across types are refused (501).
 */
export async function listAll(service: ScimService, request: ScimHttpRequest, ctx: ScimRequestContext, options: ListQueryOptions): Promise<ScimHttpResponse> {
  const visible = typesInScope(ctx.scopes);
  const query = parseListQuery(request.query, OBJECT_TYPES.map((type) => ctx.types[type]), options);
  if (query.cursor !== null) throw new ScimError(501, 'Paging by cursor is supported on /Users and /Groups; here use startIndex.');
  const views: object[] = [];
  let total = 0;
  for (const type of visible) {
    if (query.filter !== null && excludes(query.filter, type)) continue;
    const projection = parseProjection(request.query, ctx.types[type], options.strict);
    const page: ListQuery = {
      ...query,
      startIndex: Math.max(1, query.startIndex - total),
      count: query.count - views.length,
      withoutMembers: leavesOutMembers(projection),
    };
    const found = await service.list(ctx, type, page);
    views.push(...found.resources.map((resource) => shownAs(resource, ctx, type, projection)));
    total += found.totalResults;
  }
  return jsonResponse(200, listResponse(views, total, { startIndex: query.startIndex }));
}

/** Whether a filter can match nothing of a type, because it asks for another: `meta.resourceType eq "User" and ...`. */
function excludes(filter: Filter, type: ObjectType): boolean {
  if (filter.kind === 'and') return excludes(filter.left, type) || excludes(filter.right, type);
  if (filter.kind === 'or') return excludes(filter.left, type) && excludes(filter.right, type);
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.schema !== null) return false;
  const { attribute, subAttribute } = filter.path;
  return attribute.toLowerCase() === 'meta' && subAttribute?.toLowerCase() === 'resourcetype' && filter.value !== type;
}
