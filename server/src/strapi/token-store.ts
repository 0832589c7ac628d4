import { randomBytes } from 'node:crypto';
import type { TokenInfo, TokenScope } from '../contracts/connection';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { toJson, type Database } from './database';
import { toInfo, toStoredToken, type OwnerColumns, type StoredToken, type TokenRow } from './token-row';
import type { TokenHash } from './token-hash';

export interface NewToken {
  name: string;
  kind: 'bearer' | 'client';
  /** Epoch milliseconds; null: never. */
  expiresAt: number | null;
  scopes: TokenScope[];
  allowedIps: string[];
}

export interface IssuedToken {
  id: number;
  /** Answered here and nowhere else. */
  secret: string;
  /** Of an OAuth client. */
  clientId: string | null;
}

/** A token that only its name tells from others: it does not expire and may do everything from everywhere. */
export const unlimited = (name: string): NewToken => ({ name, kind: 'bearer', expiresAt: null, scopes: [], allowedIps: [] });

/** How long an expired token stands in the list: whoever rotates every day must not collect them for ever. */
const KEPT_AFTER_EXPIRY_MS = 30 * 24 * 60 * 60 * 1_000;

const random = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** Bearer tokens, OAuth clients and the access tokens issued to them: rows of one table, found by the hash of their secret. */
export class TokenStore {
  /** Raised whenever a token may have lost its power: what was read before must not be trusted any more. */
  generation = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly hash: TokenHash
  ) {}

  async issue(connectionId: number, token: NewToken): Promise<IssuedToken> {
    const clientId = token.kind === 'client' ? `client_${randomBytes(12).toString('hex')}` : null;
    const secret = random(token.kind === 'client' ? 'scim_secret_' : 'scim_');
    const id = await this.insert(secret, {
      connection_id: connectionId,
      name: token.name,
      kind: token.kind,
      hint: clientId ?? secret.slice(0, 9),
      client_id: clientId,
      scopes: toJson(token.scopes),
      allowed_ips: toJson(token.allowedIps),
      expires_at: token.expiresAt,
    });
    return { id, secret, clientId };
  }

  /** An access token of an OAuth client: it ends with its client, and is accepted from the client's addresses only. */
  async issueAccess(client: StoredToken, scopes: TokenScope[], lifetimeMs: number): Promise<string> {
    const secret = random('scim_access_');
    await this.insert(secret, {
      connection_id: client.connectionId,
      name: client.name,
      kind: 'access',
      hint: 'scim_access',
      client_id: client.clientId,
      scopes: toJson(scopes),
      expires_at: this.clock.now() + lifetimeMs,
    });
    return secret;
  }

  /** By the hash of the secret, in one query whatever the outcome; null for one that is wrong, expired or revoked. */
  async find(hash: string): Promise<StoredToken | null> {
    const { tokens } = TABLES;
    const row = await this.database.query<(TokenRow & OwnerColumns) | undefined>(async (tables) =>
      tables(tokens)
        .leftJoin(`${tokens} as owner`, (join) => {
          join.on('owner.client_id', '=', `${tokens}.client_id`).andOnVal('owner.kind', '=', 'client').andOnVal(`${tokens}.kind`, '=', 'access');
        })
        .where({ [`${tokens}.hash`]: hash, [`${tokens}.key_id`]: this.hash.keyId() })
        .first(
          `${tokens}.*`,
          'owner.id as owner_id',
          'owner.name as owner_name',
          'owner.allowed_ips as owner_allowed_ips',
          'owner.expires_at as owner_expires_at',
          'owner.last_used_at as owner_last_used_at'
        )
    );
    const token = row === undefined ? null : toStoredToken(row);
    return token === null || (token.expiresAt !== null && token.expiresAt <= this.clock.now()) ? null : token;
  }

  /** Notes the last use of a token; of an access token, that of its client. */
  async touch(id: number): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.tokens).where({ id }).update({ last_used_at: this.clock.now() }));
  }

  /** What an admin sees: everything but access tokens. */
  async list(connectionIds: number[]): Promise<Map<number, TokenInfo[]>> {
    const rows = await this.database.query<TokenRow[]>(async (tables) =>
      tables(TABLES.tokens).whereIn('connection_id', connectionIds).orderBy('id')
    );
    const result = new Map<number, TokenInfo[]>();
    for (const row of rows) {
      if (row.kind === 'access') continue;
      const tokens = result.get(row.connection_id) ?? [];
      tokens.push(toInfo(row));
      result.set(row.connection_id, tokens);
    }
    return result;
  }

  /**
   * Issues a token in the place of others. Those stay valid until `endsAt`, so that the provider can be switched over
   * without a gap; null ends them now.
   */
  async replace(connectionId: number, oldIds: number[], endsAt: number | null, token: NewToken): Promise<IssuedToken> {
    const issued = await this.database.run(async () => {
      for (const id of oldIds) await (endsAt === null ? this.delete(connectionId, id) : this.endBy(connectionId, id, endsAt));
      return this.issue(connectionId, token);
    });
    this.generation += 1;
    return issued;
  }

  async revoke(connectionId: number, tokenId: number): Promise<boolean> {
    const revoked = await this.database.run(() => this.delete(connectionId, tokenId));
    this.generation += 1;
    return revoked;
  }

  /** Access tokens past their hour. What an admin made stays a while longer, so that it is seen why a provider is refused. */
  async removeExpired(): Promise<number> {
    const now = this.clock.now();
    return this.database.query<number>(async (tables) =>
      tables(TABLES.tokens)
        .where((spent) => spent.where('kind', 'access').where('expires_at', '<=', now))
        .orWhere('expires_at', '<=', now - KEPT_AFTER_EXPIRY_MS)
        .delete()
    );
  }

  private async insert(secret: string, columns: Record<string, unknown>): Promise<number> {
    const hash = this.hash.of(secret);
    return this.database.query(async (tables) => {
      await tables(TABLES.tokens).insert({ ...columns, hash, key_id: this.hash.keyId(), created_at: this.clock.now() });
      const row = (await tables(TABLES.tokens).where({ hash }).first('id')) as { id: number };
      return row.id;
    });
  }

  private async delete(connectionId: number, id: number): Promise<boolean> {
    return this.database.query(async (tables) => {
      const row = (await tables(TABLES.tokens).where({ id, connection_id: connectionId }).first('kind', 'client_id')) as
        | Pick<TokenRow, 'kind' | 'client_id'>
        | undefined;
      if (!row || row.kind === 'access') return false;
      if (row.client_id !== null) await tables(TABLES.tokens).where({ client_id: row.client_id, kind: 'access' }).delete();
      return (await tables(TABLES.tokens).where({ id }).delete()) > 0;
    });
  }

  /** Never later than it ended anyhow. */
  private async endBy(connectionId: number, id: number, endsAt: number): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.tokens)
        .where({ id, connection_id: connectionId })
        .where((ends) => ends.whereNull('expires_at').orWhere('expires_at', '>', endsAt))
        .update({ expires_at: endsAt })
    );
  }
}
