import type { Population } from '../contracts/connection';
import type { Connection } from '../domain/connection/connection';

export interface ConnectionStore {
  get(id: number): Promise<Connection | null>;
  /** Enabled outbound connections of a population. Asked on every write: answers from memory, at most 5 s old. */
  outbound(population: Population): Promise<Connection[]>;
}
