import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports/http-client';
import { isObject, type PlainObject } from '../schema/json';
import { errorOf } from './answer-errors';

export interface TargetOptions {
  http: HttpClient;
  /** SCIM root of the application, with or without a trailing slash. */
  baseUrl: string;
  /** Null where the application needs none. */
  bearerToken: string | null;
  timeoutMs?: number;
  /** Some applications refuse requests without one (GitHub). */
  userAgent?: string;
  /** Time now in milliseconds; for Retry-After dates and durations. */
  now?(): number;
}

export interface Answer {
  status: number;
  /** Null: the answer has no body. */
  body: PlainObject | null;
  exchange: HttpExchange;
}

const MEDIA_TYPE = 'application/scim+json';
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_KEPT_TEXT = 2_000;

/** One application's SCIM endpoint: sends one message, answers JSON or throws ProvisioningError with the exchange. */
export class TargetEndpoint {
  private readonly root: string;
  readonly now: () => number;

  constructor(private readonly options: TargetOptions) {
    this.root = options.baseUrl.replace(/\/+$/, '');
    this.now = options.now ?? Date.now;
  }

  /** `tolerated` are statuses that are an answer and not an error for the caller. */
  async send(method: HttpRequest['method'], path: string, body?: object, tolerated: readonly number[] = []): Promise<Answer> {
    const exchange: HttpExchange = { method, path, status: null, requestBody: body ?? null, responseBody: null };
    let response: HttpResponse;
    try {
      response = await this.options.http.request({
        method,
        url: `${this.root}${path}`,
        headers: this.headers(body !== undefined),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs: this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      });
    } catch (error) {
      if (error instanceof ProvisioningError) throw error;
      throw new ProvisioningError('target-unavailable', `The application did not answer${reasonOf(error)}.`, { exchange });
    }
    const text = response.text.trim();
    const json = parsed(text);
    exchange.status = response.status;
    exchange.responseBody = json ?? (text === '' ? null : text.slice(0, MAX_KEPT_TEXT));
    const success = response.status >= 200 && response.status < 300;
    if (!success && !tolerated.includes(response.status)) throw errorOf(response, json, exchange, this.now());
    // A sign-in page with status 200 is no success, whatever was asked for.
    if (success && text !== '' && json === null) throw unexpected('The application answered with something that is not JSON.', exchange);
    return { status: response.status, body: json, exchange };
  }

  private headers(withBody: boolean): Record<string, string> {
    return {
      Accept: `${MEDIA_TYPE}, application/json`,
      'User-Agent': this.options.userAgent ?? 'strapi-user-provisioning',
      ...(withBody ? { 'Content-Type': MEDIA_TYPE } : {}),
      ...(this.options.bearerToken === null ? {} : { Authorization: `Bearer ${this.options.bearerToken}` }),
    };
  }
}

export const unexpected = (message: string, exchange: HttpExchange): ProvisioningError =>
  new ProvisioningError('target-unexpected', message, { exchange });

function parsed(text: string): PlainObject | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Only the code of a network error: its message may hold addresses and headers. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) return ' in time';
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : null);
  return code === null ? '' : ` (${code})`;
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[A-Z0-9_]{2,60}$/.test(error.code) ? error.code : null;
}
