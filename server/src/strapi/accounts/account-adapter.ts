import type { InboundPolicies, Population } from '../../contracts/connection';
import type { AccountExtension } from '../extension/account-extension';
import type { AccountRow, AccountRows } from './account-rows';
import type { Resource } from '../../domain/resource/resource';
import type { NewUserOptions, SignIn, WriteOptions } from '../../ports/local-directory';
import type { Protection } from '../../domain/roles/protection';

/** An account of Strapi in SCIM's terms. */
export interface Account {
  id: number;
  userName: string;
  /** As Strapi stores it; may be a placeholder. */
  email: string;
  /** Attributes that Strapi has fields for, with the Strapi extension; no placeholder address. */
  resource: Resource;
  roleIds: number[];
  signIn: SignIn | null;
  protection: Protection | null;
  createdAt: number;
  /** When Strapi last wrote the row; of one that nobody changed, the same as `createdAt`. */
  updatedAt: number;
}

/**
 * The one place that writes accounts of a population. It keeps what Strapi's own services guarantee: validation,
 * lifecycles, events and ended sessions, and leaves out their scans of the whole table, so that a user costs the same
 * on a small and on a large site. Called inside a transaction. Throws ProvisioningError `invalid-value`.
 */
export interface AccountAdapter {
  readonly population: Population;
  readonly uid: 'plugin::users-permissions.user' | 'admin::user';
  /** The site's own fields. */
  readonly extension: AccountExtension;
  /** Accounts with their identities, in one query. */
  readonly rows: AccountRows;
  accountOf(row: AccountRow): Account;
  /** Accounts by id, with roles; missing ones are left out. */
  load(ids: number[]): Promise<Account[]>;
  create(resource: Resource, email: string, options: NewUserOptions): Promise<Account>;
  /** Writes what differs from `present`; null where nothing does. */
  update(present: Account, desired: Resource, email: string, options: WriteOptions): Promise<Account | null>;
  setRoles(account: Account, roleIds: number[]): Promise<void>;
  remove(account: Account): Promise<void>;
  endSessions(account: Account): Promise<void>;
  /** Clears every personal field but names and address that the caller replaced; relations to content stay. */
  anonymise(account: Account): Promise<void>;
  defaultRoleId(): Promise<number | null>;
  /** Role that Strapi gives to those whose role is deleted. */
  fallbackRoleId(): Promise<number | null>;
  protectedRoleIds(): Promise<number[]>;
  existingRoleIds(roleIds: number[]): Promise<number[]>;
  /** Whether no other active account has a protected role; locks those that have one. */
  isLastSuperAdmin(account: Account): Promise<boolean>;
  /** Whether a second account with an e-mail address is refused. */
  emailIsUnique(policy: InboundPolicies['sharedEmail']): Promise<boolean>;
  /** As stored, for comparing; null where the account has none. */
  passwordHashOf(accountId: number): Promise<string | null>;
}
