import type { ObjectType } from '../contracts/operation';

/** An object of a source that has its counterpart here. */
export interface KnownObject {
  /** The source's own id of it. */
  remoteId: string;
  /** SCIM id on the Strapi side. */
  localId: string;
  /** Of what was received last: an unchanged object is recognised by it. */
  hash: string | null;
  /** Complete reads in a row that it was not in. */
  missed: number;
  /** The read that saw it last. */
  seenCycle: number | null;
}

/**
 * What a pull connection remembers of the objects of its source, beside the link or group that each has. A `cycle` is the
 * number of one read from end to end; later reads have higher numbers. Joins the ambient transaction.
 */
export interface PullStore {
  /** Those of these that have a counterpart. */
  known(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<KnownObject[]>;
  /** How many objects the connection brought here. */
  count(connectionId: number, type: ObjectType): Promise<number>;
  rememberHash(connectionId: number, type: ObjectType, remoteId: string, hash: string | null): Promise<void>;
  /** These are at the source. Never takes back what a later read saw. */
  seen(connectionId: number, type: ObjectType, remoteIds: string[], cycle: number): Promise<void>;
  /** They are there after all, although a read did not show them. */
  forgive(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<void>;
  /**
   * The read was complete: who was not seen in it is missing once more, who was seen is not missing any more. Done a
   * second time for a cycle it changes nothing.
   */
  settle(connectionId: number, type: ObjectType, cycle: number): Promise<void>;
  /** Those missing at least so many times, some at a time; `after` 0 starts, `next` null ends. */
  missing(connectionId: number, type: ObjectType, times: number, after: number, limit: number): Promise<{ objects: KnownObject[]; next: number | null }>;
}
