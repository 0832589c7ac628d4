import type { TokenInfo, TokenScope } from '../contracts/connection';
import { parseJson, toNumber, toNumberOrNull } from './database';

export interface TokenRow {
  id: number;
  connection_id: number;
  name: string;
  hint: string;
  created_at: number | string;
  expires_at: number | string | null;
  last_used_at: number | string | null;
  kind: string | null;
  client_id: string | null;
  scopes: string | null;
  allowed_ips: string | null;
}

/** The client an access token was issued to; null where that is gone, or where the token is none. */
export interface OwnerColumns {
  owner_id: number | null;
  owner_name: string | null;
  owner_allowed_ips: string | null;
  owner_expires_at: number | string | null;
  owner_last_used_at: number | string | null;
}

/** A token as a request is checked against it. */
export interface StoredToken {
  /** The row an admin sees: of an access token its client. */
  id: number;
  kind: 'bearer' | 'client' | 'access';
  name: string;
  connectionId: number;
  clientId: string | null;
  scopes: TokenScope[];
  allowedIps: string[];
  /** Epoch milliseconds; of an access token never later than its client's. */
  expiresAt: number | null;
  lastUsedAt: number | null;
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

const earlier = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));

/** Null: an access token whose client was revoked meanwhile. */
export function toStoredToken(row: TokenRow & OwnerColumns): StoredToken | null {
  const expiresAt = toNumberOrNull(row.expires_at);
  const shared = { connectionId: row.connection_id, clientId: row.client_id, scopes: parseJson<TokenScope[]>(row.scopes) ?? [] };
  if (row.kind !== 'access') {
    return {
      ...shared,
      id: row.id,
      kind: row.kind === 'client' ? 'client' : 'bearer',
      name: row.name,
      allowedIps: parseJson<string[]>(row.allowed_ips) ?? [],
      expiresAt,
      lastUsedAt: toNumberOrNull(row.last_used_at),
    };
  }
  if (row.owner_id === null) return null;
  return {
    ...shared,
    id: row.owner_id,
    kind: 'access',
    name: row.owner_name ?? row.name,
    allowedIps: parseJson<string[]>(row.owner_allowed_ips) ?? [],
    expiresAt: earlier(expiresAt, toNumberOrNull(row.owner_expires_at)),
    lastUsedAt: toNumberOrNull(row.owner_last_used_at),
  };
}

export const toInfo = (row: TokenRow): TokenInfo => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  createdAt: new Date(toNumber(row.created_at)).toISOString(),
  expiresAt: iso(toNumberOrNull(row.expires_at)),
  lastUsedAt: iso(toNumberOrNull(row.last_used_at)),
  kind: row.kind === 'client' ? 'client' : 'bearer',
  scopes: parseJson<TokenScope[]>(row.scopes) ?? [],
  allowedIps: parseJson<string[]>(row.allowed_ips) ?? [],
});
