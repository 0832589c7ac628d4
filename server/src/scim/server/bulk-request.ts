import { invalidSyntax, invalidValue, quoted, ScimError } from '../messages/error';
import { BULK_REQUEST_URN } from '../messages/urns';
import { checkMessageSchema } from '../patch/strict';
import { checkText, isObject, keyAnyCase, type PlainObject } from '../schema/json';
import { bulkIdIn, referencesIn } from './bulk-references';

export const MAX_BULK_OPERATIONS = 1_000;
const MAX_BULK_ID_LENGTH = 200;

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type BulkMethod = (typeof METHODS)[number];

/** One operation as it was sent. Where `problem` is set, it is answered with that and not carried out. */
export interface BulkOperation {
  method: BulkMethod;
  bulkId: string | null;
  path: string;
  /** bulkId in the path: `/Groups/bulkId:x`. */
  pathReference: string | null;
  version: string | null;
  data: unknown;
  /** bulkIds that have to be known before the operation can be carried out as it was sent. */
  references: ReadonlySet<string>;
  problem: ScimError | null;
}

export interface BulkRequest {
  operations: BulkOperation[];
  /** Errors after which the rest is left alone; null: never. */
  failOnErrors: number | null;
}

/** Reads the body of a bulk request (RFC 7644 section 3.7). What is wrong with one operation does not stop the others. */
export function parseBulkRequest(body: unknown, { strict }: { strict: boolean }): BulkRequest {
  if (!isObject(body)) throw invalidSyntax('The request body must be a JSON object.');
  if (strict) checkMessageSchema(body, BULK_REQUEST_URN);
  const sent = member(body, 'Operations');
  if (!Array.isArray(sent) || sent.length === 0) throw invalidSyntax('Operations must be a list of one or more operations.');
  if (sent.length > MAX_BULK_OPERATIONS) {
    throw new ScimError(413, `A bulk request may carry ${MAX_BULK_OPERATIONS} operations (maxOperations); send it in smaller parts.`);
  }
  const operations = sent.map((operation: unknown, index) => parseOperation(operation, index + 1, strict));
  refuseDuplicates(operations);
  return { operations, failOnErrors: failOnErrorsIn(body) };
}

function failOnErrorsIn(body: PlainObject): number | null {
  const sent = member(body, 'failOnErrors');
  if (sent === undefined || sent === null) return null;
  if (typeof sent !== 'number' || !Number.isInteger(sent) || sent < 1) throw invalidValue('failOnErrors', 'must be an integer of at least 1.');
  return sent;
}

/** A reference to one of two would be a guess. */
function refuseDuplicates(operations: readonly BulkOperation[]): void {
  const seen = new Set<string>();
  for (const { bulkId } of operations) {
    if (bulkId === null) continue;
    if (seen.has(bulkId)) throw invalidValue('bulkId', `${quoted(bulkId)} is given to two operations.`);
    seen.add(bulkId);
  }
}

function parseOperation(operation: unknown, number: number, strict: boolean): BulkOperation {
  if (!isObject(operation)) throw invalidSyntax(`Operation ${number} must be an object.`);
  const method = methodOf(member(operation, 'method'), strict);
  if (method === undefined) throw invalidSyntax(`Operation ${number}: method must be POST, PUT, PATCH or DELETE.`);
  const parsed: BulkOperation = { method, bulkId: null, path: '', pathReference: null, version: null, data: undefined, references: new Set(), problem: null };
  try {
    parsed.bulkId = textOf(operation, 'bulkId', number);
    parsed.path = textOf(operation, 'path', number) ?? '';
    parsed.version = textOf(operation, 'version', number);
    parsed.data = method === 'DELETE' ? undefined : member(operation, 'data');
    check(parsed, number);
    parsed.pathReference = pathReferenceIn(parsed);
    parsed.references = new Set([...referencesIn(parsed.data), ...(parsed.pathReference === null ? [] : [parsed.pathReference])]);
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    parsed.problem = error;
  }
  return parsed;
}

const methodOf = (sent: unknown, strict: boolean): BulkMethod | undefined =>
  METHODS.find((method) => typeof sent === 'string' && (strict ? sent : sent.toUpperCase()) === method);

function check({ method, bulkId, path, data }: BulkOperation, number: number): void {
  if (bulkId !== null && (bulkId === '' || bulkId.length > MAX_BULK_ID_LENGTH)) {
    throw invalidValue('bulkId', `operation ${number}: it must have 1 to ${MAX_BULK_ID_LENGTH} characters.`);
  }
  if (method === 'POST' && bulkId === null) throw invalidValue('bulkId', `operation ${number}: POST needs one.`);
  if (method === 'POST' ? !/^\/(?:Users|Groups)$/.test(path) : !/^\/(?:Users|Groups)\/[^/?#]+$/.test(path) || path.endsWith('/.search')) {
    throw invalidValue('path', `operation ${number}: ${method} needs ${method === 'POST' ? '/Users or /Groups' : '/Users/<id> or /Groups/<id>'}.`);
  }
  if (method !== 'DELETE' && !isObject(data)) throw invalidSyntax(`Operation ${number}: ${method} needs data, an object.`);
}

/** The bulkId that stands for the id in the path. */
function pathReferenceIn({ path }: BulkOperation): string | null {
  const [, , segment] = path.split('/');
  if (segment === undefined) return null;
  try {
    return bulkIdIn(decodeURIComponent(segment));
  } catch {
    return null;
  }
}

function textOf(operation: PlainObject, name: string, number: number): string | null {
  const value = member(operation, name);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalidValue(name, `operation ${number}: it must be a string.`);
  checkText(value, name);
  return value;
}

function member(object: PlainObject, name: string): unknown {
  const key = keyAnyCase(object, name);
  return key === null ? undefined : object[key];
}
