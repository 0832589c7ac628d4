import { invalidFilter, MAX_FILTER_LENGTH } from '../filter/lexer';
import { invalidSyntax, invalidValue, quoted } from '../messages/error';
import { SEARCH_REQUEST_URN } from '../messages/urns';
import { checkMessageSchema } from '../patch/strict';
import { checkText, isObject } from '../schema/json';
import type { ScimHttpRequest } from './http';

const TEXTS = new Map(['filter', 'sortBy', 'sortOrder', 'cursor'].map((name) => [name.toLowerCase(), name]));
const NUMBERS = new Map(['startIndex', 'count'].map((name) => [name.toLowerCase(), name]));
const LISTS = new Map(['attributes', 'excludedAttributes'].map((name) => [name.toLowerCase(), name]));

/** The body of `POST .search` (RFC 7644 section 3.4.3) as the query that a GET would have carried. */
export function searchQuery(body: unknown, { strict }: { strict: boolean }): ScimHttpRequest['query'] {
  if (!isObject(body)) throw invalidSyntax('The request body must be a JSON object.');
  if (strict) checkMessageSchema(body, SEARCH_REQUEST_URN);
  const query: Record<string, string> = {};
  for (const [key, value] of Object.entries(body)) {
    const name = key.toLowerCase();
    const known = TEXTS.get(name) ?? NUMBERS.get(name) ?? LISTS.get(name);
    if (known === undefined && strict && name !== 'schemas') throw invalidSyntax(`The request has an unknown member ${quoted(key)}.`);
    if (known === undefined || value === null || value === undefined) continue;
    if (TEXTS.has(name)) query[known] = text(known, value);
    else if (NUMBERS.has(name)) query[known] = typeof value === 'number' ? String(value) : text(known, value);
    else query[known] = Array.isArray(value) ? value.map((item) => text(known, item)).join(',') : text(known, value);
  }
  return query;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidValue(name, 'must be a string.');
  if (name === 'filter' && value.length > MAX_FILTER_LENGTH) throw invalidFilter(`The filter is longer than ${MAX_FILTER_LENGTH} characters.`);
  checkText(value, name);
  return value;
}
