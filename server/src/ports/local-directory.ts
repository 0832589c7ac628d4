import type { InboundPolicies } from '../contracts/connection';
import type { AttributeChange } from '../contracts/operation';
import type { Protection } from '../domain/roles/protection';
import type { Resource } from '../domain/resource/resource';
import type { Tombstone } from '../domain/departure/tombstone';
import type { Directory, DirectoryEntry } from './directory';
import type { Link } from './link-store';

export interface SignIn {
  provider: string | null;
  confirmed: boolean;
}

/** An account of this Strapi as the pipeline sees it. `ref` is its SCIM id. */
export interface LocalUser extends DirectoryEntry {
  /** Row id of the identity, for indexes. */
  key: number;
  /** Row id of the account. */
  accountId: number;
  created: number;
  lastModified: number;
  version: number;
  roleIds: number[];
  /** End users: what they sign in by, and whether their address is confirmed; null for others. */
  signIn: SignIn | null;
  /** Role that provisioning set last; null if it never did. */
  appliedRoleId: number | null;
  /** Why provisioning may not write it; null when it may. */
  protection: Protection | null;
  /** Tie to the connection it was read for, null for none; undefined: it was not read with the user. */
  link?: Link | null;
}

/** Values the unique keys and indexes hold; both already normalised. */
export type UserKey = { attribute: 'userName' | 'email'; value: string } | { attribute: 'id'; value: string };

/** What a connection's policies say about a write. Left out: the careful choice. */
export interface WriteOptions {
  /** Attributes of the Strapi extension that are written; all others keep their values. Default: none. */
  writable?: readonly string[];
  /** Two accounts with one e-mail address. Default: as Strapi's own setting says. */
  sharedEmail?: InboundPolicies['sharedEmail'];
  /** From `hashPassword`; null takes the password away. Left out: it stays. */
  passwordHash?: string | null;
}

export interface NewUserOptions extends WriteOptions {
  roleIds: number[];
  /** End users: users-permissions' provider they sign in by. Default `local`. */
  signInProvider?: string;
  /** End users: whether the address counts as confirmed. Default true. */
  confirmed?: boolean;
}

/**
 * Users of one population of this Strapi. All writes to accounts go through it: it validates as Strapi does, keeps the
 * identity row with its unique keys, fires Strapi's lifecycles and events and ends sessions of deactivated users.
 * Throws ProvisioningError `uniqueness`, `invalid-value`, `protected`.
 */
export interface LocalDirectory extends Directory {
  /** `linkedTo`: row id of a connection whose link is wanted too, which saves asking for it. */
  readUser(scimId: string, linkedTo?: number): Promise<LocalUser | null>;
  readUsers(scimIds: string[], linkedTo?: number): Promise<LocalUser[]>;
  findUsers(key: UserKey): Promise<LocalUser[]>;
  /** A page in stable order (by age of the identity); `offset` is 0-based. */
  pageUsers(offset: number, limit: number): Promise<LocalUser[]>;
  createUser(resource: Resource, options: NewUserOptions): Promise<LocalUser>;
  updateUser(user: LocalUser, desired: Resource, changes: AttributeChange[], options?: WriteOptions): Promise<LocalUser>;
  /**
   * The hash Strapi verifies a password with, made off the event loop; call it before the transaction. Null: the user
   * `ref` has this password already. Throws `invalid-value`.
   */
  hashPassword(password: string, ref: string | null): Promise<string | null>;
  /** Replaces the account's roles and remembers the first one as set by provisioning. */
  setRoles(user: LocalUser, roleIds: number[]): Promise<void>;
  /** Keeps the user as they were read until the transaction ends. Throws `conflict` where somebody changed them meanwhile. */
  hold(user: LocalUser): Promise<void>;
  removeUser(user: LocalUser): Promise<void>;
  /**
   * The person left and the account is kept: blocked, its sessions ended, its names replaced. For everybody but
   * `readDeparted` the user is gone, as after `removeUser`.
   */
  departUser(user: LocalUser, tombstone: Tombstone): Promise<void>;
  /** The account stays as it is, under a new SCIM id; the old one is gone. Answers the user as it is from now on. */
  releaseUser(user: LocalUser): Promise<LocalUser>;
  /** A kept account by the SCIM id that its person had. */
  readDeparted(scimId: string): Promise<LocalUser | null>;
  /** The person is back: the kept account gets a new SCIM id, these attributes and roles. Throws as `createUser` does. */
  reviveUser(departed: LocalUser, resource: Resource, options: NewUserOptions): Promise<LocalUser>;
  /** Clears what a departed user's account tells of the person. What points at the account (authorship) stays. */
  anonymiseUser(departed: LocalUser): Promise<void>;
  /** Users who got this role by provisioning as the last one, whatever they have by now; some at a time by age of the identity. */
  usersGiven(roleId: number, after: number, limit: number): Promise<{ users: LocalUser[]; next: number | null }>;
  /** Role that Strapi gives to those whose role is deleted; null where it gives none. */
  fallbackRoleId(): Promise<number | null>;
  /** Role given where nothing else says which; null where the population needs none. */
  defaultRoleId(): Promise<number | null>;
  /** Roles that a connection grants only where an admin allowed it (super admin). */
  protectedRoleIds(): Promise<number[]>;
  /** Of these, the roles that Strapi has. */
  existingRoleIds(roleIds: number[]): Promise<number[]>;
  /** Whether nobody else could administer the site. Locks the super admins until the transaction ends. */
  isLastSuperAdmin(user: LocalUser): Promise<boolean>;
}
