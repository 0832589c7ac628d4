import type { Knex } from 'knex';
import type { ObjectType } from '../contracts/operation';
import { TABLES } from '../models';
import type { KnownObject, PullStore } from '../ports/pull-store';
import { toNumber, type Database, type Tables } from './database';

/** Ids in one statement: every database has a limit of its own. */
const CHUNK = 500;

interface PulledRow {
  id: number;
  external_id: string;
  local_id: string;
  hash: string | null;
  missed: number | null;
  seen_cycle: number | string | null;
}

const toKnown = (row: PulledRow): KnownObject => ({
  remoteId: row.external_id,
  localId: row.local_id,
  hash: row.hash,
  missed: row.missed ?? 0,
  seenCycle: row.seen_cycle === null ? null : toNumber(row.seen_cycle),
});

/** In the rows of links and groups, so that what is remembered goes with the object. */
export class SqlPullStore implements PullStore {
  constructor(private readonly database: Database) {}

  async known(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<KnownObject[]> {
    const found: KnownObject[] = [];
    for (const chunk of chunks(remoteIds)) {
      const rows = await this.query<PulledRow[]>(connectionId, type, async (own) => select(own, type).whereIn('external_id', chunk));
      found.push(...rows.map(toKnown));
    }
    return found;
  }

  async count(connectionId: number, type: ObjectType): Promise<number> {
    const row = await this.query<{ count: number | string } | undefined>(connectionId, type, async (own) => own.count({ count: '*' }).first());
    return toNumber(row?.count ?? 0);
  }

  async rememberHash(connectionId: number, type: ObjectType, remoteId: string, hash: string | null): Promise<void> {
    await this.query(connectionId, type, async (own) => own.where({ external_id: remoteId }).update({ hash }));
  }

  async seen(connectionId: number, type: ObjectType, remoteIds: string[], cycle: number): Promise<void> {
    for (const chunk of chunks(remoteIds)) {
      await this.query(connectionId, type, async (own) =>
        own
          .whereIn('external_id', chunk)
          .where((row) => row.whereNull('seen_cycle').orWhere('seen_cycle', '<', cycle))
          .update({ seen_cycle: cycle })
      );
    }
  }

  async forgive(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<void> {
    for (const chunk of chunks(remoteIds)) {
      await this.query(connectionId, type, async (own) => own.whereIn('external_id', chunk).update({ missed: 0 }));
    }
  }

  async settle(connectionId: number, type: ObjectType, cycle: number): Promise<void> {
    await this.query(connectionId, type, async (own) => own.where('missed', '>', 0).where('seen_cycle', '>=', cycle).update({ missed: 0 }));
    await this.query(connectionId, type, async (own, knex) =>
      unseen(own, cycle)
        .where((row) => row.whereNull('missed_cycle').orWhere('missed_cycle', '<', cycle))
        .update({ missed: knex.raw('coalesce(missed, 0) + 1'), missed_cycle: cycle })
    );
  }

  async missing(connectionId: number, type: ObjectType, times: number, after: number, limit: number): Promise<{ objects: KnownObject[]; next: number | null }> {
    const rows = await this.query<PulledRow[]>(connectionId, type, async (own) =>
      select(own, type).where('missed', '>=', times).where('id', '>', after).orderBy('id').limit(limit)
    );
    return { objects: rows.map(toKnown), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  /** Rows of objects that came from the source: what a person linked by hand has no id there until it was seen. */
  private query<T>(connectionId: number, type: ObjectType, work: (own: Knex.QueryBuilder, knex: Knex) => Promise<T>): Promise<T> {
    return this.database.query((tables: Tables, knex) => {
      const own =
        type === 'User'
          ? tables(TABLES.links).where({ connection_id: connectionId, object_type: type })
          : tables(TABLES.groups).where({ connection_id: connectionId });
      return work(own.whereNotNull('external_id'), knex);
    });
  }
}

const select = (own: Knex.QueryBuilder, type: ObjectType): Knex.QueryBuilder =>
  own.select('id', 'external_id', 'hash', 'missed', 'seen_cycle', { local_id: type === 'User' ? 'local_id' : 'scim_id' });

const unseen = (own: Knex.QueryBuilder, cycle: number): Knex.QueryBuilder =>
  own.where((row) => row.whereNull('seen_cycle').orWhere('seen_cycle', '<', cycle));

const chunks = (ids: string[]): string[][] => Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_none, index) => ids.slice(index * CHUNK, (index + 1) * CHUNK));
