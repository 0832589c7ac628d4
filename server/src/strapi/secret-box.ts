import type { Core } from '@strapi/types';
import { ProvisioningError } from '../domain/errors';

interface EncryptionService {
  encrypt(value: string): string | null;
  decrypt(value: string): string | null;
}

/** Credentials at rest, by Strapi's encryption service (AES-256-GCM, key from ENCRYPTION_KEY). */
export class SecretBox {
  constructor(private readonly strapi: Core.Strapi) {}

  get isReady(): boolean {
    return Boolean(this.strapi.config.get('admin.secrets.encryptionKey'));
  }

  /** Null without a key: the caller refuses to save. */
  seal(plain: string): string | null {
    return this.isReady ? this.service().encrypt(plain) : null;
  }

  /** Throws `credential-unreadable` when the key is missing or another one. */
  open(sealed: string): string {
    const plain = this.isReady ? this.service().decrypt(sealed) : null;
    if (plain === null) {
      throw new ProvisioningError('credential-unreadable', 'The stored credential cannot be decrypted: ENCRYPTION_KEY is missing or was changed.');
    }
    return plain;
  }

  private service(): EncryptionService {
    return this.strapi.service('admin::encryption') as unknown as EncryptionService;
  }
}
