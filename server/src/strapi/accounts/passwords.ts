import type { Core } from '@strapi/types';
import type { WriteOptions } from '../../ports/local-directory';
import type { AccountUid } from '../extension/fields';

/** What is written with a new password: a link that was mailed for the old one is void. */
export const passwordFields = ({ passwordHash }: WriteOptions): Record<string, unknown> =>
  passwordHash === undefined ? {} : { password: passwordHash, resetPasswordToken: null };

export async function storedPassword(strapi: Core.Strapi, uid: AccountUid, accountId: number): Promise<string | null> {
  const row = (await strapi.db.query(uid).findOne({ where: { id: accountId }, select: ['password'] })) as { password?: string | null } | null;
  return row?.password ?? null;
}
