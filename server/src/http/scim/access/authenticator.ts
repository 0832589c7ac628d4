import { isPushed } from '../../../domain/connection/connection';
import type { Clock } from '../../../ports/clock';
import type { SqlConnectionStore, StoredConnection } from '../../../strapi/connection-store';
import type { TokenHash } from '../../../strapi/token-hash';
import type { TokenStore } from '../../../strapi/token-store';
import type { StoredToken } from '../../../strapi/token-row';
import type { AddressNotices } from './address-notices';
import { sourceOf } from './addresses';
import type { RateLimiter } from './rate-limiter';
import type { KnownToken, TokenCache } from './token-cache';

/** Wrong secrets from one address per minute; nobody mistypes a token that often. */
const FAILURES_PER_MINUTE = 60;

/** `last used` is shown in minutes; writing it on every request would cost one more commit each. */
const LAST_USED_PRECISION_MS = 60_000;

/** Where a request comes from, as Koa under Strapi's proxy setting sees it. */
export interface Caller {
  address: string;
  /** It carries forwarding headers, and Strapi is not set to believe them. */
  ignoredForwarding: boolean;
}

export type Admission =
  | { outcome: 'admitted'; connection: StoredConnection; token: StoredToken }
  /** Wrong key, wrong secret, wrong kind, wrong address: nothing tells which. */
  | { outcome: 'refused' }
  | { outcome: 'limited'; retryAfterSeconds: number };

interface Parts {
  clock: Clock;
  hash: TokenHash;
  tokens: TokenStore;
  cache: TokenCache;
  connections: Pick<SqlConnectionStore, 'get'>;
  failures: RateLimiter;
  requests: RateLimiter;
  notices: AddressNotices;
}

/** Decides whether a secret opens a connection. Costs one HMAC and at most one query, whatever is wrong. */
export class Authenticator {
  constructor(private readonly parts: Parts) {}

  async admit(secret: string, key: string, caller: Caller, accepts: (token: StoredToken) => boolean): Promise<Admission> {
    const { hash: hasher, cache, failures } = this.parts;
    const hash = hasher.of(secret);
    const source = sourceOf(caller.address);
    // A token that worked before is not held up by a stranger behind the same proxy.
    const counted = !cache.isKnown(hash);
    const wait = counted ? failures.take(source, FAILURES_PER_MINUTE) : null;
    if (wait !== null) return { outcome: 'limited', retryAfterSeconds: wait };
    const token = await cache.find(hash);
    const connection = token === null ? null : await this.opened(token, key, caller, accepts);
    if (token === null || connection === null) {
      if (!counted) failures.take(source, FAILURES_PER_MINUTE);
      return { outcome: 'refused' };
    }
    if (counted) failures.giveBack(source);
    return this.withinLimit(connection, token);
  }

  /** A request that was admitted turned out to carry several: null, or the seconds to wait where that is over the limit. */
  countAs(count: number, { id, policies: { requestsPerMinute } }: StoredConnection): number | null {
    if (requestsPerMinute === null) return null;
    this.parts.requests.giveBack(id);
    return this.parts.requests.take(id, requestsPerMinute, count);
  }

  private async opened(token: KnownToken, key: string, caller: Caller, accepts: (token: StoredToken) => boolean): Promise<StoredConnection | null> {
    const { connections, notices } = this.parts;
    const connection = await connections.get(token.connectionId);
    if (connection === null || connection.key !== key || !isPushed(connection) || !accepts(token)) return null;
    if (token.allowedIps.length > 0 && caller.ignoredForwarding) notices.untrustedProxy(connection);
    if (token.allows(caller.address)) return connection;
    notices.refused(connection, token, caller.address);
    return null;
  }

  private async withinLimit(connection: StoredConnection, token: KnownToken): Promise<Admission> {
    const perMinute = connection.policies.requestsPerMinute;
    const wait = perMinute === null ? null : this.parts.requests.take(connection.id, perMinute);
    if (wait !== null) return { outcome: 'limited', retryAfterSeconds: wait };
    await this.noteUse(token);
    return { outcome: 'admitted', connection, token };
  }

  private async noteUse(token: KnownToken): Promise<void> {
    const now = this.parts.clock.now();
    if (token.lastUsedAt !== null && now - token.lastUsedAt <= LAST_USED_PRECISION_MS) return;
    token.lastUsedAt = now;
    await this.parts.tokens.touch(token.id);
  }
}
