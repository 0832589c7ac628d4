import type { ErrorCode } from '../contracts/error-codes';
import { ERROR_CATALOGUE } from '../contracts/error-codes';
import type { ObjectType } from '../contracts/operation';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { UNTRIED } from './outbox';
import { toNumberOrNull, type Database } from './database';

const CHUNK = 500;

/** A marker that was set aside. Times are epoch ms. */
export interface FailedMarker {
  id: number;
  objectType: ObjectType;
  objectId: string;
  code: ErrorCode;
  message: string | null;
  attempts: number;
  firstFailedAt: number | null;
  lastFailedAt: number | null;
}

interface FailedRow {
  id: number;
  object_type: string;
  object_id: string;
  error_code: string | null;
  error_message: string | null;
  attempts: number;
  first_failed_at: number | string | null;
  last_failed_at: number | string | null;
}

/** The changes that were set aside: what a person looks at, tries again or gives up. */
export class FailedChanges {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  /** By key, so that the order holds while others fail or are tried again. */
  async page(connectionId: number, after: number, limit: number): Promise<{ markers: FailedMarker[]; next: number | null }> {
    const rows = await this.database.query<FailedRow[]>(async (tables) =>
      tables(TABLES.outbox).where({ connection_id: connectionId, state: 'failed' }).where('id', '>', after).orderBy('id').limit(limit + 1)
    );
    const shown = rows.slice(0, limit);
    return { markers: shown.map(markerOf), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  }

  /** Null: all of the connection. What is not failed (any more) is left alone. Answers how many there were. */
  async retry(connectionId: number, ids: number[] | null): Promise<number> {
    return this.each(connectionId, ids, async (tables, some) => some(tables).update({ ...UNTRIED, asked: true, run_at: this.clock.now() }));
  }

  /** The change is given up: the object is sent again with its next change, or when everybody is provisioned. */
  async dismiss(connectionId: number, ids: number[] | null): Promise<number> {
    return this.each(connectionId, ids, async (tables, some) => some(tables).delete());
  }

  private async each(connectionId: number, ids: number[] | null, work: (tables: Tables, some: (tables: Tables) => Rows) => Promise<number>): Promise<number> {
    const failed = (tables: Tables): Rows => tables(TABLES.outbox).where({ connection_id: connectionId, state: 'failed' });
    if (ids === null) return this.database.query<number>((tables) => work(tables, failed));
    let done = 0;
    for (let start = 0; start < ids.length; start += CHUNK) {
      const chunk = ids.slice(start, start + CHUNK);
      done += await this.database.query<number>((tables) => work(tables, (all) => failed(all).whereIn('id', chunk)));
    }
    return done;
  }
}

type Tables = Parameters<Parameters<Database['query']>[0]>[0];
type Rows = ReturnType<Tables>;

const markerOf = (row: FailedRow): FailedMarker => ({
  id: row.id,
  objectType: row.object_type === 'Group' ? 'Group' : 'User',
  objectId: row.object_id,
  code: ERROR_CATALOGUE.has(row.error_code ?? '') ? (row.error_code as ErrorCode) : 'internal',
  message: row.error_message,
  attempts: row.attempts,
  firstFailedAt: toNumberOrNull(row.first_failed_at),
  lastFailedAt: toNumberOrNull(row.last_failed_at),
});
