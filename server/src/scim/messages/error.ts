import type { ErrorCode } from '../../contracts/error-codes';
import { ProvisioningError } from '../../domain/errors';
import { withoutLiterals } from '../../domain/log/redact';
import { ERROR_URN } from './urns';

/** RFC 7644 section 3.12, table 9, and what RFC 9865 adds. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  /** RFC 9865 section 2.1. */
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

export interface ScimErrorBody {
  schemas: [typeof ERROR_URN];
  status: string;
  scimType?: ScimType;
  detail: string;
}

export interface ScimErrorOptions {
  /** SCIM attribute path the error is about. */
  attribute?: string;
  /** Where status and scimType do not tell the log enough. */
  code?: ErrorCode;
  /** Headers the status calls for: Retry-After, Allow, WWW-Authenticate. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * An answer that is an error (RFC 7644 section 3.12). The detail is read by people at the other side. It is a
 * ProvisioningError too, so that one thrown within the pipeline (a PATCH without a target) is logged as a refusal.
 */
export class ScimError extends ProvisioningError {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, scimType?: ScimType, options: ScimErrorOptions = {}) {
    super(options.code ?? codeOf(status, scimType), detail, options.attribute === undefined ? {} : { attribute: options.attribute });
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
    this.headers = options.headers ?? {};
  }

  get detail(): string {
    return this.message;
  }

  /** The body of the answer; `status` is a string in the RFC. */
  toBody(): ScimErrorBody {
    return {
      schemas: [ERROR_URN],
      status: String(this.status),
      ...(this.scimType === undefined ? {} : { scimType: this.scimType }),
      detail: this.message,
    };
  }
}

function codeOf(status: number, scimType: ScimType | undefined): ErrorCode {
  if (scimType === 'uniqueness' || status === 409) return 'uniqueness';
  if (scimType === 'invalidFilter' || scimType === 'tooMany') return 'invalid-filter';
  if (scimType === 'invalidSyntax') return 'invalid-syntax';
  if (status === 404) return 'not-found';
  if (status === 413) return 'too-large';
  if (status === 412) return 'version-mismatch';
  if (status === 403) return 'protected';
  return status >= 500 ? 'internal' : 'invalid-value';
}

/** Names in messages come from the client: cut, so that an answer cannot be made arbitrarily large. */
export const quoted = (name: string): string => `"${shortened(name, 100)}"`;

function shortened(name: string, length: number): string {
  const text = withoutLiterals(name);
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

export const invalidValue = (attribute: string, reason: string): ScimError => {
  const name = shortened(attribute, 200);
  return new ScimError(400, `${name}: ${reason}`, 'invalidValue', { attribute: name });
};

/** RFC 7644 section 3.14: the resource is not, or no longer, what the client believes. */
export const preconditionFailed = (): ScimError =>
  new ScimError(412, 'The resource has another version than If-Match or version names. Read it again and repeat the change.');

export const invalidSyntax = (detail: string): ScimError => new ScimError(400, detail, 'invalidSyntax');
