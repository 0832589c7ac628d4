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

function subtract(from: Record<string, unknown>, taken: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(from)) {
    if (!Object.hasOwn(taken, name)) result[name] = value;
    else if (isObject(value) && isObject(taken[name])) result[name] = subtract(value, taken[name]);
  }
  return result;
}

/** Of a resource, the attributes that the other one does not have, complex attributes by sub-attribute. */
export function subtractResource(from: Resource | null, taken: Resource | null): Resource | null {
  return from === null || taken === null ? from : { ...subtract(from, taken), schemas: from.schemas };
}
