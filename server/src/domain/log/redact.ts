/** Names of members whose value is a secret, whatever they stand in: compared without case, `_` and `-`. */
const SECRET = /^(?:.*(?:password|passwd|secret|authorization|credential|apikey|privatekey)|(?:.*(?:access|refresh|bearer|id|registration|confirmation|api|auth))?token|cookie|setcookie)$/;

export const REDACTED = '[redacted]';
const MAX_STRING = 2_000;
const MAX_ITEMS = 50;
const MAX_DEPTH = 8;

const isSecretName = (name: string): boolean => SECRET.test(name.toLowerCase().replace(/[^a-z]/g, ''));

/** The last segment of an attribute path names the value: `urn:x:User:password` or `a.password`. */
const lastSegment = (path: string): string => path.split(/[.:]/).pop() ?? path;

/**
 * A copy that may be stored in the log: secrets replaced by their names' sake, long strings, lists and nesting cut.
 * Bodies also carry paths as values (a PATCH operation on `password`): there `value` is the secret.
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
  const path = 'path' in value ? value.path : undefined;
  const hidesValue = typeof path === 'string' && isSecretName(lastSegment(path));
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const secret = isSecretName(lastSegment(name)) || (hidesValue && ['value', 'before', 'after'].includes(name));
    Object.defineProperty(copy, name, {
      value: secret ? REDACTED : redact(member, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
