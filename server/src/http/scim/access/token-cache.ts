import type { Clock } from '../../../ports/clock';
import type { StoredToken } from '../../../strapi/token-row';
import { addressRule } from './addresses';

/** How long a token revoked on another node may still be accepted here. */
const FRESH_MS = 5_000;

const MAX_ENTRIES = 1_000;

export interface KnownToken extends StoredToken {
  allows(address: string): boolean;
}

interface Entry {
  token: KnownToken;
  readAt: number;
  generation: number;
}

interface TokenSource {
  readonly generation: number;
  find(hash: string): Promise<StoredToken | null>;
}

/**
 * Tokens in use, so that a request costs no query for its token. Only tokens that exist are kept: a stranger cannot
 * fill it. What was revoked here is gone at once (the source's generation), what was revoked elsewhere within 5 s.
 */
export class TokenCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly source: TokenSource,
    private readonly clock: Clock
  ) {}

  /** True for a token that was valid when it was last read, however long ago. */
  isKnown(hash: string): boolean {
    return this.entries.has(hash);
  }

  async find(hash: string): Promise<KnownToken | null> {
    const entry = this.entries.get(hash);
    const now = this.clock.now();
    if (entry && entry.generation === this.source.generation && now - entry.readAt < FRESH_MS) {
      return entry.token.expiresAt !== null && entry.token.expiresAt <= now ? null : entry.token;
    }
    // Before the query: what is revoked while it runs must not be kept as it was.
    const { generation } = this.source;
    const token = await this.source.find(hash);
    this.entries.delete(hash);
    if (token === null) return null;
    const known = { ...token, allows: addressRule(token.allowedIps) };
    this.entries.set(hash, { token: known, readAt: now, generation });
    if (this.entries.size > MAX_ENTRIES) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    return known;
  }
}
