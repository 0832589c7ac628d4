import type { Population } from '../../contracts/connection';
import type { Resource } from '../../domain/resource/resource';

/** An account of Strapi in SCIM's terms. */
export interface Account {
  id: number;
  userName: string;
  /** As Strapi stores it; may be a placeholder. */
  email: string;
  /** Core attributes that Strapi has fields for; no placeholder address. */
  resource: Resource;
  roleIds: number[];
  protection: string | null;
  createdAt: number;
}

/**
 * The one place that writes accounts of a population. It keeps what Strapi's own services guarantee: validation,
 * lifecycles, events and ended sessions, and leaves out their scans of the whole table, so that a user costs the same
 * on a small and on a large site. Called inside a transaction. Throws ProvisioningError `invalid-value`.
 */
export interface AccountAdapter {
  readonly population: Population;
  readonly uid: 'plugin::users-permissions.user' | 'admin::user';
  /** Accounts by id, with roles; missing ones are left out. */
  load(ids: number[]): Promise<Account[]>;
  create(resource: Resource, email: string, roleIds: number[]): Promise<number>;
  /** Writes what differs from `present`; answers whether the row was written. */
  update(present: Account, desired: Resource, email: string): Promise<boolean>;
  setRoles(account: Account, roleIds: number[]): Promise<void>;
  remove(account: Account): Promise<void>;
  defaultRoleId(): Promise<number | null>;
  protectedRoleIds(): Promise<number[]>;
  /** Whether Strapi allows one e-mail address for one account only. */
  emailIsUnique(): Promise<boolean>;
}
