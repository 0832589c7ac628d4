/** RFC 6749 section 5.2. */
export type OAuthErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope' | 'temporarily_unavailable' | 'server_error';

/** An answer of the token endpoint that is an error. */
export class OAuthError extends Error {
  constructor(
    readonly status: number,
    readonly code: OAuthErrorCode,
    description: string,
    readonly headers: Readonly<Record<string, string>> = {}
  ) {
    super(description);
    this.name = 'OAuthError';
  }
}

export interface ClientCredentials {
  clientId: string;
  secret: string;
}

export interface TokenRequest {
  credentials: ClientCredentials;
  /** Empty: no scope was asked for. */
  scopes: string[];
}

const invalid = (description: string): OAuthError => new OAuthError(400, 'invalid_request', description);

/** One answer for everything that is wrong with the connection, the client or its secret. */
export const invalidClient = (): OAuthError =>
  new OAuthError(401, 'invalid_client', 'The client is unknown, or its secret is wrong or has expired.', { 'WWW-Authenticate': 'Basic realm="SCIM"' });

/** A request for an access token with client credentials (RFC 6749 section 4.4.2); throws OAuthError. */
export function parseTokenRequest(form: unknown, authorization: string): TokenRequest {
  const parameter = (name: string): string | null => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined || value === '') return null;
    // Section 3.2: a parameter must not come twice.
    if (typeof value !== 'string') throw invalid(`${name} must be given once, as text.`);
    return value;
  };
  if (typeof form !== 'object' || form === null) throw invalid('Send the parameters as application/x-www-form-urlencoded.');
  const fields = form as Record<string, unknown>;
  const grantType = parameter('grant_type');
  if (grantType === null) throw invalid('grant_type is missing.');
  if (grantType !== 'client_credentials') throw new OAuthError(400, 'unsupported_grant_type', 'Only client_credentials is supported.');
  const scopes = (parameter('scope') ?? '').split(' ').filter((word) => word !== '');
  return { credentials: credentialsOf(authorization, parameter('client_id'), parameter('client_secret')), scopes };
}

/** client_secret_basic or client_secret_post, never both (section 2.3). */
function credentialsOf(authorization: string, id: string | null, secret: string | null): ClientCredentials {
  if (authorization === '') {
    if (id === null || secret === null) throw invalidClient();
    return { clientId: id, secret };
  }
  const basic = parseBasic(authorization);
  if (basic === null) throw invalidClient();
  if (secret !== null) throw invalid('Send the secret in the Authorization header or in the body, not in both.');
  if (id !== null && id !== basic.clientId) throw invalid('client_id differs from the one in the Authorization header.');
  return basic;
}

/** Section 2.3.1: id and secret are form-encoded before they are joined. */
function parseBasic(authorization: string): ClientCredentials | null {
  const encoded = /^Basic +([A-Za-z0-9+/_-]+=*)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return null;
  try {
    const [clientId, secret] = [text.slice(0, colon), text.slice(colon + 1)].map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    return clientId === undefined || secret === undefined ? null : { clientId, secret };
  } catch {
    return null;
  }
}
