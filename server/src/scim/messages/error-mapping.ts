import type { ErrorCode } from '../../contracts/error-codes';
import { ProvisioningError } from '../../domain/errors';
import { ScimError, type ScimType } from './error';
import { ERROR_URN } from './urns';

interface Refusal {
  status: number;
  scimType?: ScimType;
}

/** Status and scimType of RFC 7644 section 3.12 for what the pipeline refuses. The rest is 500: `target-*` never happens inbound. */
const REFUSALS: ReadonlyMap<ErrorCode, Refusal> = new Map<ErrorCode, Refusal>([
  ['invalid-value', { status: 400, scimType: 'invalidValue' }],
  ['invalid-syntax', { status: 400, scimType: 'invalidSyntax' }],
  ['invalid-filter', { status: 400, scimType: 'invalidFilter' }],
  ['uniqueness', { status: 409, scimType: 'uniqueness' }],
  ['disputed', { status: 409, scimType: 'uniqueness' }],
  ['not-found', { status: 404 }],
  ['protected', { status: 403 }],
  ['not-adoptable', { status: 403 }],
  ['linked-elsewhere', { status: 403 }],
  ['too-large', { status: 413 }],
  ['version-mismatch', { status: 412 }],
  ['not-permitted', { status: 403 }],
]);

const internal = (): ScimError => new ScimError(500, 'The service provider failed; its log says why.');

/** Seconds for Retry-After, at least one. */
const seconds = (ms: number | undefined): string => String(Math.max(1, Math.ceil((ms ?? 1_000) / 1_000)));

/** Whatever was thrown, as the answer to the client. What is not one of our errors says nothing of its cause. */
export function toScimError(error: unknown): ScimError {
  if (error instanceof ScimError) return error.status >= 500 && error.status !== 501 && error.status !== 503 ? internal() : error;
  if (!(error instanceof ProvisioningError)) return internal();
  // Not 409: providers take that for a duplicate and stop. 503 makes them come back.
  if (error.code === 'conflict') {
    const headers = { 'Retry-After': seconds(error.retryAfterMs) };
    return new ScimError(503, 'The resource is being changed by another request. Try again.', undefined, { headers });
  }
  const refusal = REFUSALS.get(error.code);
  if (refusal === undefined) return internal();
  const options = error.attribute === undefined ? {} : { attribute: error.attribute };
  return new ScimError(refusal.status, error.message, refusal.scimType, options);
}

interface StrapiAnswer {
  detail: string;
  scimType?: ScimType;
  headers?: Record<string, string>;
}

const STRAPI_ANSWERS: ReadonlyMap<number, StrapiAnswer> = new Map<number, StrapiAnswer>([
  [400, { detail: 'The request could not be read. The body must be JSON.', scimType: 'invalidSyntax' }],
  [401, { detail: 'The bearer token is missing, unknown or expired.', headers: { 'WWW-Authenticate': 'Bearer realm="SCIM"' } }],
  [403, { detail: 'The request is not allowed.' }],
  [404, { detail: 'There is nothing at this address.' }],
  [405, { detail: 'The method is not allowed here.' }],
  // RFC 7644 section 3.7.4: the answer names the limit. This one is Strapi's; ours is told where it is enforced.
  [413, { detail: 'The request body is larger than Strapi’s jsonLimit for application/json; application/scim+json may be as large as maxPayloadSize.' }],
  [415, { detail: 'The request body must be application/scim+json or application/json.' }],
  [429, { detail: 'Too many requests. Try again later.', headers: { 'Retry-After': '1' } }],
]);

/**
 * An answer that Strapi or its middlewares gave (parse errors, rate limits, missing routes) as a SCIM error. Only the
 * status is taken over: bodies may hold internals, unless they already are a SCIM error of ours.
 */
export function scimErrorFromStrapi(status: number, body: unknown): ScimError {
  if (status < 400 || status > 599) return internal();
  if (status >= 500) return status === 503 ? new ScimError(503, 'The service provider is not available. Try again later.', undefined, { headers: { 'Retry-After': '5' } }) : internal();
  const own = ownErrorOf(status, body);
  if (own !== null) return own;
  // Some body parsers answer 400 to a body that is too large; their name for it is the only trace.
  const answer = STRAPI_ANSWERS.get(namesTooLarge(body) ? 413 : status);
  if (answer === undefined) return new ScimError(status, 'The request was refused.');
  return new ScimError(namesTooLarge(body) ? 413 : status, answer.detail, answer.scimType, answer.headers === undefined ? {} : { headers: answer.headers });
}

function ownErrorOf(status: number, body: unknown): ScimError | null {
  if (typeof body !== 'object' || body === null || !('schemas' in body) || !('detail' in body)) return null;
  if (!Array.isArray(body.schemas) || !body.schemas.includes(ERROR_URN) || typeof body.detail !== 'string') return null;
  const scimType = 'scimType' in body && typeof body.scimType === 'string' ? (body.scimType as ScimType) : undefined;
  return new ScimError(status, body.detail, scimType);
}

function namesTooLarge(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'PayloadTooLargeError';
}
