import type { GuardedKind, GuardVerdict, HeldObjectPage, HoldInfo } from '../contracts/guard';

/** Somebody whom a limit stopped. */
export interface HoldObject {
  /** Unique within connection and kind: the SCIM id, or the normalised userName of somebody who was to be created. */
  key: string;
  objectId: string | null;
  name: string;
  asked: string;
}

/** How many objects of one hold are listed; beyond it refusals are counted. */
export const LISTED_OBJECTS = 10_000;

/** Pushed traffic that waits for a person, per connection and kind. */
export interface HoldStore {
  /** Connections and kinds that are held now. */
  held(): Promise<{ connectionId: number; kind: GuardedKind }[]>;
  /** What was exceeded when the hold began; null: nothing is held. */
  verdict(connectionId: number, kind: GuardedKind): Promise<GuardVerdict | null>;
  /** Begins a hold, or counts one more attempt of it. True: it began with this. */
  open(connectionId: number, kind: GuardedKind, verdict: GuardVerdict): Promise<boolean>;
  /** Lists these objects, or counts one more attempt of each. Answers how many are new in the list. */
  refuse(connectionId: number, kind: GuardedKind, objects: readonly HoldObject[]): Promise<number>;
  /** Of these, the keys that may be let through now. */
  approved(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<Set<string>>;
  /** They were let through: an approval is for one time. */
  done(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<void>;
  /** Lets everybody who waits through until then, and ends the hold. Answers how many; null: nothing is held. */
  approve(connectionId: number, kind: GuardedKind, until: number, by: string): Promise<number | null>;
  /** Forgets the hold and who waits; approvals of earlier holds too. False: there was none. */
  dismiss(connectionId: number, kind: GuardedKind): Promise<boolean>;
  list(connectionId: number): Promise<HoldInfo[]>;
  objects(connectionId: number, kind: GuardedKind, after: number, limit: number): Promise<HeldObjectPage>;
  /** How many kinds are held, by connection. */
  counts(): Promise<Map<number, number>>;
  /** Removes approvals that ran out. */
  prune(): Promise<void>;
}
