import type { ConnectionInfo, ConnectionWithToken, RotateInput, TokenInfo, TokenInput } from '../../contracts/connection';
import { isPushed } from '../../domain/connection/connection';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { unlimited, type IssuedToken, type NewToken } from '../../strapi/token-store';
import type { ConnectionService } from './connection-service';
import { refuseField } from './validation';

const HOUR_MS = 60 * 60 * 1_000;
const DEFAULT_OVERLAP_HOURS = 24;
const MAX_TOKENS = 50;

/** Tokens and OAuth clients of inbound connections as people administer them. */
export class TokenService {
  constructor(
    private readonly container: Container,
    private readonly connections: ConnectionService
  ) {}

  async create(connection: StoredConnection, input: TokenInput): Promise<ConnectionWithToken> {
    const present = await this.tokensOf(connection);
    if (present.length >= MAX_TOKENS) refuseField('name', `A connection has at most ${MAX_TOKENS} tokens: revoke one first.`);
    const issued = await this.container.tokens.issue(connection.id, {
      name: input.name,
      kind: input.kind ?? 'bearer',
      expiresAt: this.expiry(input.expiresAt),
      scopes: input.scopes ?? [],
      allowedIps: input.allowedIps ?? [],
    });
    return this.shown(connection, issued);
  }

  /** Null: there is no such token. */
  async rotate(connection: StoredConnection, input: RotateInput): Promise<ConnectionWithToken | null> {
    const present = await this.tokensOf(connection);
    const old = input.tokenId === undefined ? present.filter((token) => token.kind === 'bearer') : present.filter(({ id }) => id === input.tokenId);
    if (input.tokenId !== undefined && old.length === 0) return null;
    const overlapHours = input.overlapHours ?? DEFAULT_OVERLAP_HOURS;
    const now = this.container.now();
    const issued = await this.container.tokens.replace(
      connection.id,
      old.map(({ id }) => id),
      overlapHours === 0 ? null : now + overlapHours * HOUR_MS,
      this.successor(old.at(-1), input)
    );
    return this.shown(connection, issued);
  }

  /** Null: there is no such token. */
  async revoke(connection: StoredConnection, tokenId: number): Promise<ConnectionInfo | null> {
    return (await this.container.tokens.revoke(connection.id, tokenId)) ? this.connections.get(connection.id) : null;
  }

  private successor(old: TokenInfo | undefined, input: RotateInput): NewToken {
    const now = this.container.now();
    const dated = `token of ${new Date(now).toISOString().slice(0, 10)}`;
    if (old === undefined) return { ...unlimited(dated), expiresAt: this.expiry(input.expiresAt) };
    const lifetime = old.expiresAt === null ? null : Date.parse(old.expiresAt) - Date.parse(old.createdAt);
    return {
      name: input.tokenId === undefined ? dated : old.name,
      kind: old.kind,
      expiresAt: input.expiresAt === undefined ? lifetime && now + lifetime : this.expiry(input.expiresAt),
      scopes: old.scopes,
      allowedIps: old.allowedIps,
    };
  }

  private expiry(given: string | null | undefined): number | null {
    if (given === null || given === undefined) return null;
    const time = Date.parse(given);
    return time > this.container.now() ? time : refuseField('expiresAt', 'Choose a time in the future.');
  }

  private async tokensOf(connection: StoredConnection): Promise<TokenInfo[]> {
    if (!isPushed(connection)) refuseField('bearerToken', 'The token of an application is issued there; enter it in the connection.');
    return (await this.container.tokens.list([connection.id])).get(connection.id) ?? [];
  }

  private async shown(connection: StoredConnection, issued: IssuedToken): Promise<ConnectionWithToken> {
    const info = await this.connections.get(connection.id);
    if (!info) throw new Error('The connection disappeared while its token was being issued.');
    return { connection: info, token: issued.secret, clientId: issued.clientId };
  }
}
