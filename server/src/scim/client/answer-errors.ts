import type { ErrorCode } from '../../contracts/error-codes';
import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { HttpResponse } from '../../ports/http-client';
import { ownValue, type PlainObject } from '../schema/json';
import { isUsedUp, retryAfterOf } from './retry-after';

const MAX_DETAIL = 300;

/** An answer of an application that is no success, as the error the engine works with. */
export function errorOf(response: HttpResponse, body: PlainObject | null, exchange: HttpExchange, now: number): ProvisioningError {
  const { status, headers } = response;
  const detail = isHtml(response) ? ', with a web page instead of SCIM' : detailOf(body);
  const wait = retryAfterOf(headers, now);
  const fail = (code: ErrorCode, message: string): ProvisioningError => {
    const capped = wait?.capped ? ` It asked to wait (${wait.capped}) longer than an hour, which is not believed: it is asked again after one.` : '';
    return new ProvisioningError(code, message + capped, { exchange, ...(wait === null ? {} : { retryAfterMs: wait.ms }) });
  };
  if (status >= 300 && status < 400) {
    return fail('target-unexpected', `The application redirected the request (status ${status}), which is not followed. Use the address it leads to.`);
  }
  const isLimited = status === 429 || (status === 403 && (headers['retry-after'] !== undefined || isUsedUp(headers)));
  if (isLimited) return fail('target-rate-limited', `The application asked to slow down${wait === null ? '' : `, for ${tell(wait.ms)}`}.`);
  if (status === 401 || status === 403) return fail('target-auth', `The application refused the credentials (status ${status})${detail}.`);
  if (status === 409 || (status === 400 && isUniqueness(body))) return fail('uniqueness', `The application already has such an object${detail}.`);
  if (status === 408 || status === 425 || status >= 500) return fail('target-unavailable', `The application failed (status ${status})${detail}.`);
  if (status === 404) return isHtml(response) ? notScim(exchange, status) : fail('not-found', `The application has nothing at this address${detail}.`);
  if (status >= 400) return fail('target-rejected', `The application refused the request (status ${status})${detail}.`);
  return fail('target-unexpected', `The application answered with status ${status}.`);
}

/**
 * A web page with status 404 is not the application speaking of an object but whatever stands at the address: a deletion
 * that is answered so has not happened.
 */
export const notScim = (exchange: HttpExchange, status: number): ProvisioningError =>
  new ProvisioningError('target-unexpected', `The application answered with a web page instead of SCIM (status ${status}): what was asked for counts as not done.`, { exchange });

export const isHtml = ({ headers, text }: Pick<HttpResponse, 'headers' | 'text'>): boolean =>
  (headers['content-type'] ?? '').toLowerCase().includes('html') || /^\s*<(?:!doctype|html|head|body)\b/i.test(text);

const isUniqueness = (body: PlainObject | null): boolean => body !== null && ownValue(body, 'scimType') === 'uniqueness';

/** What the application says of it, in one line. */
function detailOf(body: PlainObject | null): string {
  const detail = body === null ? undefined : ownValue(body, 'detail');
  if (typeof detail !== 'string' || detail.trim() === '') return '';
  const line = detail.trim().replace(/\s+/g, ' ');
  return `: ${line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL)}…` : line.replace(/\.$/, '')}`;
}

function tell(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
