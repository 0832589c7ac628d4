import type { RoleMode } from '../contracts/connection';

/** A role that a group of a connection gives to a user. */
export interface Grant {
  identityId: string;
  roleId: number;
  connectionId: number;
  /** 0: given by the user's own `roles` attribute. */
  groupId: number;
  priority: number;
  mode: RoleMode;
}

export interface GrantStore {
  /** Grants of these users, of every connection. */
  ofUsers(identityIds: string[]): Promise<Grant[]>;
  /** Takes over priority and mode where the grant exists. */
  add(grants: Grant[]): Promise<void>;
  remove(grants: Grant[]): Promise<void>;
  removeUser(identityId: string): Promise<void>;
  /** Of a role that no longer exists; only grants of these connections, since populations number their roles alike. */
  removeRole(roleId: number, connectionIds: number[]): Promise<void>;
}
