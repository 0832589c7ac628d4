import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports/http-client';
import type { RequestBudget } from '../../ports/request-budget';
import { isObject, type PlainObject } from '../schema/json';
import { errorOf, isHtml, notScim } from './answer-errors';

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
  /** Waited on before each request; left out: no limit. */
  budget?: RequestBudget;
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
    const timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    await this.options.budget?.take();
    let response: HttpResponse;
    try {
      response = await this.options.http.request({
        method,
        url: `${this.root}${path}`,
        headers: this.headers(body !== undefined),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs,
      });
    } catch (error) {
      if (error instanceof ProvisioningError) throw error;
      throw new ProvisioningError('target-unavailable', tellSilence(error, timeoutMs, method !== 'GET'), { exchange });
    }
    const text = response.text.trim();
    const json = parsed(text);
    exchange.status = response.status;
    exchange.responseBody = json ?? (text === '' ? null : text.slice(0, MAX_KEPT_TEXT));
    const success = response.status >= 200 && response.status < 300;
    if (!success && !tolerated.includes(response.status)) throw errorOf(response, json, exchange, this.now());
    // Where "nothing there" means something it has to be the application that says it. 501 is tolerated by who only tries.
    if (response.status === 404 && !tolerated.includes(501) && isHtml(response)) throw notScim(exchange, 404);
    // A sign-in page with status 200 is no success, whatever was asked for.
    if (success && text !== '' && json === null) throw unexpected(tellNonsense(response), exchange);
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

/** A success that is not SCIM. */
function tellNonsense(response: HttpResponse): string {
  if (isHtml(response)) return 'The application answered with a web page instead of SCIM: often a sign-in page, or a wrong base URL.';
  if (response.text.trimStart().startsWith('{')) return 'The answer of the application breaks off: its JSON is not complete. Whether it did what it was asked for is looked up before the next attempt.';
  return 'The application answered with something that is not JSON.';
}

/** Only the code of a network error: its message may hold addresses and headers. */
function tellSilence(error: unknown, timeoutMs: number, isWrite: boolean): string {
  const doubt = isWrite ? ' It may have done what it was asked for: that is looked up before the next attempt.' : '';
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return `The application did not answer in time (${timeoutMs / 1_000} s).${doubt}`;
  }
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : null);
  if (code !== null && UNREACHED.has(code)) return `The application could not be reached (${code}).`;
  if (code !== null && BROKEN_OFF.has(code)) return `The connection to the application broke off (${code}).${doubt}`;
  return `The application did not answer${code === null ? '' : ` (${code})`}.${doubt}`;
}

/** Nothing was sent. */
const UNREACHED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const BROKEN_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[A-Z0-9_]{2,60}$/.test(error.code) ? error.code : null;
}
