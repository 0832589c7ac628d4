import type { AttributePath } from '../filter/ast';
import { COMMON_ATTRIBUTES } from './common';
import type { AttributeDefinition, SchemaDefinition } from './definition';
import { typeDefinition, type TypeRef } from './resource-types';

/** What a path points at, in the spelling of the schema. */
export interface ResolvedPath {
  /** URN under which the attribute sits in the resource; null for the core schema. */
  extension: string | null;
  /** Null: the path is the whole extension. */
  attribute: AttributeDefinition | null;
  subAttribute: AttributeDefinition | null;
}

type Index = ReadonlyMap<string, AttributeDefinition>;

const indexOf = (attributes: readonly AttributeDefinition[]): Index =>
  new Map(attributes.map((definition) => [definition.name.toLowerCase(), definition]));

/** Built once: every request resolves dozens of names. Maps, not objects: no name of an input can reach a prototype. */
const INDEXES = new WeakMap<readonly AttributeDefinition[], Index>();

/** An attribute of a list by its name, without regard to case (RFC 7643 section 2.1). */
export function attributeNamed(attributes: readonly AttributeDefinition[] | undefined, name: string): AttributeDefinition | null {
  if (attributes === undefined) return null;
  let index = INDEXES.get(attributes);
  if (index === undefined) {
    index = indexOf(attributes);
    INDEXES.set(attributes, index);
  }
  return index.get(name.toLowerCase()) ?? null;
}

export const coreAttribute = (type: TypeRef, name: string): AttributeDefinition | null =>
  attributeNamed(typeDefinition(type).core.attributes, name) ?? attributeNamed(COMMON_ATTRIBUTES, name);

export const extensionNamed = (type: TypeRef, urn: string): SchemaDefinition | null =>
  typeDefinition(type).extensions.find((schema) => schema.id.toLowerCase() === urn.toLowerCase()) ?? null;

export const isCoreUrn = (type: TypeRef, urn: string): boolean => typeDefinition(type).core.id.toLowerCase() === urn.toLowerCase();

/**
 * Resolves an attribute path against the schemas of a resource type (RFC 7644 section 3.10): names without regard to
 * case, core and extension URNs as prefix, a whole extension by its URN. Null where no schema declares it.
 */
export function resolvePath(path: AttributePath, type: TypeRef): ResolvedPath | null {
  if (path.schema === null || isCoreUrn(type, path.schema)) {
    return withSub(null, coreAttribute(type, path.attribute), path.subAttribute);
  }
  const extension = extensionNamed(type, path.schema);
  if (extension !== null) return withSub(extension.id, attributeNamed(extension.attributes, path.attribute), path.subAttribute);
  // `urn:...:2.0:User` splits at its last colon like any path; put together again it may be an extension itself.
  const whole = extensionNamed(type, `${path.schema}:${path.attribute}`);
  if (whole === null) return null;
  // `urn:...:2.0:User.manager`: a dot where the colon belongs, as in Microsoft's own requests.
  if (path.subAttribute !== null) return withSub(whole.id, attributeNamed(whole.attributes, path.subAttribute), null);
  return { extension: whole.id, attribute: null, subAttribute: null };
}

function withSub(extension: string | null, attribute: AttributeDefinition | null, sub: string | null): ResolvedPath | null {
  if (attribute === null) return null;
  if (sub === null) return { extension, attribute, subAttribute: null };
  const subAttribute = attributeNamed(attribute.subAttributes, sub);
  return subAttribute === null ? null : { extension, attribute, subAttribute };
}
