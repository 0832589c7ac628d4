import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { HttpResponse } from '../../ports/http-client';
import { ownValue, type PlainObject } from '../schema/json';

/** A wait longer than this is a mistake of the sender. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
const MAX_DETAIL = 300;

/** An answer of an application that is no success, as the error the engine works with. */
export function errorOf(response: HttpResponse, body: PlainObject | null, exchange: HttpExchange, now: number): ProvisioningError {
  const { status } = response;
  const detail = detailOf(body);
  const retryAfterMs = retryAfter(response.headers['retry-after'], now);
  const options = { exchange, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  if (status >= 300 && status < 400) {
    return new ProvisioningError('target-unexpected', `The application redirected the request (status ${status}), which is not followed. Use the address it leads to.`, options);
  }
  if (status === 401 || status === 403) return new ProvisioningError('target-auth', `The application refused the credentials (status ${status})${detail}.`, options);
  if (status === 409 || (status === 400 && isUniqueness(body))) return new ProvisioningError('uniqueness', `The application already has such an object${detail}.`, options);
  if (status === 429) return new ProvisioningError('target-rate-limited', 'The application asked to slow down.', options);
  if (status === 408 || status === 425 || status >= 500) {
    return new ProvisioningError('target-unavailable', `The application failed (status ${status})${detail}.`, options);
  }
  if (status === 404) return new ProvisioningError('not-found', `The application has nothing at this address${detail}.`, options);
  if (status >= 400) return new ProvisioningError('target-rejected', `The application refused the request (status ${status})${detail}.`, options);
  return new ProvisioningError('target-unexpected', `The application answered with status ${status}.`, options);
}

/** `Retry-After` in seconds or as an HTTP date (RFC 9110 section 10.2.3), in milliseconds from now. */
export function retryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

const isUniqueness = (body: PlainObject | null): boolean => body !== null && ownValue(body, 'scimType') === 'uniqueness';

/** What the application says of it, in one line. */
function detailOf(body: PlainObject | null): string {
  const detail = body === null ? undefined : ownValue(body, 'detail');
  if (typeof detail !== 'string' || detail.trim() === '') return '';
  const line = detail.trim().replace(/\s+/g, ' ');
  return `: ${line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL)}…` : line.replace(/\.$/, '')}`;
}
