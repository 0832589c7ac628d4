import { invalidSyntax, invalidValue, quoted, ScimError } from '../messages/error';
import { PATCH_OP_URN } from '../messages/urns';
import { formatAttributePath } from '../filter/path';
import { isObject, keyAnyCase, type PlainObject } from '../schema/json';
import { extensionNamed, isCoreUrn, resolvePath } from '../schema/lookup';
import { typeDefinition, type TypeRef } from '../schema/resource-types';
import { checkMembers, checkValue } from '../schema/strict';
import type { PatchOperation, PatchPath } from './operation';
import { invalidPath } from './target';

const BODY = new Set(['schemas', 'operations']);
const OPERATION = new Set(['op', 'path', 'value']);

/** A message body names its schema (RFC 7644 section 3.1); only strict connections insist. */
export function checkMessageSchema(body: PlainObject, urn: string): void {
  const key = keyAnyCase(body, 'schemas');
  const schemas = key === null ? undefined : body[key];
  if (!Array.isArray(schemas) || !schemas.includes(urn)) throw invalidSyntax(`schemas is required and must name ${urn}.`);
}

/** The form of a PATCH body on a strict connection (RFC 7644 section 3.5.2 and the interoperability profile). */
export function checkPatchBody(body: PlainObject): void {
  checkMessageSchema(body, PATCH_OP_URN);
  refuseUnknown(body, BODY, 'The request');
  const operations: unknown = body[keyAnyCase(body, 'Operations') ?? ''];
  for (const [index, operation] of (Array.isArray(operations) ? operations : []).entries()) {
    if (isObject(operation)) checkForm(operation, `Operation ${index + 1}`);
  }
}

function checkForm(operation: PlainObject, name: string): void {
  const member = (wanted: string): unknown => operation[keyAnyCase(operation, wanted) ?? ''];
  refuseUnknown(operation, OPERATION, name);
  const op = member('op');
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw invalidSyntax(`${name}: op must be add, replace or remove, in lower case.`);
  const path = member('path');
  if (path === undefined || path === null || path === '') {
    if (op === 'remove') throw new ScimError(400, `${name}: remove needs a path.`, 'noTarget');
    throw invalidSyntax(`${name}: a path is required on this connection; name one attribute per operation.`);
  }
  if (op === 'remove' && member('value') !== undefined) {
    throw invalidValue('value', `${name}: remove takes no value; select what is to go with a filter in the path.`);
  }
}

function refuseUnknown(object: PlainObject, known: ReadonlySet<string>, name: string): void {
  const unknown = Object.keys(object).find((key) => !known.has(key.toLowerCase()));
  if (unknown !== undefined) throw invalidSyntax(`${name} has an unknown member ${quoted(unknown)}.`);
}

/** Paths and values of a PATCH on a strict connection: declared attributes with values of their own type. */
export function checkOperations(operations: readonly PatchOperation[], type: TypeRef, acceptPassword: boolean): void {
  for (const operation of operations) if (operation.path !== null) checkOperation(operation, operation.path, type, acceptPassword);
}

function checkUrns(value: unknown, type: TypeRef): void {
  for (const urn of Array.isArray(value) ? value : [value]) {
    const known = typeof urn === 'string' && (isCoreUrn(type, urn) || extensionNamed(type, urn) !== null);
    if (!known) throw invalidSyntax(`schemas: ${typeof urn === 'string' ? quoted(urn) : 'a value'} is no schema of ${typeDefinition(type).name}.`);
  }
}

function checkOperation({ op, value }: PatchOperation, path: PatchPath, type: TypeRef, acceptPassword: boolean): void {
  const full = path.subAttribute === null ? path.path : { ...path.path, subAttribute: path.subAttribute };
  const resolved = resolvePath(full, type);
  const secret = resolved?.attribute?.returned === 'never' && !acceptPassword;
  if (resolved === null || secret) throw invalidPath(`path ${quoted(formatAttributePath(full))}: no schema of ${typeDefinition(type).name} has this attribute.`);
  if (value === undefined) return;
  const { attribute, subAttribute, extension } = resolved;
  if (attribute === null) {
    const schema = extension === null ? null : extensionNamed(type, extension);
    if (schema !== null) checkMembers(schema, value);
  } else if (attribute.name === 'schemas') {
    checkUrns(value, type);
  } else if (attribute.mutability !== 'readOnly') {
    // RFC 7644 section 3.5.2.1: what is added to a list may be one element of it.
    checkValue(subAttribute ?? attribute, value, formatAttributePath(full), path.filter !== null || (op === 'add' && !Array.isArray(value)));
  }
}
