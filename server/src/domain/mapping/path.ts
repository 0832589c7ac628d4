import type { Filter, FilterValue } from '../../scim/filter/ast';
import { parsePatchPath } from '../../scim/filter/parser';
import type { Resource } from '../resource/resource';

type Members = Record<string, unknown>;

/** An attribute path as mapping walks it. */
export interface MappingPath {
  /** Of `urn:x:2.0:User:manager.value`: `['urn:x:2.0:User', 'manager', 'value']`. */
  segments: string[];
  /** Of `emails[type eq "work"].value`: which element of the list, and what of it (null: all of it). */
  element: { where: [name: string, value: FilterValue][]; sub: string | null } | null;
}

const isObject = (value: unknown): value is Members => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Splits a SCIM attribute path without a filter: the schema URN ends at its last colon, sub-attributes follow a dot. */
export function segmentsOf(path: string): string[] {
  const colon = path.lastIndexOf(':');
  const attribute = path.slice(colon + 1).split('.');
  return colon < 0 ? attribute : [path.slice(0, colon), ...attribute];
}

/** Paths come from stored rules: few, walked for every person, and dearer to read than to keep. */
const PATHS = new Map<string, MappingPath>();
const MAX_KEPT = 1_000;

/** Reads a path. Throws ScimError `invalidPath` where it has a filter that cannot be read; `checkRules` has seen all that are stored. */
export function mappingPath(text: string): MappingPath {
  const known = PATHS.get(text);
  if (known !== undefined) return known;
  const read = text.includes('[') ? elementPath(text) : { segments: segmentsOf(text), element: null };
  if (PATHS.size >= MAX_KEPT) PATHS.clear();
  PATHS.set(text, read);
  return read;
}

function elementPath(text: string): MappingPath {
  const { path, filter, subAttribute } = parsePatchPath(text);
  const segments = [...(path.schema === null ? [] : [path.schema]), path.attribute];
  return { segments, element: filter === null ? null : { where: conditionsOf(filter) ?? [], sub: subAttribute } };
}

/** The values that an element has to have; null where the filter says anything else than `eq` and `and`. */
export function conditionsOf(filter: Filter): [string, FilterValue][] | null {
  if (filter.kind === 'and') {
    const [left, right] = [conditionsOf(filter.left), conditionsOf(filter.right)];
    return left === null || right === null ? null : [...left, ...right];
  }
  const isEquality = filter.kind === 'compare' && filter.operator === 'eq' && filter.path.schema === null && filter.path.subAttribute === null;
  return isEquality && filter.value !== null ? [[filter.path.attribute, filter.value]] : null;
}

const sameValue = (held: unknown, wanted: FilterValue): boolean =>
  typeof held === 'string' && typeof wanted === 'string' ? held.toLowerCase() === wanted.toLowerCase() : held === wanted;

const indexIn = (elements: unknown[], where: [string, FilterValue][]): number =>
  elements.findIndex((element) => isObject(element) && where.every(([name, value]) => sameValue(element[name], value)));

function plainValueAt(resource: Resource, segments: string[]): unknown {
  let value: unknown = resource;
  for (const segment of segments) {
    if (!isObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** The value at a path; with a filter, of the first element that fits. */
export function valueAt(resource: Resource, path: string): unknown {
  const { segments, element } = mappingPath(path);
  const value = plainValueAt(resource, segments);
  if (element === null) return value;
  const found: unknown = Array.isArray(value) ? value[indexIn(value, element.where)] : undefined;
  if (element.sub === null || !isObject(found)) return found;
  return Object.hasOwn(found, element.sub) ? found[element.sub] : undefined;
}

/** Sets in place; parents that are missing are made, and so is the element that a filter names. */
export function setValueAt(resource: Resource, path: string, value: unknown): void {
  const { segments, element } = mappingPath(path);
  const { parent, last } = parentOf(resource, segments);
  if (element === null) {
    parent[last] = value;
    return;
  }
  const elements: unknown[] = Object.hasOwn(parent, last) && Array.isArray(parent[last]) ? parent[last] : [];
  const index = indexIn(elements, element.where);
  const present = index < 0 ? {} : elements[index];
  const next = { ...(isObject(present) && element.sub !== null ? present : {}), ...(element.sub === null ? (value as Members) : { [element.sub]: value }), ...Object.fromEntries(element.where) };
  if (index < 0) elements.push(next);
  else elements[index] = next;
  parent[last] = elements;
}

/** Takes a value away in place. An element goes with the last thing that was said of it, a list with its last element. */
export function clearAt(resource: Resource, path: string): void {
  const { segments, element } = mappingPath(path);
  if (plainValueAt(resource, segments) === undefined) return;
  const { parent, last } = parentOf(resource, segments);
  const elements = parent[last];
  if (element === null || !Array.isArray(elements)) {
    if (element === null) Reflect.deleteProperty(parent, last);
    return;
  }
  const { where, sub } = element;
  const index = indexIn(elements, where);
  const present: unknown = elements[index];
  if (!isObject(present)) return;
  const rest = Object.entries(present).filter(([name]) => sub !== null && name !== sub);
  // What only labels a value says nothing without it.
  const labels = [...where.map(([name]) => name), 'type', 'primary', 'display'];
  if (rest.every(([name]) => labels.includes(name))) elements.splice(index, 1);
  else elements[index] = Object.fromEntries(rest);
  if (elements.length === 0) Reflect.deleteProperty(parent, last);
}

function parentOf(resource: Resource, segments: string[]): { parent: Members; last: string } {
  let parent: Members = resource;
  for (const segment of segments.slice(0, -1)) {
    const child = Object.hasOwn(parent, segment) ? parent[segment] : undefined;
    const next = isObject(child) ? child : {};
    parent[segment] = next;
    parent = next;
  }
  return { parent, last: segments.at(-1) ?? '' };
}
