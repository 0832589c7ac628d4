import type { DepartureAction, Population } from '../contracts/connection';
import type { Tombstone } from '../domain/departure/tombstone';

/** An account whose person left: what made it, what is still to happen, and how a re-hire finds it. */
export interface Departure {
  connectionId: number;
  population: Population;
  accountId: number;
  /** SCIM id of the person, also after it became invisible. */
  scimId: string;
  externalId: string | null;
  event: 'deactivate' | 'delete';
  action: DepartureAction;
  /** Name and address before the tombstone; null once the grace period is over or where there is none. */
  original: Tombstone | null;
  /** When the action happens (epoch ms); null: nothing is left to do. */
  dueAt: number | null;
}

export interface StoredDeparture extends Departure {
  id: number;
}

/** One departure per account. Joins the ambient transaction. */
export interface DepartureStore {
  /** Replaces what was planned for the account. */
  save(departure: Departure): Promise<void>;
  /** Of a person who was deleted, not of one who is only inactive. */
  findByExternalId(connectionId: number, externalId: string): Promise<StoredDeparture | null>;
  ofUsers(scimIds: string[]): Promise<StoredDeparture[]>;
  due(now: number, limit: number): Promise<StoredDeparture[]>;
  /**
   * Takes it for this transaction and marks it as done. False: it was done, changed or cancelled since it was read, or
   * another instance has it.
   */
  claim(departure: StoredDeparture): Promise<boolean>;
  /** Tries again at a time. Nothing happens where somebody else dealt with it meanwhile. */
  postpone(departure: StoredDeparture, dueAt: number): Promise<void>;
  /** False: it was gone already. */
  remove(departure: StoredDeparture): Promise<boolean>;
}
