import type { Resource } from '../../domain/resource/resource';
import { splitAttributePath } from '../filter/path';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { isObject, MAX_STRING_BYTES, type PlainObject } from '../schema/json';
import { attributeNamed, coreAttribute, extensionNamed, resolvePath } from '../schema/lookup';
import { invalidValue } from '../messages/error';
import { queryValue, type ScimHttpRequest } from './http';
import type { TypeRef } from '../schema/resource-types';

/** A path of `attributes` or `excludedAttributes` in the schema's spelling; a null attribute is the whole extension. */
interface Selected {
  extension: string | null;
  attribute: string | null;
  sub: string | null;
}

/** By attribute, all of it (null) or its sub-attributes, everything in lower case: made once, looked up for each resource. */
type Selection = ReadonlyMap<string, ReadonlySet<string | null>>;

/** Which attributes the client asked for (RFC 7644 section 3.9). Given both, the excluded ones are left out of those asked for. */
export interface Projection {
  /** Null: the default set. */
  attributes: Selection | null;
  excluded: Selection;
}

/** Different names in one parameter; more than any resource has attributes. */
export const MAX_NAMES = 200;

export function parseProjection(query: ScimHttpRequest['query'], type: TypeRef, strict = false): Projection {
  const attributes = list(query, 'attributes');
  const excluded = list(query, 'excludedAttributes');
  if (strict && attributes.length > 0 && excluded.length > 0) {
    throw invalidValue('excludedAttributes', 'cannot be combined with attributes; ask for the ones you want.');
  }
  return {
    attributes: attributes.length === 0 ? null : selection(attributes, type),
    excluded: selection(excluded, type),
  };
}

/** Whether the answer is without a group's members, which then are not read at all. */
export function leavesOutMembers({ attributes, excluded }: Projection): boolean {
  const members = keyOf(null, 'members');
  return excluded.get(members)?.has(null) === true || (attributes !== null && !attributes.has(members));
}

/**
 * The resource as it is answered. `returned: always` cannot be left out, `never` is not answered, `request` only when
 * asked for (RFC 7643 section 7). The resource itself is not touched.
 */
export function project(resource: Resource, projection: Projection, type: TypeRef): PlainObject {
  const result: PlainObject = {};
  for (const [name, value] of Object.entries(resource)) {
    const schema = name.includes(':') ? extensionNamed(type, name) : null;
    const extension = name.includes(':') && isObject(value);
    const projected = extension
      ? projectExtension(name, value, projection, schema?.attributes)
      : projectAttribute(null, coreAttribute(type, name) ?? undeclared(name), name, value, projection);
    if (projected !== undefined) result[name] = projected;
  }
  return result;
}

function projectExtension(urn: string, value: PlainObject, projection: Projection, attributes: readonly AttributeDefinition[] | undefined): unknown {
  const result: PlainObject = {};
  for (const [name, member] of Object.entries(value)) {
    const projected = projectAttribute(urn, attributeNamed(attributes, name) ?? undeclared(name), name, member, projection);
    if (projected !== undefined) result[name] = projected;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function projectAttribute(extension: string | null, definition: AttributeDefinition, name: string, value: unknown, projection: Projection): unknown {
  if (definition.returned === 'never') return undefined;
  if (definition.returned === 'always') return value;
  const asked = projection.attributes === null ? null : here(projection.attributes, extension, name);
  if (asked === null ? definition.returned === 'request' : asked.size === 0) return undefined;
  const excluded = here(projection.excluded, extension, name);
  if (excluded.has(null)) return undefined;
  return withSubAttributes(value, asked === null || asked.has(null) ? null : asked, excluded);
}

type Names = ReadonlySet<string | null>;

const NOTHING: Names = new Set();
const ALL: Names = new Set([null]);

const keyOf = (extension: string | null, attribute: string | null): string => `${extension ?? ''} ${attribute ?? ''}`.toLowerCase();

/** What a selection says of an attribute: all of it goes with the whole extension. */
function here(selection: Selection, extension: string | null, name: string): Names {
  if (selection.size === 0) return NOTHING;
  if (extension !== null && selection.has(keyOf(extension, null))) return ALL;
  return selection.get(keyOf(extension, name)) ?? NOTHING;
}

function withSubAttributes(value: unknown, only: Names | null, without: Names): unknown {
  if (only === null && without.size === 0) return value;
  if (Array.isArray(value)) {
    const elements = value.map((element: unknown) => withSubAttributes(element, only, without)).filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isObject(value)) return value;
  const isShown = (name: string): boolean => (only === null || only.has(name)) && !without.has(name);
  const result: PlainObject = Object.fromEntries(Object.entries(value).filter(([name]) => isShown(name.toLowerCase())));
  return Object.keys(result).length === 0 ? undefined : result;
}

/** Every name once, without regard to case. */
function list(query: ScimHttpRequest['query'], parameter: string): string[] {
  const text = queryValue(query, parameter) ?? '';
  const names = new Map<string, string>();
  if (text.length <= MAX_STRING_BYTES) {
    for (const item of text.split(',')) {
      const name = item.trim();
      if (name !== '') names.set(name.toLowerCase(), name);
    }
  }
  if (text.length > MAX_STRING_BYTES || names.size > MAX_NAMES) throw invalidValue(parameter, `name at most ${MAX_NAMES} different attributes.`);
  return [...names.values()];
}

function selection(names: readonly string[], type: TypeRef): Selection {
  const result = new Map<string, Set<string | null>>();
  for (const { extension, attribute, sub } of names.flatMap((text) => selected(text, type))) {
    const key = keyOf(extension, attribute);
    const subs = result.get(key) ?? new Set();
    result.set(key, subs.add(sub === null ? null : sub.toLowerCase()));
  }
  return result;
}

/** Names nobody declared may still be in the resource; they select by name. What is no path selects nothing. */
function selected(text: string, type: TypeRef): Selected[] {
  // `emails[type eq "work"]`: the RFC selects by name only, and the attribute is what can be given.
  const path = splitAttributePath(text.replace(/\[.*\]/, ''));
  if (path === null) return [];
  const resolved = resolvePath(path, type);
  if (resolved !== null) {
    return [{ extension: resolved.extension, attribute: resolved.attribute?.name ?? null, sub: resolved.subAttribute?.name ?? null }];
  }
  const named: Selected = { extension: path.schema, attribute: path.attribute, sub: path.subAttribute };
  // `urn:x:Y` is the attribute Y of urn:x or the extension urn:x:Y; only the resource knows which.
  return path.schema === null || path.subAttribute !== null ? [named] : [named, { extension: text, attribute: null, sub: null }];
}
