import type { Population } from '../contracts/connection';

/** A SCIM id with the row it stands in, which a page continues from. */
export interface CycleEntry {
  id: number;
  scimId: string;
}

/** Whom a cycle has to look at, in pages by key: nothing grows with the number of people. */
export interface CycleSource {
  /** Accounts of a population. */
  accounts(population: Population, after: number, limit: number): Promise<CycleEntry[]>;
  /**
   * People a connection is linked to and who have no account any more. One page looks through as many links as `window` says, so it
   * may be empty although more follow; `next` is the SCIM id to go on after, null at the end.
   */
  orphans(connectionId: number, after: string, limit: number, window?: number): Promise<{ ids: string[]; next: string | null }>;
  /** People who changed and whose change was not sent. */
  pending(connectionId: number, after: number, limit: number): Promise<CycleEntry[]>;
  /** How many people the connection is linked to. */
  linked(connectionId: number): Promise<number>;
}
