import { canonicalJson } from '../../domain/diff/canonical';
import type { Resource } from '../../domain/resource/resource';
import { splitAttributePath } from '../filter/path';
import { parsePatchPath } from '../filter/parser';
import { invalidValue, quoted, ScimError } from '../messages/error';
import { undeclared } from '../schema/definition';
import { isObject, isUnassigned, isUnsafeName, sanitised } from '../schema/json';
import type { Acceptance } from '../schema/acceptance';
import { refuseImmutableChanges } from '../schema/immutable';
import { attributeNamed, extensionNamed, isCoreUrn } from '../schema/lookup';
import { changeAttribute } from './change-attribute';
import { Draft } from './draft';
import { elementsOf } from './elements';
import type { PatchOperation, PatchPath } from './operation';
import { resolveTarget, type PatchTarget } from './target';
import type { TypeRef } from '../schema/resource-types';
import { WorkBudget } from './work-budget';

/**
 * A resource after the operations of a PATCH (RFC 7644 section 3.5.2). Pure and atomic: the input stays as it is, and
 * when an operation cannot be applied the whole request fails with a ScimError, as it does when it costs too much work.
 */
export function applyPatch(resource: Resource, operations: readonly PatchOperation[], type: TypeRef, acceptance?: Acceptance, work = new WorkBudget()): Resource {
  const draft = new Draft(resource, type, work, acceptance);
  for (const { op, path, value } of operations) {
    if (path !== null) {
      applyAt(draft, op, path, value);
    } else if (op === 'remove') {
      throw new ScimError(400, 'remove needs a path.', 'noTarget');
    } else {
      applyMembers(draft, op, value);
    }
  }
  const result = draft.finish();
  refuseImmutableChanges(resource, result, type);
  return result;
}

function applyAt(draft: Draft, op: PatchOperation['op'], path: PatchPath, sent: unknown): void {
  const value = sanitised(sent, path.path.attribute);
  if (path.filter === null && path.path.schema !== null && namesCore(draft.type, path)) {
    if (op !== 'remove' && isObject(value)) return applyMembers(draft, op, value);
    throw new ScimError(400, 'The core schema as a whole can only be added to or replaced with an object.', 'invalidPath');
  }
  const target = targetOf(draft, path, value);
  refuseReadOnly(draft, target, path, value, op);
  if (target.kind === 'extension') applyExtension(draft, op, target.urn, value);
  else changeAttribute(draft, op, target, path.filter, value);
}

const namesCore = (type: TypeRef, { path }: PatchPath): boolean =>
  path.subAttribute === null && isCoreUrn(type, `${path.schema ?? ''}:${path.attribute}`);

/**
 * An operation without a path: each member of the value is an operation of its own. Names may be dotted
 * (`name.givenName`), carry a URN or even a value filter, all of which Entra ID sends. What the client may not change
 * is passed over here, because Okta sends the `id` along.
 */
function applyMembers(draft: Draft, op: 'add' | 'replace', sent: unknown): void {
  if (!isObject(sent)) throw new ScimError(400, 'Without a path the value must be an object.', 'invalidValue');
  for (const [name, member] of Object.entries(sent)) {
    if (isUnsafeName(name)) continue;
    const value = sanitised(member, name);
    if (name.toLowerCase() === 'schemas') draft.addSchemas(elementsOf(value).filter((urn): urn is string => typeof urn === 'string'));
    else if (name.includes(':') && isObject(value) && isCoreUrn(draft.type, name)) applyMembers(draft, op, value);
    else applyMember(draft, op, name, value);
  }
}

function applyMember(draft: Draft, op: 'add' | 'replace', name: string, value: unknown): void {
  draft.work.read(name);
  const path = parsePatchPath(name);
  const target = memberTarget(draft, path, value);
  if (target === null) return;
  if (target.kind === 'extension') return applyExtension(draft, op, target.urn, value);
  const { definition, sub } = target;
  if (definition.mutability === 'readOnly' || sub?.mutability === 'readOnly') return;
  changeAttribute(draft, op, target, path.filter, value);
}

function targetOf(draft: Draft, path: PatchPath, value: unknown): PatchTarget {
  const target = resolveTarget(draft, path);
  if (target.kind === 'extension' || target.extension === null || target.definition.type !== 'any' || target.sub !== null) return target;
  // An object under a URN nobody knows is an extension as a whole, as it is in a POST.
  const foreign = isObject(value) && extensionNamed(draft.type, target.extension) === null;
  return foreign ? { kind: 'extension', urn: `${path.path.schema}:${path.path.attribute}` } : target;
}

/** Null: a name that may never become a key. */
function memberTarget(draft: Draft, path: PatchPath, value: unknown): PatchTarget | null {
  const { attribute, subAttribute } = path.path;
  if ([attribute, subAttribute, path.subAttribute].some((name) => name !== null && isUnsafeName(name))) return null;
  return targetOf(draft, path, value);
}

function applyExtension(draft: Draft, op: PatchOperation['op'], urn: string, value: unknown): void {
  if (op === 'remove' || (op === 'replace' && isUnassigned(value))) return removeExtension(draft, urn);
  if (isUnassigned(value)) return;
  if (!isObject(value)) throw invalidValue(urn, 'must be an object.');
  for (const [name, member] of Object.entries(value)) {
    // A name with a colon is no attribute of this extension, whatever stands behind the colon.
    const path = name.includes(':') ? null : splitAttributePath(`${urn}:${name}`);
    const target = path === null ? null : memberTarget(draft, { path, filter: null, subAttribute: null }, null);
    if (target?.kind !== 'attribute' || target.extension === null) {
      draft.set(urn, name, isUnassigned(member) ? undefined : member);
    } else if (target.definition.mutability !== 'readOnly' && target.sub?.mutability !== 'readOnly') {
      const place = target.definition.type === 'any' ? { ...target, extension: urn, definition: undeclared(target.definition.name) } : target;
      changeAttribute(draft, op, place, null, member);
    }
  }
}

/** Read-only attributes of an extension are not the client's to remove, also not with the whole. */
function removeExtension(draft: Draft, urn: string): void {
  const attributes = extensionNamed(draft.type, urn)?.attributes;
  const container = draft.get(null, urn);
  if (!isObject(container)) return draft.removeExtension(urn);
  for (const name of Object.keys(container)) {
    if (attributeNamed(attributes, name)?.mutability !== 'readOnly') draft.set(urn, name, undefined);
  }
}

/** RFC 7644 section 3.5.2: changing a readOnly attribute is `mutability`; naming its present value changes nothing. */
function refuseReadOnly(draft: Draft, target: PatchTarget, path: PatchPath, value: unknown, op: PatchOperation['op']): void {
  if (target.kind === 'extension') return;
  const { extension, definition, sub } = target;
  if (definition.name === 'schemas' && op !== 'remove') {
    draft.addSchemas(elementsOf(value).filter((urn): urn is string => typeof urn === 'string'));
  }
  if (definition.name === 'schemas' || (definition.mutability !== 'readOnly' && sub?.mutability !== 'readOnly')) return;
  const present = draft.get(extension, definition.name);
  const current = sub !== null && isObject(present) ? present[sub.name] : present;
  if (op !== 'remove' && canonicalJson(current) === canonicalJson(value)) return;
  throw new ScimError(400, `${quoted(path.path.attribute)} is read-only.`, 'mutability', { attribute: definition.name });
}

