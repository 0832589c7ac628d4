/** One person in one group at an application. */
export interface PushedMember {
  id: number;
  /** SCIM id of the person. */
  localId: string;
  /** The person's id at the application that the group there may hold; null: none. */
  remoteId: string | null;
  /** The id that the group is to hold; null: none. */
  wantedId: string | null;
  seq: number;
}

/** A group of a person, as `follow` noted it. */
export interface NotedMembership {
  groupKey: string;
  wantedId: string | null;
  /** The application did not take it: tried again by the next `follow`. */
  isRefused: boolean;
  /** Found in the group there under this id, and not wanted so far. */
  heldAs?: string;
}

/** Numbers of members that still have to be sent. */
export interface PendingMembers {
  add: number;
  remove: number;
}

/**
 * Who is to be in which group at an application and what of that was sent. Kept person by person as each of them is delivered,
 * so that a group knows what changed without looking at its other members. Joins the ambient transaction.
 */
export interface PushedMembers {
  /** These are the groups of the person from now on, under this id at the application. Answers those that have something to send. */
  follow(connectionId: number, localId: string, groupKeys: string[], remoteId: string | null): Promise<string[]>;
  /** What is noted of these people; who has nothing is left out. */
  noted(connectionId: number, localIds: string[]): Promise<Map<string, NotedMembership[]>>;
  /** The person is forgotten, and stays a member wherever that was sent. */
  forgetPerson(connectionId: number, localId: string): Promise<void>;
  count(connectionId: number, groupKey: string): Promise<PendingMembers>;
  /** What has to be sent, some at a time; `after` 0 starts. */
  pending(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]>;
  /** These were sent as they were read; who changed meanwhile stays pending. */
  sent(members: PushedMember[]): Promise<void>;
  /** The application does not take these: they wait until the person changes or everybody is looked at. */
  refused(members: PushedMember[]): Promise<void>;
  /**
   * All who are wanted have to be sent, but those whom the group holds already. Of the others whom it holds, people of this
   * connection are remembered, so that they are not sent either once they are wanted. Nobody is taken away.
   */
  restart(connectionId: number, groupKey: string, held: string[]): Promise<void>;
  /** How many are wanted in the group: what `restart` makes pending. */
  countWanted(connectionId: number, groupKey: string): Promise<number>;
  /** Who is wanted in the group, some at a time; `after` 0 starts. */
  wanted(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]>;
  /** From now on these are wanted under these ids, or not any more (null); the others stay. What a run did is taken back so. */
  put(connectionId: number, groupKey: string, members: { localId: string; wantedId: string | null }[]): Promise<void>;
  forgetGroup(connectionId: number, groupKey: string): Promise<void>;
}
