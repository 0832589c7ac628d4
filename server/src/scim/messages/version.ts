import type { WriteConditions } from '../../ports/scim-service';
import { ScimError } from './error';

/** One entity-tag of RFC 9110 section 8.8.3. */
const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"$/;
const LIST = /(?:W\/)?"[^"]*"|[^,\s]+/g;
const MAX_TAGS = 100;

/** Weak comparison: versions of this server are weak, and RFC 7644 section 3.14 sends such in If-Match. */
const opaque = (tag: string): string => tag.replace(/^W\//, '');

/** A header with entity-tags; null where there is none. Throws 400 where it cannot be read: ignoring it could overwrite. */
export function parseEntityTags(header: string | undefined, name: string): WriteConditions['ifMatch'] {
  if (header === undefined) return null;
  const text = header.trim();
  if (text === '*') return '*';
  const tags = text.length > 8_192 ? [] : (text.match(LIST) ?? []);
  const separators = text.replace(LIST, '').replace(/[\s,]/g, '');
  if (tags.length === 0 || tags.length > MAX_TAGS || separators !== '' || tags.some((tag) => !TAG.test(tag))) {
    throw new ScimError(400, `${name} must be * or a list of versions in double quotes, as ETag and meta.version name them.`, 'invalidValue');
  }
  return tags;
}

/** Whether a write may happen (RFC 7644 section 3.14): without a condition always, with `*` on whatever is there. */
export function matchesVersion(conditions: WriteConditions, version: string | undefined): boolean {
  const { ifMatch } = conditions;
  if (ifMatch === null || ifMatch === '*') return true;
  return version !== undefined && ifMatch.some((tag) => opaque(tag) === opaque(version));
}
