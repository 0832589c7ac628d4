import type { Population } from '../contracts/connection';

export interface ErasedPerson {
  population: Population;
  scimId: string;
  /** Name that older rows of the log carry, where they carry no id. */
  userName: string;
  /** What else sentences may call the person: addresses, the provider's id. */
  alsoKnownAs: readonly string[];
  /** Stands in the log instead. */
  replacement: string;
}

/** Takes a person out of what was remembered beside the account. Joins the ambient transaction. */
export interface Erasure {
  /**
   * Log rows, plans, snapshots of what targets were sent, failures that wait, holds. What happened stays told, about whom does
   * not. A plan that still waits does nothing to the person any more.
   */
  erase(person: ErasedPerson): Promise<void>;
}
