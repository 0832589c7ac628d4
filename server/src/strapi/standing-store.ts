import { LEAVING_ACTIONS, LEAVING_EVENTS } from '../contracts/scope';
import type { Standing } from '../domain/scope/leaving';
import { TABLES } from '../models';
import type { StandingStore } from '../ports/standing-store';
import { toNumber, toNumberOrNull, type Database } from './database';

interface StandingRow {
  connection_id: number;
  local_id: string;
  event: string | null;
  reason: string;
  since: number | string;
  wake_at: number | string | null;
  done: string | null;
}

const toStanding = (row: StandingRow): Standing => ({
  event: LEAVING_EVENTS.find((event) => event === row.event) ?? null,
  reason: row.reason,
  since: toNumber(row.since),
  wakeAt: toNumberOrNull(row.wake_at),
  done: LEAVING_ACTIONS.find((action) => action === row.done) ?? null,
});

const keyOf = (connectionId: number, localId: string) => ({ connection_id: connectionId, local_id: localId });

export class SqlStandingStore implements StandingStore {
  constructor(private readonly database: Database) {}

  async get(connectionId: number, localId: string): Promise<Standing | null> {
    const row = await this.database.query<StandingRow | undefined>(async (tables) => tables(TABLES.standings).where(keyOf(connectionId, localId)).first());
    return row === undefined ? null : toStanding(row);
  }

  async getMany(connectionId: number, localIds: string[]): Promise<Map<string, Standing>> {
    const rows = await this.database.query<StandingRow[]>(async (tables) =>
      tables(TABLES.standings).where({ connection_id: connectionId }).whereIn('local_id', localIds)
    );
    return new Map(rows.map((row) => [row.local_id, toStanding(row)]));
  }

  async save(connectionId: number, localId: string, { event, reason, since, wakeAt, done }: Standing): Promise<void> {
    const key = keyOf(connectionId, localId);
    const values = { event, reason, since, wake_at: wakeAt, done };
    await this.database.query(async (tables) => {
      const changed = await tables(TABLES.standings).where(key).update(values);
      if (changed === 0) await tables(TABLES.standings).insert({ ...key, ...values });
    });
  }

  async remove(connectionId: number, localId: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.standings).where(keyOf(connectionId, localId)).delete());
  }

  async due(now: number, limit: number): Promise<{ connectionId: number; localId: string; wakeAt: number }[]> {
    const rows = await this.database.query<StandingRow[]>(async (tables) =>
      tables(TABLES.standings).where('wake_at', '<=', now).orderBy('wake_at').limit(limit)
    );
    return rows.map((row) => ({ connectionId: row.connection_id, localId: row.local_id, wakeAt: toNumber(row.wake_at) }));
  }

  async woken(connectionId: number, localId: string, wakeAt: number): Promise<boolean> {
    const changed = await this.database.query<number>(async (tables) =>
      tables(TABLES.standings).where({ ...keyOf(connectionId, localId), wake_at: wakeAt }).update({ wake_at: null })
    );
    return changed > 0;
  }

  async removeAll(connectionId: number): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.standings).where({ connection_id: connectionId }).delete());
  }

  /** People of a connection that something is remembered of, by page; also those whose account is gone. */
  async page(connectionId: number, after: number, limit: number): Promise<{ id: number; scimId: string }[]> {
    const rows = await this.database.query<{ id: number; local_id: string }[]>(async (tables) =>
      tables(TABLES.standings).where({ connection_id: connectionId }).where('id', '>', after).orderBy('id').limit(limit).select('id', 'local_id')
    );
    return rows.map((row) => ({ id: row.id, scimId: row.local_id }));
  }
}
