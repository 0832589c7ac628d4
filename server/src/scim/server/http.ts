import { toScimError } from '../messages/error-mapping';

export interface ScimHttpRequest {
  method: string;
  /** Relative to the SCIM root, still percent-encoded, without the query: `/Users/123`. */
  path: string;
  query: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined or null where there was none. */
  body: unknown;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
}

export interface ScimHttpResponse {
  status: number;
  headers: Record<string, string>;
  /** JSON; null for an answer without a body. */
  body: unknown;
}

/** Without a charset: the type has no parameters (RFC 7644 section 8.1), and clients compare it as text. */
export const SCIM_MEDIA_TYPE = 'application/scim+json';

export const jsonResponse = (status: number, body: unknown, headers: Record<string, string> = {}): ScimHttpResponse => ({
  status,
  headers: { 'Content-Type': SCIM_MEDIA_TYPE, ...headers },
  body,
});

export const emptyResponse = (status: number, headers: Record<string, string> = {}): ScimHttpResponse => ({ status, headers, body: null });

/** Any error as an answer (RFC 7644 section 3.12), with the headers its status calls for. */
export function errorResponse(error: unknown): ScimHttpResponse {
  const scimError = toScimError(error);
  return jsonResponse(scimError.status, scimError.toBody(), { ...scimError.headers });
}

/** The value of a query parameter; names without regard to case, the first of several. */
export function queryValue(query: ScimHttpRequest['query'], name: string): string | null {
  const wanted = name.toLowerCase();
  const key = Object.hasOwn(query, name) ? name : Object.keys(query).find((candidate) => candidate.toLowerCase() === wanted);
  const value = key === undefined ? undefined : query[key];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
