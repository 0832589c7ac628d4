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
  /** How many of the attempts failed because of this object, and not because its target was in trouble. */
  blamed?: number;
  /** The item of an approved plan that is to be done; left out or null: whatever the state asks for. */
  planItem?: number | null;
}

/** Why an attempt failed, for people. */
export interface DeliveryFailure {
  code: ErrorCode;
  message: string;
}

export interface Outbox {
  /**
   * Creates or raises the marker of this object for each of the connections. Joins the ambient transaction. `asked`: a person
   * asked for it, so it is sent where changes otherwise wait for a run.
   */
  mark(connectionIds: number[], type: ObjectType, objectIds: string[], origin: string | null, options?: { asked: boolean }): Promise<void>;
  /**
   * Leases up to `limit` due markers, what waits longest first; another worker cannot take them until the lease ends.
   * `onlyConnectionId`: of this connection. `askedOnly`: of these connections only what a run or a person asked for.
   */
  claim(owner: string, limit: number, leaseMs: number, exceptConnectionIds: number[], onlyConnectionId?: number, askedOnly?: number[]): Promise<Marker[]>;
  /** Leases the marker of one object, due or not. Null: there is none, or a worker has it. */
  claimOne(owner: string, connectionId: number, type: ObjectType, objectId: string, leaseMs: number): Promise<Marker | null>;
  /**
   * Removes the marker if nothing changed since it was claimed; otherwise frees it to run again.
   * False: the lease ran out and another worker has it now; what this one learnt may be out of date.
   */
  complete(marker: Marker, owner: string): Promise<boolean>;
  /** Frees the marker to run again at a time (epoch ms). `blame`: it was this object's own failure. */
  retry(marker: Marker, owner: string, runAt: number, failure: DeliveryFailure, blame?: boolean): Promise<void>;
  /** Frees the marker from its plan: it is done as what the state asks for. */
  unbind(marker: Marker, owner: string): Promise<void>;
  /** Keeps the marker as failed: a retry cannot help until something changes or a person asks for it. */
  fail(marker: Marker, owner: string, failure: DeliveryFailure): Promise<void>;
  /** When the next marker that nobody holds is due (epoch ms), null when none is. */
  nextDueAt(exceptConnectionIds: number[], askedOnly?: number[]): Promise<number | null>;
}
