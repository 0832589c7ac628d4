import { createHash, createHmac } from 'node:crypto';
import type { Core } from '@strapi/types';

/**
 * What is stored of a secret: an HMAC-SHA-256 under Strapi's API token salt. 256 random bits need no slow hash, and
 * without the salt a stolen table is useless.
 */
export class TokenHash {
  private known: { key: string; id: string } | null = null;

  constructor(private readonly strapi: Core.Strapi) {}

  of(secret: string): string {
    return createHmac('sha256', this.key()).update(secret).digest('hex');
  }

  /** Stored with each hash: after a change of the salt a token is known to be unusable, not wrong. */
  keyId(): string {
    const key = this.key();
    if (this.known?.key !== key) this.known = { key, id: createHash('sha256').update(`key-id:${key}`).digest('hex').slice(0, 8) };
    return this.known.id;
  }

  private key(): string {
    const salt = this.strapi.config.get<string>('admin.apiToken.salt');
    if (!salt) throw new Error('Strapi has no API_TOKEN_SALT: tokens cannot be issued or checked. Set apiToken.salt in config/admin.');
    return salt;
  }
}
