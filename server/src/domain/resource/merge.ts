import type { Resource } from './resource';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const result = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const present = Object.hasOwn(below, name) ? below[name] : undefined;
    result[name] = isObject(present) && isObject(value) ? merge(present, value) : value;
  }
  return result;
}

/** `above` over `below`: complex attributes by sub-attribute, multi-valued ones as a whole. */
export function mergeResources(below: Resource | null, above: Resource): Resource {
  return below === null ? above : { ...merge(below, above), schemas: above.schemas };
}
