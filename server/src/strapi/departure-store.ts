import type { DepartureAction } from '../contracts/connection';
import { erasedId } from '../domain/departure/erased-id';
import type { Tombstone } from '../domain/departure/tombstone';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { Departure, DepartureStore, StoredDeparture } from '../ports/departure-store';
import { parseJson, toJson, toNumberOrNull, type Database } from './database';

interface DepartureRow {
  id: number;
  connection_id: number;
  population: string;
  account_id: number;
  scim_id: string;
  external_id: string | null;
  event: string;
  action: string;
  original: string | null;
  due_at: number | string | null;
}

const toDeparture = (row: DepartureRow): StoredDeparture => ({
  id: row.id,
  connectionId: row.connection_id,
  population: row.population === 'admin-users' ? 'admin-users' : 'end-users',
  accountId: row.account_id,
  scimId: row.scim_id,
  externalId: row.external_id,
  event: row.event === 'delete' ? 'delete' : 'deactivate',
  action: row.action as DepartureAction,
  original: parseJson<Tombstone>(row.original),
  dueAt: toNumberOrNull(row.due_at),
});

export class SqlDepartureStore implements DepartureStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async save(departure: Departure): Promise<void> {
    const key = { population: departure.population, account_id: departure.accountId };
    const values = {
      connection_id: departure.connectionId,
      scim_id: departure.scimId,
      external_id: departure.externalId,
      event: departure.event,
      action: departure.action,
      original: toJson(departure.original),
      due_at: departure.dueAt,
      created_at: this.clock.now(),
    };
    await this.database.query(async (tables) => {
      const changed = await tables(TABLES.departures).where(key).update(values);
      if (changed === 0) await tables(TABLES.departures).insert({ ...key, ...values });
    });
  }

  async findByExternalId(connectionId: number, externalId: string): Promise<StoredDeparture | null> {
    const row = await this.database.query<DepartureRow | undefined>(async (tables) =>
      tables(TABLES.departures).where({ connection_id: connectionId, event: 'delete' }).whereIn('external_id', [externalId, erasedId(externalId)]).orderBy('id', 'desc').first()
    );
    return row ? toDeparture(row) : null;
  }

  async ofUsers(scimIds: string[]): Promise<StoredDeparture[]> {
    if (scimIds.length === 0) return [];
    const rows = await this.database.query<DepartureRow[]>(async (tables) => tables(TABLES.departures).whereIn('scim_id', scimIds));
    return rows.map(toDeparture);
  }

  async due(now: number, limit: number): Promise<StoredDeparture[]> {
    const rows = await this.database.query<DepartureRow[]>(async (tables) =>
      tables(TABLES.departures).where('due_at', '<=', now).orderBy('due_at').limit(limit)
    );
    return rows.map(toDeparture);
  }

  async claim(departure: StoredDeparture): Promise<boolean> {
    return this.change(departure, { due_at: null, original: null });
  }

  async postpone(departure: StoredDeparture, dueAt: number): Promise<void> {
    await this.change(departure, { due_at: dueAt });
  }

  async remove(departure: StoredDeparture): Promise<boolean> {
    return (await this.database.query<number>(async (tables) => tables(TABLES.departures).where({ id: departure.id }).delete())) > 0;
  }

  /** The row as it was read is the condition: whoever comes second changes nothing. */
  private async change({ id, scimId, dueAt }: StoredDeparture, values: Record<string, unknown>): Promise<boolean> {
    const changed = await this.database.query<number>(async (tables) =>
      tables(TABLES.departures).where({ id, scim_id: scimId, due_at: dueAt }).update(values)
    );
    return changed > 0;
  }
}
