import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Core } from '@strapi/types';
import type { TokenInfo } from '../contracts/connection';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { toNumber, toNumberOrNull, type Database } from './database';

interface TokenRow {
  id: number;
  connection_id: number;
  name: string;
  hint: string;
  created_at: number | string;
  expires_at: number | string | null;
  last_used_at: number | string | null;
}

export interface VerifiedToken {
  id: number;
  name: string;
  connectionId: number;
}

/** `last used` is shown in minutes; writing it on every request would cost one more commit each. */
const LAST_USED_PRECISION_MS = 60_000;

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/**
 * Bearer tokens of inbound connections. Stored is an HMAC-SHA-256 under Strapi's API token salt: 256 random bits need
 * no slow hash, and without the salt a stolen table is useless.
 */
export class TokenStore {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  /** The token itself is answered here and nowhere else. */
  async issue(connectionId: number, name: string): Promise<string> {
    const token = `scim_${randomBytes(32).toString('base64url')}`;
    await this.database.query(async (tables) =>
      tables(TABLES.tokens).insert({
        connection_id: connectionId,
        name,
        hash: this.hash(token),
        key_id: this.keyId(),
        hint: token.slice(0, 9),
        created_at: this.clock.now(),
      })
    );
    return token;
  }

  /** Null for a wrong, expired or revoked token: they all look alike. */
  async verify(token: string): Promise<VerifiedToken | null> {
    const row = await this.database.query<TokenRow | undefined>(async (tables) =>
      tables(TABLES.tokens).where({ hash: this.hash(token), key_id: this.keyId() }).first()
    );
    const now = this.clock.now();
    const expiresAt = toNumberOrNull(row?.expires_at);
    if (!row || (expiresAt !== null && expiresAt <= now)) return null;
    if (now - (toNumberOrNull(row.last_used_at) ?? 0) > LAST_USED_PRECISION_MS) {
      await this.database.query(async (tables) => tables(TABLES.tokens).where({ id: row.id }).update({ last_used_at: now }));
    }
    return { id: row.id, name: row.name, connectionId: row.connection_id };
  }

  async list(connectionIds: number[]): Promise<Map<number, TokenInfo[]>> {
    const rows = await this.database.query<TokenRow[]>(async (tables) =>
      tables(TABLES.tokens).whereIn('connection_id', connectionIds).orderBy('id')
    );
    const result = new Map<number, TokenInfo[]>();
    for (const row of rows) {
      const tokens = result.get(row.connection_id) ?? [];
      tokens.push({
        id: row.id,
        name: row.name,
        hint: row.hint,
        createdAt: new Date(toNumber(row.created_at)).toISOString(),
        expiresAt: iso(toNumberOrNull(row.expires_at)),
        lastUsedAt: iso(toNumberOrNull(row.last_used_at)),
      });
      result.set(row.connection_id, tokens);
    }
    return result;
  }

  async revoke(connectionId: number, tokenId: number): Promise<boolean> {
    const revoked = await this.database.query<number>(async (tables) =>
      tables(TABLES.tokens).where({ id: tokenId, connection_id: connectionId }).delete()
    );
    return revoked > 0;
  }

  private hash(token: string): string {
    return createHmac('sha256', this.key()).update(token).digest('hex');
  }

  private keyId(): string {
    return createHash('sha256').update(`key-id:${this.key()}`).digest('hex').slice(0, 8);
  }

  private key(): string {
    const salt = this.strapi.config.get<string>('admin.apiToken.salt');
    if (!salt) throw new Error('Strapi has no API_TOKEN_SALT: tokens cannot be issued or checked. Set apiToken.salt in config/admin.');
    return salt;
  }
}
