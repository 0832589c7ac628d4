import type { Standing } from '../domain/scope/leaving';

/** How people stand with a connection that they take no part in. One row per connection and person. Joins the ambient transaction. */
export interface StandingStore {
  get(connectionId: number, localId: string): Promise<Standing | null>;
  getMany(connectionId: number, localIds: string[]): Promise<Map<string, Standing>>;
  save(connectionId: number, localId: string, standing: Standing): Promise<void>;
  remove(connectionId: number, localId: string): Promise<void>;
  /** People who wait and whose time has come, the longest due first. */
  due(now: number, limit: number): Promise<{ connectionId: number; localId: string; wakeAt: number }[]>;
  /** Nobody has to wake them any more. False: they wait for another time by now. */
  woken(connectionId: number, localId: string, wakeAt: number): Promise<boolean>;
}
