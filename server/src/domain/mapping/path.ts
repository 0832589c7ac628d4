import type { Resource } from '../resource/resource';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Splits a SCIM attribute path: the schema URN ends at its last colon, sub-attributes follow a dot.
 * `urn:x:2.0:User:manager.value` gives `['urn:x:2.0:User', 'manager', 'value']`.
 */
export function segmentsOf(path: string): string[] {
  const colon = path.lastIndexOf(':');
  const attribute = path.slice(colon + 1).split('.');
  return colon < 0 ? attribute : [path.slice(0, colon), ...attribute];
}

export function valueAt(resource: Resource, path: string): unknown {
  let value: unknown = resource;
  for (const segment of segmentsOf(path)) {
    if (!isObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** Sets in place; parents that are missing are made. */
export function setValueAt(resource: Resource, path: string, value: unknown): void {
  const segments = segmentsOf(path);
  const last = segments.pop();
  if (last === undefined) return;
  let parent: Record<string, unknown> = resource;
  for (const segment of segments) {
    const child = Object.hasOwn(parent, segment) ? parent[segment] : undefined;
    const next = isObject(child) ? child : {};
    parent[segment] = next;
    parent = next;
  }
  parent[last] = value;
}
