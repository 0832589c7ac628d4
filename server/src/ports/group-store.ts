import type { Resource } from '../domain/resource/resource';

/** Groups as a connection's provider pushed them. Ids of members are SCIM ids. */
export interface Group {
  id: number;
  connectionId: number;
  scimId: string;
  displayName: string;
  externalId: string | null;
  kept: Resource | null;
  version: number;
  created: number;
  lastModified: number;
}

export interface Member {
  type: 'User' | 'Group';
  id: string;
}

export interface GroupFields {
  displayName: string;
  externalId: string | null;
  kept: Resource | null;
}

export interface GroupQuery {
  connectionId: number;
  displayNameNorm?: string;
  externalId?: string;
  scimId?: string;
  memberId?: string;
}

/** Joins the ambient transaction; member lists are never loaded unless asked for. */
export interface GroupStore {
  get(connectionId: number, scimId: string): Promise<Group | null>;
  query(query: GroupQuery, offset: number, limit: number): Promise<Group[]>;
  count(query: GroupQuery): Promise<number>;
  create(connectionId: number, fields: GroupFields): Promise<Group>;
  update(group: Group, fields: GroupFields): Promise<Group>;
  remove(group: Group): Promise<void>;
  members(group: Group): Promise<(Member & { display: string | null })[]>;
  /** Adds those that are not yet members; answers the ones that were added. */
  addMembers(group: Group, members: Member[]): Promise<Member[]>;
  /** Removes those that are members; answers the ones that were removed. */
  removeMembers(group: Group, ids: string[]): Promise<Member[]>;
  removeAllMembers(group: Group): Promise<Member[]>;
  /** Which of these ids are SCIM ids of users of the connection's population or of its groups. */
  resolveMembers(group: { connectionId: number }, ids: string[]): Promise<Member[]>;
  /** Groups of a connection that each of these users is a direct member of. */
  groupsOf(connectionId: number, userIds: string[]): Promise<Map<string, Group[]>>;
}
