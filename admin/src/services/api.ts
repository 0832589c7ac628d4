import { adminApi } from '@strapi/strapi/admin';

export const TAGS = {
  approvals: 'UserProvisioningApprovals',
  connection: 'UserProvisioningConnection',
  operation: 'UserProvisioningOperation',
  status: 'UserProvisioningStatus',
} as const;

/** The id under which a list stands in the cache, next to the ids of its entries. */
export const LIST = 'LIST';

/** Every answer of the plugin's admin API is wrapped like this. */
export interface Envelope<T> {
  data: T;
}

export const unwrap = <T>(response: Envelope<T>): T => response.data;

/**
 * The endpoints of Strapi and of all plugins share one object, and the first of a name wins: those of this plugin carry
 * "Provisioning" in their names.
 */
export const api = adminApi.enhanceEndpoints({ addTagTypes: Object.values(TAGS) });
