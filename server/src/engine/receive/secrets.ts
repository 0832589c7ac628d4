import { ProvisioningError } from '../../domain/errors';
import { REDACTED } from '../../domain/log/redact';
import type { Resource } from '../../domain/resource/resource';
import type { LocalDirectory, WriteOptions } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';

/**
 * A password on its way to an account. It leaves the resource before anything reads, compares, keeps or logs it; what
 * stays is its hash, and a mark so that the log says that it changed.
 */
export interface Secret {
  options: Pick<WriteOptions, 'passwordHash'>;
  mark: { password?: string };
}

const NONE: Secret = { options: {}, mark: {} };

/** `value` undefined: none was sent. null: it is to be taken away. Hashes, so it is called before the transaction. */
export async function secretOf(ctx: ScimRequestContext, directory: LocalDirectory, value: unknown, ref: string | null): Promise<Secret> {
  if (value === undefined) return NONE;
  if (!ctx.connection.policies.acceptPassword) {
    if (!ctx.dropped?.includes('password')) ctx.dropped = [...(ctx.dropped ?? []), 'password'];
    return NONE;
  }
  if (value !== null && typeof value !== 'string') throw new ProvisioningError('invalid-value', 'password: must be a string.', { attribute: 'password' });
  if (value === null || value === '') return { options: { passwordHash: null }, mark: { password: REDACTED } };
  const passwordHash = await directory.hashPassword(value, ref);
  // The same one again: nobody is signed out for a provider that sends it with every update.
  return passwordHash === null ? NONE : { options: { passwordHash }, mark: { password: REDACTED } };
}

/** The resource without its password, and the password. */
export function splitPassword(resource: Resource): { resource: Resource; password: unknown } {
  const { password, ...rest } = resource;
  return { resource: rest as Resource, password };
}
