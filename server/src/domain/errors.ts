import type { ErrorCode } from '../contracts/error-codes';
import type { HttpExchange } from '../contracts/operation';

export interface ProvisioningErrorOptions {
  /** SCIM attribute path the error is about. */
  attribute?: string;
  /** When the other side said to come back, in milliseconds from now. */
  retryAfterMs?: number;
  /** The HTTP exchange that failed, unredacted: it is redacted when the operation is recorded. */
  exchange?: HttpExchange;
  /** Ids at the application of those who are in question. */
  refs?: string[];
  cause?: unknown;
}

/** Everything the pipeline refuses or fails with. The code is from the error catalogue, the message a sentence for people. */
export class ProvisioningError extends Error {
  readonly code: ErrorCode;
  readonly attribute: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly exchange: HttpExchange | undefined;
  readonly refs: readonly string[];

  constructor(code: ErrorCode, message: string, options: ProvisioningErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProvisioningError';
    this.code = code;
    this.attribute = options.attribute;
    this.retryAfterMs = options.retryAfterMs;
    this.exchange = options.exchange;
    this.refs = options.refs ?? [];
  }
}
