import { invalidSyntax, invalidValue, ScimError } from '../messages/error';
import { checkCount, MAX_DEPTH, MAX_VALUES, type PlainObject } from '../schema/json';

/** An attribute within an operation of a PATCH within an operation of a bulk request. */
const MAX_BODY_DEPTH = MAX_DEPTH + 8;

/** Lists that have a limit of their own: of a message, and the value of an operation, whose path says what it holds. */
const MESSAGE_LISTS = new Set(['operations', 'value', 'attributes', 'excludedattributes']);

/** Looked at once, before anybody walks a body without a limit of its own; lists of members have none. */
export function checkBody(body: unknown, name = 'The request', depth = 0): void {
  if (typeof body !== 'object' || body === null) return;
  if (depth >= MAX_BODY_DEPTH) throw invalidSyntax(`The request body is nested deeper than ${MAX_BODY_DEPTH} levels.`);
  if (Array.isArray(body)) {
    if (depth > 0 && !MESSAGE_LISTS.has(name.toLowerCase())) checkCount(body.length, name);
    for (const item of body) if (typeof item === 'object') checkBody(item, name, depth + 1);
    return;
  }
  let count = 0;
  for (const key in body) {
    count += 1;
    if (count > MAX_VALUES) throw invalidValue(name, `more than ${MAX_VALUES} values.`);
    const member: unknown = (body as PlainObject)[key];
    if (typeof member === 'object') checkBody(member, key, depth + 1);
  }
}

/** Trailing and repeated slashes say nothing. An id that is no text cannot be one of ours. */
export function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      let text: string;
      try {
        text = decodeURIComponent(segment);
      } catch {
        throw noSuchAddress();
      }
      if (text.length > 300 || text.includes('\u0000') || /[\ud800-\udfff]/u.test(text)) throw noSuchAddress();
      return text;
    });
}

export const noSuchAddress = (): ScimError => new ScimError(404, 'There is nothing at this address.');
