import type { Population } from '../contracts/connection';
import type { Connection } from '../domain/connection/connection';

export interface ConnectionStore {
  get(id: number): Promise<Connection | null>;
  /**
   * Outbound connections of a population, also paused ones: what changes meanwhile is sent when they go on.
   * Asked on every write: answers from memory, at most 5 s old.
   */
  outbound(population: Population): Promise<Connection[]>;
  /** Whether the system behind a connection also sends its people here: then it says itself who is gone. */
  sendsHere(connection: Pick<Connection, 'population' | 'system'>): Promise<boolean>;
  /** Notices at once what another instance changed; asked before a batch of work, because it costs a small query. */
  refresh(): Promise<void>;
  /** Ids of outbound connections that are switched off. */
  paused(): Promise<number[]>;
  /** Ids of outbound connections whose changes wait for a run. */
  onDemandOnly(): Promise<number[]>;
}
