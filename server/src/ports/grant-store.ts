/** A role that a group of a connection gives to a user. */
export interface Grant {
  identityId: string;
  roleId: number;
  connectionId: number;
  groupId: number;
  priority: number;
}

export interface GrantStore {
  /** Grants of these users, of every connection. */
  ofUsers(identityIds: string[]): Promise<Grant[]>;
  add(grants: Grant[]): Promise<void>;
  /** Takes away what this group gave to these users. */
  revokeGroup(groupId: number, identityIds: string[]): Promise<void>;
  removeUser(identityId: string): Promise<void>;
}
