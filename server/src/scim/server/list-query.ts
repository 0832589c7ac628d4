import type { ListQuery, Sort } from '../../ports/scim-service';
import { splitAttributePath } from '../filter/path';
import { parseFilter } from '../filter/parser';
import type { Filter } from '../filter/ast';
import { invalidValue, quoted, ScimError } from '../messages/error';
import { attributeNamed, resolvePath } from '../schema/lookup';
import { typeDefinition, type TypeRef } from '../schema/resource-types';
import { checkFilter, isMadeOnReading, sensitive } from './filter-rules';
import { queryValue, type ScimHttpRequest } from './http';

export const DEFAULT_PAGE_SIZE = 100;
export const DEFAULT_MAX_RESULTS = 1_000;

/** An index beyond this cannot be an offset in every database. */
const MAX_INDEX = 2_147_483_647;
/** Longer than any cursor this server makes, of whatever 255 characters a page ends at. */
export const MAX_CURSOR_LENGTH = 2_560;

export interface ListQueryOptions {
  maxResults: number;
  strict: boolean;
}

type Query = ScimHttpRequest['query'];

/** Filter, order and page of a list request (RFC 7644 section 3.4.2, RFC 9865) on resources of these types. */
export function parseListQuery(query: Query, types: readonly TypeRef[], options: ListQueryOptions): Omit<ListQuery, 'withoutMembers'> {
  const filter = parsedFilter(query);
  if (filter !== null) checkFilter(filter, types, options.strict);
  const sort = parsedSort(query, types);
  const cursor = parsedCursor(query);
  const startIndex = integer(query, 'startIndex') ?? 1;
  return {
    filter,
    sort,
    cursor,
    startIndex: Math.min(Math.max(1, startIndex), MAX_INDEX),
    count: cursor === null ? parsedCount(query, options.maxResults) : cursorCount(query, options.maxResults),
  };
}

const defaultCount = (maxResults: number): number => Math.min(DEFAULT_PAGE_SIZE, maxResults);

/** RFC 7644 section 3.4.2.4: a negative count is read as 0, one above the maximum gets the maximum. */
const parsedCount = (query: Query, maxResults: number): number => Math.min(Math.max(0, integer(query, 'count') ?? defaultCount(maxResults)), maxResults);

/** RFC 9865 section 2: a positive integer. More than the maximum gets the maximum, as with an index. */
function cursorCount(query: Query, maxResults: number): number {
  const text = queryValue(query, 'count')?.trim() ?? '';
  if (text === '') return defaultCount(maxResults);
  if (!/^\+?\d+$/.test(text) || Number(text) < 1) throw new ScimError(400, 'count: with a cursor it must be a positive integer.', 'invalidCount', { attribute: 'count' });
  return Math.min(Number(text), maxResults);
}

function parsedFilter(query: Query): Filter | null {
  // What a query parser would make an object of must not pass for "no filter": the answer would be everybody.
  const names = Object.keys(query).filter((name) => /^filter(?:\[|$)/i.test(name));
  const [name] = names;
  if (name === undefined) return null;
  const value = query[name];
  if (names.length > 1 || name.includes('[') || (Array.isArray(value) && value.length > 1)) {
    throw new ScimError(400, 'filter: give one parameter named "filter" with one value; join terms with and / or.', 'invalidFilter');
  }
  const text = Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
  return text.trim() === '' ? null : parseFilter(text);
}

/** RFC 9865 section 2: empty asks for the first page. What is in it is the service's to judge. */
function parsedCursor(query: Query): string | null {
  const cursor = queryValue(query, 'cursor');
  if (cursor === null) return null;
  if (cursor.length > MAX_CURSOR_LENGTH || !/^[A-Za-z0-9._~-]*$/.test(cursor)) {
    throw new ScimError(400, 'cursor: send the nextCursor of the page before, or nothing for the first page.', 'invalidCursor', { attribute: 'cursor' });
  }
  if (queryValue(query, 'startIndex') !== null) throw invalidValue('startIndex', 'cannot be combined with cursor; use one way of paging.');
  return cursor;
}

/** RFC 7644 section 3.4.2.3: ascending unless said otherwise; `sortOrder` alone says nothing. */
function parsedSort(query: Query, types: readonly TypeRef[]): Sort | null {
  const order = (queryValue(query, 'sortOrder') ?? '').trim().toLowerCase();
  if (!['', 'ascending', 'descending'].includes(order)) throw invalidValue('sortOrder', 'must be ascending or descending.');
  const text = (queryValue(query, 'sortBy') ?? '').trim();
  if (text === '') return null;
  const [type] = types;
  if (type === undefined || types.length > 1) throw new ScimError(501, 'sortBy is supported on /Users and /Groups, not across both.');
  return { path: sortPath(text, type), descending: order === 'descending' };
}

/** In the schema's spelling. An attribute with sub-attributes sorts by its value, where it has one. */
function sortPath(text: string, type: TypeRef): Sort['path'] {
  const refused = (reason: string): ScimError => new ScimError(400, `sortBy ${quoted(text)}: ${reason}`, 'invalidPath', { attribute: 'sortBy' });
  const path = splitAttributePath(text);
  if (path === null) throw refused('this is not an attribute path.');
  const resolved = resolvePath(path, type);
  const attribute = resolved?.attribute;
  if (!resolved || !attribute) throw refused(`no schema of ${typeDefinition(type).name} has this attribute.`);
  if (attribute.returned === 'never') throw sensitive(attribute.name);
  if (isMadeOnReading(type, attribute, resolved.subAttribute)) throw refused('users have no order by version.');
  const sub = resolved.subAttribute ?? (attribute.type === 'complex' ? attributeNamed(attribute.subAttributes, 'value') : null);
  if (attribute.type === 'complex' && sub === null) throw refused('name one of its sub-attributes, such as name.familyName.');
  return { schema: resolved.extension, attribute: attribute.name, subAttribute: sub?.name ?? null };
}

function integer(query: Query, name: string): number | null {
  const text = queryValue(query, name);
  if (text === null || text === '') return null;
  if (!/^[+-]?\d+$/.test(text.trim())) throw invalidValue(name, 'must be an integer.');
  return Number(text);
}
