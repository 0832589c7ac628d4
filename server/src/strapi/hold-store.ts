import { GUARDED_KINDS, HOLD_STATES, type GuardedKind, type GuardVerdict, type HeldObject, type HeldObjectPage, type HoldInfo } from '../contracts/guard';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { LISTED_OBJECTS, type HoldObject, type HoldStore } from '../ports/hold-store';
import { isUniqueViolation, parseJson, toJson, toNumber, toNumberOrNull, type Database, type Tables } from './database';

const CHUNK = 100;

interface HoldRow {
  connection_id: number;
  kind: string;
  state: string;
  since: number | string;
  last_at: number | string;
  attempts: number;
  listed: number;
  beyond: number;
  verdict: string;
  approved_by: string | null;
  approved_until: number | string | null;
}

interface ObjectRow {
  id: number;
  object_key: string;
  object_id: string | null;
  name: string;
  asked: string;
  first_at: number | string;
  last_at: number | string;
  attempts: number;
  approved_until: number | string | null;
}

const keyOf = (connectionId: number, kind: GuardedKind) => ({ connection_id: connectionId, kind });

const kindOf = ({ kind }: Pick<HoldRow, 'kind'>): GuardedKind | null => GUARDED_KINDS.find((name) => name === kind) ?? null;

const iso = (time: number | string): string => new Date(toNumber(time)).toISOString();

/** Writes are single statements with conditions, so that of several requests at the same moment one begins a hold. */
export class SqlHoldStore implements HoldStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async held(): Promise<{ connectionId: number; kind: GuardedKind }[]> {
    const rows = await this.rows((tables) => tables(TABLES.holds).where({ state: 'held' }));
    return rows.flatMap((row) => {
      const kind = kindOf(row);
      return kind === null ? [] : [{ connectionId: row.connection_id, kind }];
    });
  }

  async verdict(connectionId: number, kind: GuardedKind): Promise<GuardVerdict | null> {
    const [row] = await this.rows((tables) => tables(TABLES.holds).where({ ...keyOf(connectionId, kind), state: 'held' }));
    return row === undefined ? null : parseJson<GuardVerdict>(row.verdict);
  }

  async open(connectionId: number, kind: GuardedKind, verdict: GuardVerdict): Promise<boolean> {
    const key = keyOf(connectionId, kind);
    const now = this.clock.now();
    const again = (): Promise<number> =>
      this.database.query<number>(async (tables, knex) =>
        tables(TABLES.holds).where({ ...key, state: 'held' }).update({ last_at: now, attempts: knex.raw('?? + 1', ['attempts']) })
      );
    if ((await again()) > 0) return false;
    const begun = { state: 'held', since: now, last_at: now, attempts: 1, listed: 0, beyond: 0, verdict: toJson(verdict), approved_by: null, approved_until: null };
    const reopened = await this.database.query<number>(async (tables) => tables(TABLES.holds).where(key).whereNot({ state: 'held' }).update(begun));
    if (reopened > 0) return true;
    try {
      await this.database.query(async (tables) => tables(TABLES.holds).insert({ ...key, ...begun }));
      return true;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      await again();
      return false;
    }
  }

  async refuse(connectionId: number, kind: GuardedKind, objects: readonly HoldObject[]): Promise<number> {
    let added = 0;
    for (let start = 0; start < objects.length; start += CHUNK) {
      added += await this.refuseSome(connectionId, kind, objects.slice(start, start + CHUNK));
    }
    return added;
  }

  async approved(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let start = 0; start < keys.length; start += CHUNK) {
      const rows = await this.database.query<{ object_key: string }[]>(async (tables) =>
        tables(TABLES.heldObjects)
          .where(keyOf(connectionId, kind))
          .whereIn('object_key', keys.slice(start, start + CHUNK))
          .where('approved_until', '>', this.clock.now())
          .select('object_key')
      );
      for (const row of rows) found.add(row.object_key);
    }
    return found;
  }

  async done(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += CHUNK) {
      await this.database.query(async (tables) =>
        tables(TABLES.heldObjects).where(keyOf(connectionId, kind)).whereIn('object_key', keys.slice(start, start + CHUNK)).delete()
      );
    }
  }

  async approve(connectionId: number, kind: GuardedKind, until: number, by: string): Promise<number | null> {
    return this.database.run(() =>
      this.database.query<number | null>(async (tables) => {
        const hold = { state: 'approved', approved_by: by, approved_until: until };
        const ended = await tables(TABLES.holds).where({ ...keyOf(connectionId, kind), state: 'held' }).update(hold);
        if (ended === 0) return null;
        await this.release(tables, connectionId);
        return this.waiting(tables, connectionId, kind).update({ approved_until: until });
      })
    );
  }

  async dismiss(connectionId: number, kind: GuardedKind): Promise<boolean> {
    return this.database.run(() =>
      this.database.query<boolean>(async (tables) => {
        const ended = await tables(TABLES.holds).where(keyOf(connectionId, kind)).delete();
        if (ended === 0) return false;
        await tables(TABLES.heldObjects).where(keyOf(connectionId, kind)).delete();
        await this.release(tables, connectionId);
        return true;
      })
    );
  }

  async list(connectionId: number): Promise<HoldInfo[]> {
    const rows = await this.rows((tables) => tables(TABLES.holds).where({ connection_id: connectionId }));
    const holds: HoldInfo[] = [];
    for (const row of rows) {
      const kind = kindOf(row);
      const verdict = parseJson<GuardVerdict>(row.verdict);
      if (kind === null || verdict === null) continue;
      const { waiting, approved } = await this.objectCounts(connectionId, kind);
      // Everything that was approved is done, or its time is over.
      if (row.state === 'approved' && approved === 0) continue;
      holds.push({
        kind,
        state: HOLD_STATES.find((state) => state === row.state) ?? 'held',
        since: iso(row.since),
        lastAt: iso(row.last_at),
        waiting,
        approved,
        beyond: row.beyond,
        attempts: row.attempts,
        verdict,
        approvedBy: row.approved_by,
        approvedUntil: row.approved_until === null ? null : iso(row.approved_until),
      });
    }
    return holds.sort((left, right) => GUARDED_KINDS.indexOf(left.kind) - GUARDED_KINDS.indexOf(right.kind));
  }

  async objects(connectionId: number, kind: GuardedKind, after: number, limit: number): Promise<HeldObjectPage> {
    const rows = await this.database.query<ObjectRow[]>(async (tables) =>
      tables(TABLES.heldObjects).where(keyOf(connectionId, kind)).where('id', '>', after).orderBy('id').limit(limit + 1)
    );
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { results: shown.map((row) => this.toObject(row)), nextCursor: last === undefined ? null : String(last.id) };
  }

  async counts(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const { connectionId } of await this.held()) counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1);
    return counts;
  }

  async prune(): Promise<void> {
    const now = this.clock.now();
    await this.database.query(async (tables) => {
      await tables(TABLES.heldObjects).where('approved_until', '<=', now).delete();
      await tables(TABLES.holds).where({ state: 'approved' }).where('approved_until', '<=', now).delete();
    });
  }

  private async refuseSome(connectionId: number, kind: GuardedKind, objects: readonly HoldObject[]): Promise<number> {
    const key = keyOf(connectionId, kind);
    const now = this.clock.now();
    return this.database.query<number>(async (tables, knex) => {
      const keys = objects.map((object) => object.key);
      const listed = (await tables(TABLES.heldObjects).where(key).whereIn('object_key', keys).select('object_key')) as { object_key: string }[];
      const known = new Set(listed.map((row) => row.object_key));
      if (known.size > 0) {
        // Approved in this very moment stays approved; what ran out waits again.
        const approval = knex.raw('case when ?? > ? then ?? else null end', ['approved_until', now, 'approved_until']);
        await tables(TABLES.heldObjects).where(key).whereIn('object_key', [...known]).update({ last_at: now, attempts: knex.raw('?? + 1', ['attempts']), approved_until: approval });
      }
      const unknown = objects.filter((object) => !known.has(object.key));
      const [hold] = (await tables(TABLES.holds).where(key).select('listed')) as { listed: number }[];
      const added = unknown.slice(0, Math.max(0, LISTED_OBJECTS - (hold?.listed ?? 0)));
      if (added.length > 0) {
        const rows = added.map(({ key: object_key, objectId, name, asked }) => ({ ...key, object_key, object_id: objectId, name, asked, first_at: now, last_at: now, attempts: 1 }));
        await tables(TABLES.heldObjects).insert(rows).onConflict(['connection_id', 'kind', 'object_key']).ignore();
      }
      if (unknown.length > 0) {
        const beyond = unknown.length - added.length;
        await tables(TABLES.holds).where(key).update({ listed: knex.raw('?? + ?', ['listed', added.length]), beyond: knex.raw('?? + ?', ['beyond', beyond]) });
      }
      return added.length;
    });
  }

  private waiting(tables: Tables, connectionId: number, kind: GuardedKind) {
    const now = this.clock.now();
    return tables(TABLES.heldObjects).where(keyOf(connectionId, kind)).andWhere((free) => free.whereNull('approved_until').orWhere('approved_until', '<=', now));
  }

  private async objectCounts(connectionId: number, kind: GuardedKind): Promise<{ waiting: number; approved: number }> {
    return this.database.query(async (tables) => {
      const count = async (query: ReturnType<Tables>): Promise<number> => {
        const [row] = (await query.count({ total: '*' })) as { total: number | string }[];
        return toNumber(row?.total ?? 0);
      };
      const approved = tables(TABLES.heldObjects).where(keyOf(connectionId, kind)).where('approved_until', '>', this.clock.now());
      return { waiting: await count(this.waiting(tables, connectionId, kind)), approved: await count(approved) };
    });
  }

  /** Deliveries that were held are tried again; who still may not pass is held again. */
  private async release(tables: Tables, connectionId: number): Promise<void> {
    await tables(TABLES.outbox)
      .where({ connection_id: connectionId, error_code: 'guard-held' })
      .update({ state: 'pending', attempts: 0, run_at: this.clock.now(), error_code: null });
  }

  private toObject({ object_id, name, asked, first_at, last_at, attempts, approved_until }: ObjectRow): HeldObject {
    const isApproved = (toNumberOrNull(approved_until) ?? 0) > this.clock.now();
    return { objectId: object_id, name, asked, state: isApproved ? 'approved' : 'waiting', since: iso(first_at), lastAt: iso(last_at), attempts };
  }

  private rows(query: (tables: Tables) => ReturnType<Tables>): Promise<HoldRow[]> {
    return this.database.query<HoldRow[]>(async (tables) => query(tables));
  }
}
