import type { Resource } from '../../domain/resource/resource';
import type { ListQuery, ListResult } from '../../ports/scim-service';
import type { SearchPage } from '../../ports/search';

/** Objects in the order their ids were found; one that was deleted meanwhile is left out. */
export function inOrder<T>(ids: readonly string[], objects: readonly T[], idOf: (object: T) => string): T[] {
  const byId = new Map(objects.map((object) => [idOf(object), object]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** `nextCursor` belongs to paging by cursor alone (RFC 9865). */
export const listOf = (page: SearchPage, query: ListQuery, resources: Resource[]): ListResult => ({
  totalResults: page.totalResults,
  resources,
  ...(query.cursor === null ? {} : { nextCursor: page.nextCursor }),
});
