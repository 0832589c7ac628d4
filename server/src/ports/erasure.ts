import type { Population } from '../contracts/connection';

export interface ErasedPerson {
  population: Population;
  scimId: string;
  /** Name that older rows of the log carry, where they carry no id. */
  userName: string;
  /** Stands in the log instead. */
  replacement: string;
}

/** Takes a person out of what was remembered beside the account. Joins the ambient transaction. */
export interface Erasure {
  /** Log rows, and snapshots of what targets were sent. What happened stays told, about whom does not. */
  erase(person: ErasedPerson): Promise<void>;
}
