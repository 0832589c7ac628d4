import type { Resource } from '../../domain/resource/resource';
import { splitAttributePath } from '../filter/path';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { isObject, keyAnyCase, type PlainObject } from '../schema/json';
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

/** Which attributes the client asked for (RFC 7644 section 3.9). Given both, the excluded ones are left out of those asked for. */
export interface Projection {
  /** Null: the default set. */
  attributes: Selected[] | null;
  excluded: Selected[];
}

export function parseProjection(query: ScimHttpRequest['query'], type: TypeRef, strict = false): Projection {
  const attributes = list(queryValue(query, 'attributes'));
  const excluded = list(queryValue(query, 'excludedAttributes'));
  if (strict && attributes.length > 0 && excluded.length > 0) {
    throw invalidValue('excludedAttributes', 'cannot be combined with attributes; ask for the ones you want.');
  }
  return {
    attributes: attributes.length === 0 ? null : attributes.flatMap((text) => selected(text, type)),
    excluded: excluded.flatMap((text) => selected(text, type)),
  };
}

/** Whether the answer is without a group's members, which then are not read at all. */
export function leavesOutMembers({ attributes, excluded }: Projection): boolean {
  const isMembers = ({ extension, attribute }: Selected): boolean => extension === null && attribute === 'members';
  if (excluded.some((path) => isMembers(path) && path.sub === null)) return true;
  return attributes !== null && !attributes.some(isMembers);
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
  const here = (path: Selected): boolean =>
    sameName(path.extension, extension) && (path.attribute === null || sameName(path.attribute, name));
  const asked = projection.attributes?.filter(here);
  if (asked === undefined ? definition.returned === 'request' : asked.length === 0) return undefined;
  const excluded = projection.excluded.filter(here);
  if (excluded.some((path) => path.sub === null)) return undefined;
  const only = asked === undefined || asked.some((path) => path.sub === null) ? null : asked.map((path) => path.sub ?? '');
  return withSubAttributes(value, only, excluded.map((path) => path.sub ?? ''));
}

function withSubAttributes(value: unknown, only: string[] | null, without: string[]): unknown {
  if (only === null && without.length === 0) return value;
  if (Array.isArray(value)) {
    const elements = value.map((element: unknown) => withSubAttributes(element, only, without)).filter((element) => element !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isObject(value)) return value;
  const keep = only === null ? null : new Set(only.map((name) => keyAnyCase(value, name)));
  const drop = new Set(without.map((name) => keyAnyCase(value, name)));
  const result: PlainObject = Object.fromEntries(Object.entries(value).filter(([name]) => (keep === null || keep.has(name)) && !drop.has(name)));
  return Object.keys(result).length === 0 ? undefined : result;
}

const sameName = (a: string | null, b: string | null): boolean => (a === null || b === null ? a === b : a.toLowerCase() === b.toLowerCase());

const list = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

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
