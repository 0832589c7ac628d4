import type { AttributeChange } from '../contracts/operation';
import type { Resource } from '../domain/resource/resource';
import type { Directory, DirectoryEntry } from './directory';

/** An account of this Strapi as the pipeline sees it. `ref` is its SCIM id. */
export interface LocalUser extends DirectoryEntry {
  created: number;
  lastModified: number;
  version: number;
  roleIds: number[];
  /** Role that provisioning set last; null if it never did. */
  appliedRoleId: number | null;
  /** Why provisioning may not write it (super admin ...); null when it may. */
  protection: string | null;
}

/** Values the unique keys and indexes hold; both already normalised. */
export type UserKey = { attribute: 'userName' | 'email'; value: string } | { attribute: 'id'; value: string };

export interface NewUserOptions {
  roleIds: number[];
}

/**
 * Users of one population of this Strapi. All writes to accounts go through it: it validates as Strapi does, keeps the
 * identity row with its unique keys, fires Strapi's lifecycles and events and ends sessions of deactivated users.
 * Throws ProvisioningError `uniqueness`, `invalid-value`, `protected`.
 */
export interface LocalDirectory extends Directory {
  readUser(scimId: string): Promise<LocalUser | null>;
  readUsers(scimIds: string[]): Promise<LocalUser[]>;
  findUsers(key: UserKey): Promise<LocalUser[]>;
  /** A page in stable order (by age of the identity); `offset` is 0-based. */
  pageUsers(offset: number, limit: number): Promise<LocalUser[]>;
  countUsers(): Promise<number>;
  createUser(resource: Resource, options: NewUserOptions): Promise<LocalUser>;
  updateUser(user: LocalUser, desired: Resource, changes: AttributeChange[]): Promise<LocalUser>;
  /** Replaces the account's roles and remembers the first one as set by provisioning. */
  setRoles(user: LocalUser, roleIds: number[]): Promise<void>;
  removeUser(user: LocalUser): Promise<void>;
  /** Role given where nothing else says which; null where the population needs none. */
  defaultRoleId(): Promise<number | null>;
  /** Of these roles, the ones no connection may grant (super admin). */
  protectedRoleIds(): Promise<number[]>;
}
