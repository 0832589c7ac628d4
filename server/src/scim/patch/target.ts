import type { AttributePath } from '../filter/ast';
import { formatAttributePath } from '../filter/path';
import { quoted, ScimError } from '../messages/error';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { isForeignUrn, isUnsafeName } from '../schema/json';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn, resolvePath } from '../schema/lookup';
import type { Draft } from './draft';
import { ENTERPRISE_USER_URN } from '../schema/urns';
import { typeDefinition } from '../schema/resource-types';
import type { PatchPath } from './operation';

/** What an operation is about, resolved against the schemas before any data is touched. */
export type PatchTarget =
  | { kind: 'extension'; urn: string }
  | { kind: 'attribute'; extension: string | null; definition: AttributeDefinition; sub: AttributeDefinition | null };

export const invalidPath = (detail: string): ScimError => new ScimError(400, detail, 'invalidPath');

/**
 * Resolves a path (RFC 7644 section 3.5.2). Names that no schema declares are taken as they are in a body; a strict
 * connection has refused them before. `invalidPath` is what no attribute can be called, a sub-attribute of a simple
 * attribute, and a filter on values that nobody knows the form of.
 */
export function resolveTarget(draft: Draft, path: PatchPath): PatchTarget {
  const full = path.subAttribute === null ? path.path : { ...path.path, subAttribute: path.subAttribute };
  const resolved = resolvePath(full, draft.type);
  if (resolved !== null) {
    if (resolved.attribute !== null) {
      return { kind: 'attribute', extension: resolved.extension, definition: resolved.attribute, sub: resolved.subAttribute };
    }
    if (path.filter === null && resolved.extension !== null) return { kind: 'extension', urn: resolved.extension };
  }
  return undeclaredTarget(draft, full, path.filter !== null);
}

function undeclaredTarget(draft: Draft, path: AttributePath, filtered: boolean): PatchTarget {
  const { schema, attribute, subAttribute } = path;
  const unknown = invalidPath(`path ${quoted(formatAttributePath(path))}: no schema of ${typeDefinition(draft.type).name} has this attribute.`);
  if (isUnsafeName(attribute) || (subAttribute !== null && isUnsafeName(subAttribute))) throw unknown;

  const core = schema === null || isCoreUrn(draft.type, schema);
  const extension = core ? null : (extensionNamed(draft.type, schema)?.id ?? foreignUrn(draft, schema, unknown));
  const sub = subAttribute === null ? null : undeclared(subAttribute);
  const declared = declaredAttribute(draft, extension, attribute);
  if (declared !== null) {
    // The attribute is known, so it is the sub-attribute that is not.
    if (declared.type !== 'complex') throw unknown;
    return { kind: 'attribute', extension, definition: declared, sub };
  }
  // `manager` alone, as in Microsoft's older pages; unless the resource has such an attribute of its own.
  const enterprise = schema === null && draft.spelling(null, attribute) === null ? resolvePath({ ...path, schema: ENTERPRISE_USER_URN }, draft.type) : null;
  if (enterprise?.attribute != null) return { kind: 'attribute', extension: enterprise.extension, definition: enterprise.attribute, sub: enterprise.subAttribute };
  if (filtered) throw unknown;
  const whole = schema === null || sub !== null ? null : draft.spelling(null, `${schema}:${attribute}`);
  if (whole !== null) return { kind: 'extension', urn: whole };
  return { kind: 'attribute', extension, definition: undeclared(draft.spelling(extension, attribute) ?? attribute), sub };
}

function foreignUrn(draft: Draft, schema: string, error: ScimError): string {
  if (!isForeignUrn(schema)) throw error;
  return draft.spelling(null, schema) ?? schema;
}

function declaredAttribute(draft: Draft, extension: string | null, name: string): AttributeDefinition | null {
  if (extension === null) return coreAttribute(draft.type, name);
  return attributeNamed(extensionNamed(draft.type, extension)?.attributes, name);
}
