import type { Resource } from '../domain/resource/resource';

/** Groups within groups are followed this deep; deeper nesting gives nothing. A circle ends by itself. */
export const MAX_NESTING = 10;

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

/** As much of a group as its members show. */
export interface ParentGroup extends Pick<Group, 'id' | 'connectionId' | 'scimId' | 'displayName'> {
  /** It is a member of a group itself. */
  isNested: boolean;
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

export interface GroupWriteOptions {
  /** The connection refuses a second group of this name. */
  uniqueName: boolean;
}

/** Members by age; `next` continues, null on the last page. */
export interface MemberPage {
  members: Member[];
  next: number | null;
}

/** A member with the name it is shown by. */
export interface ShownMember extends Member {
  display: string | null;
}

/** Joins the ambient transaction; member lists are never loaded unless asked for. */
export interface GroupStore {
  get(connectionId: number, scimId: string): Promise<Group | null>;
  /** The same, and nobody else changes the group until the transaction ends. */
  lock(connectionId: number, scimId: string): Promise<Group | null>;
  getMany(connectionId: number, scimIds: string[]): Promise<Group[]>;
  query(query: GroupQuery, offset: number, limit: number): Promise<Group[]>;
  count(query: GroupQuery): Promise<number>;
  /** Throws `uniqueness`. A group that had its name before names had to be unique keeps it. */
  create(connectionId: number, fields: GroupFields, options?: GroupWriteOptions): Promise<Group>;
  update(group: Group, fields: GroupFields, options?: GroupWriteOptions): Promise<Group>;
  remove(group: Group): Promise<void>;
  members(group: Group): Promise<ShownMember[]>;
  /** Some members, for groups of any size; `after` 0 starts. */
  memberPage(group: Group, type: Member['type'], after: number, limit: number): Promise<MemberPage>;
  /** The same with names, of all types; with `among` only those of these ids. */
  shownPage(group: Group, after: number, limit: number, among: string[] | null): Promise<{ members: ShownMember[]; next: number | null }>;
  /** All members of several groups at once, by their row ids. */
  membersOf(groups: Group[]): Promise<Map<number, ShownMember[]>>;
  /** Adds those that are not yet members; answers the ones that were added. */
  addMembers(group: Group, members: Member[]): Promise<Member[]>;
  /** Removes those that are members; answers the ones that were removed. */
  removeMembers(group: Group, ids: string[]): Promise<Member[]>;
  /** Removes up to `limit` members and answers them; none: nobody is left. */
  takeMembers(group: Group, limit: number): Promise<Member[]>;
  /** Groups that are direct members of one of these. */
  subgroups(groups: Group[]): Promise<Group[]>;
  /** Which of these ids are SCIM ids of users of the connection's population or of its groups. */
  resolveMembers(group: { connectionId: number }, ids: string[]): Promise<Member[]>;
  /** Groups of a connection, null for all of them, that each of these users or groups is a direct member of. */
  groupsOf(connectionId: number | null, memberIds: string[]): Promise<Map<string, ParentGroup[]>>;
}
