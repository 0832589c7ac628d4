import { formatAttributePath } from '../filter/path';
import { quoted, ScimError } from '../messages/error';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { isForeignUrn, isUnsafeName } from '../schema/json';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn, resolvePath } from '../schema/lookup';
import type { Draft } from './draft';
import { typeDefinition } from '../schema/resource-types';
import type { PatchPath } from './operation';

/** What an operation is about, resolved against the schemas before any data is touched. */
export type PatchTarget =
  | { kind: 'extension'; urn: string }
  | { kind: 'attribute'; extension: string | null; definition: AttributeDefinition; sub: AttributeDefinition | null };

export const invalidPath = (detail: string): ScimError => new ScimError(400, detail, 'invalidPath');

/** How far undeclared names are accepted: `known` only where the resource holds them, `any` also new ones. */
export type Undeclared = 'known' | 'any';

/**
 * Resolves a path (RFC 7644 section 3.5.2). Unknown names are `invalidPath`, except those the resource already holds
 * and those under an extension URN this server does not know: providers define such themselves.
 */
export function resolveTarget(draft: Draft, path: PatchPath, accept: Undeclared): PatchTarget {
  const full = path.subAttribute === null ? path.path : { ...path.path, subAttribute: path.subAttribute };
  const resolved = resolvePath(full, draft.type);
  if (resolved !== null) {
    if (resolved.attribute !== null) {
      return { kind: 'attribute', extension: resolved.extension, definition: resolved.attribute, sub: resolved.subAttribute };
    }
    if (path.filter === null && resolved.extension !== null) return { kind: 'extension', urn: resolved.extension };
  }
  return undeclaredTarget(draft, path, accept);
}

function undeclaredTarget(draft: Draft, path: PatchPath, accept: Undeclared): PatchTarget {
  const { schema, attribute } = path.path;
  const sub = path.subAttribute ?? path.path.subAttribute;
  const text = formatAttributePath({ ...path.path, subAttribute: sub });
  const unknown = invalidPath(`path ${quoted(text)}: no schema of ${typeDefinition(draft.type).name} has this attribute.`);
  if (isUnsafeName(attribute) || (sub !== null && isUnsafeName(sub)) || path.filter !== null) throw unknown;

  const core = schema === null || isCoreUrn(draft.type, schema);
  const extension = core ? null : (extensionNamed(draft.type, schema)?.id ?? foreignUrn(draft, schema, unknown));
  const declared = declaredAttribute(draft, extension, attribute);
  if (declared !== null) {
    // The attribute is known, so it is the sub-attribute that is not.
    if (sub === null || accept === 'known' || declared.type !== 'complex' || declared.multiValued) throw unknown;
    return { kind: 'attribute', extension, definition: declared, sub: undeclared(sub) };
  }
  if (sub !== null) throw unknown;
  const whole = schema === null ? null : draft.spelling(null, `${schema}:${attribute}`);
  if (whole !== null) return { kind: 'extension', urn: whole };
  const present = draft.spelling(extension, attribute);
  const foreign = extension !== null && extensionNamed(draft.type, extension) === null;
  if (present === null && accept === 'known' && !foreign) throw unknown;
  return { kind: 'attribute', extension, definition: undeclared(present ?? attribute), sub: null };
}

function foreignUrn(draft: Draft, schema: string, error: ScimError): string {
  if (!isForeignUrn(schema)) throw error;
  return draft.spelling(null, schema) ?? schema;
}

function declaredAttribute(draft: Draft, extension: string | null, name: string): AttributeDefinition | null {
  if (extension === null) return coreAttribute(draft.type, name);
  return attributeNamed(extensionNamed(draft.type, extension)?.attributes, name);
}
