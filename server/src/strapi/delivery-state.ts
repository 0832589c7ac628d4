import type { DeliveryState } from '../contracts/connection';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { UNTRIED } from './outbox';
import { toNumber, toNumberOrNull, type Database } from './database';

/** What waits in the outbox, for people. */
export class DeliveryStates {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async byConnection(): Promise<Map<number, DeliveryState>> {
    const rows = await this.database.query<{ connection_id: number; state: string; total: number | string; oldest: number | string | null }[]>(
      async (tables) =>
        tables(TABLES.outbox).groupBy('connection_id', 'state').select('connection_id', 'state').count({ total: '*' }).min({ oldest: 'changed_at' })
    );
    const states = new Map<number, DeliveryState>();
    for (const row of rows) {
      const state = states.get(row.connection_id) ?? { pending: 0, failed: 0, oldestPendingAt: null };
      if (row.state === 'failed') state.failed = toNumber(row.total);
      else {
        state.pending = toNumber(row.total);
        const oldest = toNumberOrNull(row.oldest);
        state.oldestPendingAt = oldest === null ? null : new Date(oldest).toISOString();
      }
      states.set(row.connection_id, state);
    }
    return states;
  }

  /** Gives failed objects another try. */
  async retryFailed(connectionId: number): Promise<number> {
    return this.database.query<number>(async (tables) =>
      tables(TABLES.outbox)
        .where({ connection_id: connectionId, state: 'failed' })
        .update({ ...UNTRIED, asked: true, run_at: this.clock.now() })
    );
  }

  /** After the connection was edited: what waits for a better time is tried now. */
  async tryNow(connectionId: number): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.outbox).where({ connection_id: connectionId, state: 'pending' }).update({ run_at: this.clock.now() })
    );
  }

  /** How many accounts a population has. */
  async people(population: string): Promise<number> {
    const row = await this.database.query<{ total: number | string } | undefined>(async (tables) =>
      tables(TABLES.identities).where({ population }).whereNotNull('account_id').whereNull('state').count({ total: '*' }).first()
    );
    return toNumber(row?.total ?? 0);
  }

  /** SCIM ids of a population, in pages by key. */
  async identityPage(population: string, after: number, limit: number): Promise<{ id: number; scimId: string }[]> {
    const rows = await this.database.query<{ id: number; scim_id: string }[]>(async (tables) =>
      tables(TABLES.identities).where({ population }).whereNotNull('account_id').whereNull('state').where('id', '>', after).orderBy('id').limit(limit).select('id', 'scim_id')
    );
    return rows.map((row) => ({ id: row.id, scimId: row.scim_id }));
  }
}
