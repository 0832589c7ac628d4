import type { AttributePath } from './ast';

/** RFC 7644 figure 1, ATTRNAME; `$` only for `$ref`. */
const ATTRIBUTE_NAME = /^(?:[A-Za-z][A-Za-z0-9_-]*|\$ref)$/i;

export const isAttributeName = (name: string): boolean => ATTRIBUTE_NAME.test(name);

/**
 * Splits `[URN:]attribute[.subAttribute]` (RFC 7644 section 3.10). The URN ends at the last colon, because version
 * numbers within it have dots. Null when it is not a path.
 */
export function splitAttributePath(text: string): AttributePath | null {
  const colon = text.lastIndexOf(':');
  const schema = colon < 0 ? null : text.slice(0, colon);
  const [attribute, subAttribute, ...rest] = text.slice(colon + 1).split('.', 3);
  if (schema === '' || rest.length > 0 || attribute === undefined || !isAttributeName(attribute)) return null;
  if (subAttribute !== undefined && !isAttributeName(subAttribute)) return null;
  return { schema, attribute, subAttribute: subAttribute ?? null };
}

/** The text of a path, as it was written. */
export function formatAttributePath({ schema, attribute, subAttribute }: AttributePath): string {
  return `${schema === null ? '' : `${schema}:`}${attribute}${subAttribute === null ? '' : `.${subAttribute}`}`;
}
