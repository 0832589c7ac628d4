import type { ListQuery } from '../../ports/scim-service';
import { parseFilter } from '../filter/parser';
import { invalidValue } from '../messages/error';
import { queryValue, type ScimHttpRequest } from './http';

export const DEFAULT_PAGE_SIZE = 100;
export const DEFAULT_MAX_RESULTS = 1_000;

/** An index beyond this cannot be an offset in every database. */
const MAX_INDEX = 2_147_483_647;

/** Filter and page of a list request (RFC 7644 section 3.4.2). `sortBy` is not supported and ignored. */
export function parseListQuery(query: ScimHttpRequest['query'], maxResults: number): Omit<ListQuery, 'withoutMembers'> {
  const filter = queryValue(query, 'filter');
  const startIndex = integer(query, 'startIndex') ?? 1;
  const count = integer(query, 'count') ?? Math.min(DEFAULT_PAGE_SIZE, maxResults);
  return {
    filter: filter === null || filter.trim() === '' ? null : parseFilter(filter),
    startIndex: Math.min(Math.max(1, startIndex), MAX_INDEX),
    count: Math.min(Math.max(0, count), maxResults),
  };
}

function integer(query: ScimHttpRequest['query'], name: string): number | null {
  const text = queryValue(query, name);
  if (text === null || text === '') return null;
  if (!/^[+-]?\d+$/.test(text.trim())) throw invalidValue(name, 'must be an integer.');
  return Number(text);
}
