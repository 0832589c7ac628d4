import { createHash, createHmac } from 'node:crypto';
import type { Core } from '@strapi/types';
import type { SealKey } from '../domain/log/seal';

/** What signs the log's seals: the site's own key, else one made of Strapi's API token salt; null: there is neither. */
export function sealKeyOf(strapi: Core.Strapi, configured: string): SealKey | null {
  const salt = strapi.config.get<string>('admin.apiToken.salt');
  const secret = configured !== '' ? configured : salt ? createHmac('sha256', salt).update('provisioning-log').digest('hex') : '';
  return secret === '' ? null : { id: createHash('sha256').update(`log-key:${secret}`).digest('hex').slice(0, 8), secret };
}
