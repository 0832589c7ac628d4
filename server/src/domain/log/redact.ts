/** Names of members whose value is a secret, whatever they stand in: compared without case, digits, `_` and `-`. */
const SECRET = /password|passwd|passphrase|authorization|credential|apikey|privatekey|accesskey|cookie|jwt|(?:secret|token)s?$/;

export const REDACTED = '[redacted]';
const MAX_STRING = 2_000;
const MAX_ITEMS = 50;
const MAX_MEMBERS = 200;
const MAX_DEPTH = 8;

const isSecretName = (name: string): boolean => SECRET.test(name.toLowerCase().replace(/[^a-z]/g, ''));

/** Any segment of an attribute path: `urn:x:User:password`, `a.password`, `apiKey.value`. One that is too long to be looked through counts as one. */
const isSecretPath = (path: string): boolean => path.length > MAX_STRING || path.split(/[.:[\]]/).some(isSecretName);

/** A path or a name that may be told: of one that is about a secret only what stands before a filter. */
export const withoutLiterals = (path: string): string => (isSecretPath(path) ? path.replace(/[["\s].*/s, REDACTED) : path);

const VALUES = new Set(['value', 'before', 'after']);

/**
 * A copy that may be stored in the log: secrets replaced by their names' sake, long strings, lists and nesting cut.
 * Bodies also carry paths as values (a PATCH operation on `password`): there `value` is the secret, and what a filter in the path compares.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    return value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}… (${value.length} characters)` : value;
  }
  if (value === null || typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `… (${value.length} items)`] : items;
  }
  const names = Object.keys(value);
  const members = value as Record<string, unknown>;
  // Of an object with more members than are kept, nobody knows where its path is.
  const isWide = names.length > MAX_MEMBERS;
  const pathName = isWide ? undefined : names.find((name) => name.length === 4 && name.toLowerCase() === 'path');
  const path = members[pathName ?? ''];
  const hidesValue = isWide || (typeof path === 'string' && isSecretPath(path));
  const copy: Record<string, unknown> = {};
  for (const name of names.slice(0, MAX_MEMBERS)) {
    const told = name === pathName && typeof path === 'string' ? withoutLiterals(path) : members[name];
    const secret = isSecretPath(name) || (hidesValue && VALUES.has(name.toLowerCase()));
    Object.defineProperty(copy, withoutLiterals(name), {
      value: secret ? REDACTED : redact(told, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (names.length > MAX_MEMBERS) copy['…'] = `(${names.length} members)`;
  return copy;
}
