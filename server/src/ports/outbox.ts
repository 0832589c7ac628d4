import type { ErrorCode } from '../contracts/error-codes';
import type { ObjectType } from '../contracts/operation';

/** "This object changed and the connection's target may not know": no payload, the worker re-reads. */
export interface Marker {
  id: number;
  connectionId: number;
  objectType: ObjectType;
  objectId: string;
  dirtySeq: number;
  /** System the change came from; null for changes made in Strapi. */
  origin: string | null;
  attempts: number;
  /** The item of an approved plan that is to be done; left out or null: whatever the state asks for. */
  planItem?: number | null;
}

export interface Outbox {
  /** Creates or raises the marker of this object for each of the connections. Joins the ambient transaction. */
  mark(connectionIds: number[], type: ObjectType, objectIds: string[], origin: string | null): Promise<void>;
  /** Leases up to `limit` due markers; another worker cannot take them until the lease ends. */
  claim(owner: string, limit: number, leaseMs: number, exceptConnectionIds: number[]): Promise<Marker[]>;
  /** Leases the marker of one object, due or not. Null: there is none, or a worker has it. */
  claimOne(owner: string, connectionId: number, type: ObjectType, objectId: string, leaseMs: number): Promise<Marker | null>;
  /**
   * Removes the marker if nothing changed since it was claimed; otherwise frees it to run again.
   * False: the lease ran out and another worker has it now; what this one learnt may be out of date.
   */
  complete(marker: Marker, owner: string): Promise<boolean>;
  /** Frees the marker to run again at a time (epoch ms). */
  retry(marker: Marker, owner: string, runAt: number, errorCode: ErrorCode | null): Promise<void>;
  /** Frees the marker from its plan: it is done as what the state asks for. */
  unbind(marker: Marker, owner: string): Promise<void>;
  /** Keeps the marker as failed: a retry cannot help until something changes or a person asks for it. */
  fail(marker: Marker, owner: string, errorCode: ErrorCode): Promise<void>;
  /** When the next marker that nobody holds is due (epoch ms), null when none is. */
  nextDueAt(exceptConnectionIds: number[]): Promise<number | null>;
}
