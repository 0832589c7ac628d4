import { isObject, MAX_STRING_BYTES, type PlainObject } from '../schema/json';

/**
 * References to resources that another operation of the same request makes (RFC 7644 section 3.7.2): `bulkId:x` as a
 * whole value, as the last segment of a `$ref`, and as a quoted value in the path of a PATCH operation.
 */
const PREFIX = 'bulkId:';
const IN_URI = /^(.*\/)bulkId:([^/]+)$/s;
const IN_FILTER = /"bulkId:([^"]+)"/g;

/** Where a whole value may be a reference: a text that only begins like one, such as a name, is none. */
const REFERRING = /(?:^|[.:])(?:value|\$ref|manager|members)$/i;

export const bulkIdIn = (text: string): string | null => (text.startsWith(PREFIX) && text.length > PREFIX.length ? text.slice(PREFIX.length) : null);

/** Every bulkId that a value refers to. Nesting is limited before anything gets here. */
export function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  collect(value, '', found);
  return found;
}

function collect(value: unknown, name: string, found: Set<string>): void {
  if (typeof value === 'string') for (const id of idsIn(value, name)) found.add(id);
  else if (Array.isArray(value)) for (const item of value) collect(item, name, found);
  else if (isObject(value)) for (const [key, member] of Object.entries(value)) collect(member, key, found);
}

function idsIn(text: string, name: string): string[] {
  // Most texts of a large request hold none; a longer one than any attribute takes is refused by whoever reads it, and
  // regular expressions may run out of stack on it.
  if (text.length > MAX_STRING_BYTES || !text.includes(PREFIX)) return [];
  const whole = REFERRING.test(name) ? bulkIdIn(text) : null;
  if (whole !== null) return [whole];
  if (name.toLowerCase() === '$ref') return [IN_URI.exec(text)?.[2] ?? []].flat();
  return name.toLowerCase() === 'path' ? [...text.matchAll(IN_FILTER)].flatMap((match) => match[1] ?? []) : [];
}

/** A copy with the references replaced by ids; those that are not known stay. */
export function withIds(value: unknown, ids: ReadonlyMap<string, string>, name = ''): unknown {
  if (typeof value === 'string') return textWithIds(value, ids, name);
  if (Array.isArray(value)) return value.map((item: unknown) => withIds(item, ids, name));
  if (!isObject(value)) return value;
  // Defined, not assigned: an own `__proto__` stays data until it is dropped.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withIds(member, ids, key)]));
}

function textWithIds(text: string, ids: ReadonlyMap<string, string>, name: string): string {
  if (idsIn(text, name).length === 0) return text;
  const whole = REFERRING.test(name) ? bulkIdIn(text) : null;
  if (whole !== null) return ids.get(whole) ?? text;
  if (name.toLowerCase() === '$ref') return text.replace(IN_URI, (all, base: string, id: string) => (ids.has(id) ? `${base}${ids.get(id) ?? ''}` : all));
  return text.replace(IN_FILTER, (all, id: string) => (ids.has(id) ? `"${ids.get(id) ?? ''}"` : all));
}

/** What a PATCH adds once the references are known. */
export interface Postponed {
  path: string;
  value: unknown;
}

/**
 * Takes out of a new resource what refers to resources that cannot exist before it does: elements of lists, and
 * attributes as a whole. The rest can be created; what was taken out follows by PATCH.
 */
export function withoutReferences(data: PlainObject, missing: ReadonlySet<string>, prefix = ''): { data: PlainObject; postponed: Postponed[] } {
  const refers = (value: unknown): boolean => [...referencesIn(value)].some((id) => missing.has(id));
  const kept: [string, unknown][] = [];
  const postponed: Postponed[] = [];
  for (const [name, value] of Object.entries(data)) {
    const path = `${prefix}${name}`;
    if (!refers(value)) {
      kept.push([name, value]);
    } else if (prefix === '' && name.includes(':') && isObject(value)) {
      const inner = withoutReferences(value, missing, `${name}:`);
      postponed.push(...inner.postponed);
      if (Object.keys(inner.data).length > 0) kept.push([name, inner.data]);
    } else if (Array.isArray(value)) {
      const staying = value.filter((item) => !refers(item));
      if (staying.length > 0) kept.push([name, staying]);
      postponed.push({ path, value: value.filter(refers) });
    } else {
      postponed.push({ path, value });
    }
  }
  return { data: Object.fromEntries(kept), postponed };
}
