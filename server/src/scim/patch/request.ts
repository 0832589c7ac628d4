import { parsePatchPath } from '../filter/parser';
import { invalidSyntax, quoted, ScimError } from '../messages/error';
import { checkCount, isObject, keyAnyCase, type PlainObject } from '../schema/json';
import type { PatchOperation } from './operation';
import { checkPatchBody } from './strict';
import { WorkBudget } from './work-budget';

/** Operations in one request; a member list within one operation may be as long as the body allows. */
export const MAX_PATCH_OPERATIONS = 1_000;

const OPS = ['add', 'replace', 'remove'] as const;

/**
 * Reads the body of a PATCH request (RFC 7644 section 3.5.2). `schemas` may be missing and `op` have capitals, as
 * Entra ID and others send it, unless the connection is strict. What the values mean is judged when the operations are
 * applied.
 */
export function parsePatchRequest(body: unknown, { strict } = { strict: false }, work = new WorkBudget()): PatchOperation[] {
  if (!isObject(body)) throw invalidSyntax('The request body must be a JSON object.');
  const operations = member(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0) throw invalidSyntax('Operations must be a list of one or more operations.');
  if (operations.length > MAX_PATCH_OPERATIONS) {
    throw new ScimError(413, `A PATCH may carry ${MAX_PATCH_OPERATIONS} operations; send the change in smaller parts.`);
  }
  if (strict) checkPatchBody(body);
  return operations.map((operation: unknown, index) => parseOperation(operation, index + 1, work));
}

function parseOperation(operation: unknown, number: number, work: WorkBudget): PatchOperation {
  if (!isObject(operation)) throw invalidSyntax(`Operation ${number} must be an object.`);
  const sent = member(operation, 'op');
  const op = typeof sent === 'string' ? OPS.find((name) => name === sent.trim().toLowerCase()) : undefined;
  if (op === undefined) throw invalidSyntax(`Operation ${number}: op must be add, replace or remove${typeof sent === 'string' ? `, not ${quoted(sent)}` : ''}.`);
  const path = pathOf(member(operation, 'path'), number, work);
  const value = member(operation, 'value');
  if (op === 'remove') {
    if (path === null) throw new ScimError(400, `Operation ${number}: remove needs a path.`, 'noTarget');
  } else if (value === undefined) {
    throw invalidSyntax(`Operation ${number}: ${op} needs a value.`);
  } else if (path === null && !isObject(value)) {
    throw new ScimError(400, `Operation ${number}: without a path the value must be an object.`, 'invalidValue');
  }
  checkLength(path, value);
  return { op, path, value };
}

/** Before anybody walks the values. Where the path is within members, it is members that are listed. */
function checkLength(path: PatchOperation['path'], value: unknown): void {
  if (Array.isArray(value)) checkCount(value.length, path?.path.attribute ?? 'value');
  else if (path === null && isObject(value)) {
    for (const [name, list] of Object.entries(value)) if (Array.isArray(list)) checkCount(list.length, name);
  }
}

function pathOf(sent: unknown, number: number, work: WorkBudget): PatchOperation['path'] {
  if (sent === undefined || sent === null || sent === '') return null;
  if (typeof sent !== 'string') throw new ScimError(400, `Operation ${number}: path must be a string.`, 'invalidPath');
  work.read(sent);
  return parsePatchPath(sent);
}

function member(object: PlainObject, name: string): unknown {
  const key = keyAnyCase(object, name);
  return key === null ? undefined : object[key];
}
