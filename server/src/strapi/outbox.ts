import type { Knex } from 'knex';
import type { ObjectType } from '../contracts/operation';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { DeliveryFailure, Marker, Outbox } from '../ports/outbox';
import { toNumberOrNull, type Database } from './database';

const CHUNK = 100;

interface OutboxRow {
  id: number;
  connection_id: number;
  object_type: string;
  object_id: string;
  dirty_seq: number;
  origin: string | null;
  attempts: number;
  blamed: number | null;
  plan_item: number | null;
}

/** A new change, or another try that a person asked for, starts from nothing. */
export const UNTRIED = { attempts: 0, blamed: 0, state: 'pending', error_code: null, error_message: null, first_failed_at: null, last_failed_at: null } as const;

const MAX_MESSAGE = 1_000;

/** Where changes wait for a run, only what a run or a person asked for. */
const sentNow = (askedOnly: number[]) => (query: Knex.QueryBuilder) => {
  if (askedOnly.length > 0) void query.whereNotIn('connection_id', askedOnly).orWhereNotNull('plan_item').orWhere('asked', true);
};

const toMarker = (row: OutboxRow): Marker => ({
  id: row.id,
  connectionId: row.connection_id,
  objectType: row.object_type === 'Group' ? 'Group' : 'User',
  objectId: row.object_id,
  dirtySeq: row.dirty_seq,
  origin: row.origin,
  attempts: row.attempts,
  blamed: row.blamed ?? 0,
  planItem: row.plan_item,
});

/** Leases by conditional update, which every database can; the marker row is unique per connection and object. */
export class SqlOutbox implements Outbox {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async mark(connectionIds: number[], type: ObjectType, objectIds: string[], origin: string | null, { asked } = { asked: false }): Promise<void> {
    const now = this.clock.now();
    const rows = connectionIds.flatMap((connectionId) =>
      objectIds.map((objectId) => ({
        connection_id: connectionId,
        object_type: type,
        object_id: objectId,
        dirty_seq: 1,
        origin,
        run_at: now,
        changed_at: now,
        ...UNTRIED,
        asked,
      }))
    );
    for (let start = 0; start < rows.length; start += CHUNK) {
      const chunk = rows.slice(start, start + CHUNK);
      await this.database.query(async (tables, knex) =>
        tables(TABLES.outbox)
          .insert(chunk)
          .onConflict(['connection_id', 'object_type', 'object_id'])
          .merge({
            dirty_seq: knex.raw('?? + 1', [`${TABLES.outbox}.dirty_seq`]),
            // Two sources of change: neither is the only one, so neither may be spared.
            origin: knex.raw('case when ?? = ? then ?? else null end', [`${TABLES.outbox}.origin`, origin ?? '', `${TABLES.outbox}.origin`]),
            run_at: now,
            changed_at: now,
            ...UNTRIED,
            // What was planned is out of date.
            plan_item: null,
            // A change beside it takes nothing back.
            ...(asked ? { asked } : {}),
          })
      );
    }
  }

  async claim(owner: string, limit: number, leaseMs: number, exceptConnectionIds: number[], onlyConnectionId?: number, askedOnly: number[] = []): Promise<Marker[]> {
    const now = this.clock.now();
    const leaseUntil = now + leaseMs;
    const rows = await this.database.query<OutboxRow[]>(async (tables) => {
      const due = (await tables(TABLES.outbox)
        .where('state', 'pending')
        .andWhere('run_at', '<=', now)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .whereNotIn('connection_id', exceptConnectionIds)
        .andWhere(onlyConnectionId === undefined ? {} : { connection_id: onlyConnectionId })
        .andWhere(sentNow(askedOnly))
        .orderBy('run_at')
        .limit(limit)
        .select('id')) as { id: number }[];
      if (due.length === 0) return [];
      const ids = due.map((row) => row.id);
      await tables(TABLES.outbox)
        .whereIn('id', ids)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .update({ lease_owner: owner, lease_until: leaseUntil });
      return (await tables(TABLES.outbox).whereIn('id', ids).andWhere({ lease_owner: owner, lease_until: leaseUntil })) as OutboxRow[];
    });
    return rows.map(toMarker);
  }

  async claimOne(owner: string, connectionId: number, type: ObjectType, objectId: string, leaseMs: number): Promise<Marker | null> {
    const now = this.clock.now();
    const key = { connection_id: connectionId, object_type: type, object_id: objectId };
    const row = await this.database.query<OutboxRow | undefined>(async (tables) => {
      const mine = await tables(TABLES.outbox)
        .where(key)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .update({ lease_owner: owner, lease_until: now + leaseMs, state: 'pending' });
      return mine === 0 ? undefined : ((await tables(TABLES.outbox).where(key).first()) as OutboxRow | undefined);
    });
    return row === undefined ? null : toMarker(row);
  }

  async complete(marker: Marker, owner: string): Promise<boolean> {
    return this.database.query<boolean>(async (tables) => {
      const mine = { id: marker.id, lease_owner: owner };
      const done = await tables(TABLES.outbox).where({ ...mine, dirty_seq: marker.dirtySeq }).delete();
      return done > 0 || (await tables(TABLES.outbox).where(mine).update({ lease_owner: null, lease_until: null })) > 0;
    });
  }

  async retry(marker: Marker, owner: string, runAt: number, failure: DeliveryFailure, blame = false): Promise<void> {
    await this.database.query(async (tables, knex) => {
      const mine = { id: marker.id, lease_owner: owner };
      const free = { lease_owner: null, lease_until: null };
      const kept = await tables(TABLES.outbox)
        .where({ ...mine, dirty_seq: marker.dirtySeq })
        .update({ run_at: runAt, ...this.failed(marker, failure, knex), blamed: (marker.blamed ?? 0) + (blame ? 1 : 0), ...free });
      // It changed meanwhile: that state has not been tried yet.
      if (kept === 0) await tables(TABLES.outbox).where(mine).update(free);
    });
  }

  async unbind(marker: Marker, owner: string): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.outbox)
        .where({ id: marker.id, lease_owner: owner })
        .update({ plan_item: null, run_at: this.clock.now(), attempts: 0, lease_owner: null, lease_until: null })
    );
  }

  async fail(marker: Marker, owner: string, failure: DeliveryFailure): Promise<void> {
    await this.database.query(async (tables, knex) => {
      const mine = { id: marker.id, lease_owner: owner };
      const free = { lease_owner: null, lease_until: null };
      const failed = await tables(TABLES.outbox)
        .where({ ...mine, dirty_seq: marker.dirtySeq })
        .update({ state: 'failed', ...this.failed(marker, failure, knex), plan_item: null, ...free });
      // It changed meanwhile: that state has not been tried yet.
      if (failed === 0) await tables(TABLES.outbox).where(mine).update(free);
    });
  }

  private failed(marker: Marker, { code, message }: DeliveryFailure, knex: Knex): Record<string, unknown> {
    const now = this.clock.now();
    return {
      attempts: marker.attempts + 1,
      error_code: code,
      error_message: message.slice(0, MAX_MESSAGE),
      first_failed_at: knex.raw('coalesce(??, ?)', ['first_failed_at', now]),
      last_failed_at: now,
    };
  }

  async nextDueAt(exceptConnectionIds: number[], askedOnly: number[] = []): Promise<number | null> {
    const now = this.clock.now();
    const row = await this.database.query<{ at: number | string | null } | undefined>(async (tables) =>
      tables(TABLES.outbox)
        .where('state', 'pending')
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .whereNotIn('connection_id', exceptConnectionIds)
        .andWhere(sentNow(askedOnly))
        .min({ at: 'run_at' })
        .first()
    );
    return toNumberOrNull(row?.at);
  }

  /** SQLite has one process: what is leased at boot was leased by one that died. */
  async releaseAll(): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.outbox).whereNotNull('lease_owner').update({ lease_owner: null, lease_until: null }));
  }
}
