import type { ReviewReason } from '../contracts/maintenance';
import { isPulled } from '../domain/connection/connection';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { EventSink } from '../ports/events';
import type { SqlConnectionStore } from './connection-store';
import type { Database } from './database';

/** Connections that send nothing until a person has looked at what they would do. */
export class Reviews {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly connections: SqlConnectionStore,
    private readonly events: EventSink
  ) {}

  /** A reason that stands already stays: it was the first. Answers who is new. */
  async request(ids: readonly number[], reason: ReviewReason): Promise<number[]> {
    const held: number[] = [];
    for (const id of ids) {
      const changed = await this.database.query<number>(async (tables) => tables(TABLES.connections).where({ id }).whereNull('review').update({ review: reason }));
      if (changed > 0) held.push(id);
    }
    this.connections.forget();
    const at = new Date(this.clock.now()).toISOString();
    for (const connectionId of held) await this.events.emit('user-provisioning.review', { connectionId, reason, at });
    return held;
  }

  /** Everybody who writes by himself: to another system, or what was read there. */
  async requestAll(reason: ReviewReason): Promise<number[]> {
    const ids = (await this.connections.all()).filter((connection) => connection.direction === 'outbound' || isPulled(connection)).map(({ id }) => id);
    return this.request(ids, reason);
  }

  async clear(id: number): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.connections).where({ id }).update({ review: null }));
    this.connections.forget();
  }
}
