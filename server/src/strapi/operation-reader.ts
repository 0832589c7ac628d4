import type { Knex } from 'knex';
import { ERROR_CATALOGUE } from '../contracts/error-codes';
import type {
  AttributeChange,
  HttpExchange,
  OperationDetail,
  OperationKind,
  OperationPage,
  OperationStep,
  OperationSummary,
  Outcome,
  Trigger,
} from '../contracts/operation';
import { normaliseName } from '../domain/identity/normalise';
import { TABLES } from '../models';
import { parseJson, toNumber, type Database } from './database';

/** Filters of the log, already validated. Times in epoch milliseconds. */
export interface OperationFilter {
  operation?: string[] | undefined;
  outcome?: string[] | undefined;
  connectionId?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
  search?: string | undefined;
  /** `b<id>`: rows before (older than) the id; `a<id>`: after it. */
  cursor?: string | undefined;
  pageSize?: number | undefined;
}

interface Row {
  id: number;
  at: number | string;
  connection_id: number | null;
  connection_name: string;
  direction: string;
  population: string;
  trigger_kind: string;
  operation: string;
  outcome: string;
  object_type: string;
  object_id: string | null;
  object_name: string | null;
  remote_id: string | null;
  error_code: string | null;
  message: string | null;
  correlation_id: string;
  run_id: number | null;
  actor: string;
  duration_ms: number | null;
  attempts: number | null;
  count: number;
  detail: string | null;
}

const SUMMARY_COLUMNS = [
  'id', 'at', 'connection_id', 'connection_name', 'direction', 'population', 'trigger_kind', 'operation', 'outcome',
  'object_type', 'object_id', 'object_name', 'error_code', 'message', 'count',
];

const toSummary = (row: Row): OperationSummary => ({
  id: row.id,
  at: new Date(toNumber(row.at)).toISOString(),
  connectionId: row.connection_id,
  connectionName: row.connection_name,
  direction: row.direction === 'outbound' ? 'outbound' : 'inbound',
  population: row.population === 'admin-users' ? 'admin-users' : 'end-users',
  trigger: row.trigger_kind as Trigger,
  operation: row.operation as OperationKind,
  outcome: row.outcome as Outcome,
  objectType: row.object_type === 'Group' ? 'Group' : 'User',
  objectId: row.object_id,
  objectName: row.object_name,
  errorCode: row.error_code,
  message: row.message ?? '',
  count: row.count,
});

/** Attempts of a provider on one account that existed before, all refused. */
export interface RefusedAdoption {
  /** SCIM id; null where the provider wanted to create the account. */
  objectId: string | null;
  /** Normalised userName. */
  name: string | null;
  operation: OperationKind;
  attempts: number;
  since: number;
  lastAt: number;
}

const DEFAULT_PAGE = 20;

/** Of the newest refusals these many are looked at, and these many objects told of: a log of any size costs the same. */
const REFUSALS = 20_000;
const REFUSED = 500;

/** Reads the provisioning log: keyset pages by id, newest first, so that page 1,000 costs what page 1 costs. */
export class OperationReader {
  constructor(private readonly database: Database) {}

  async page(filter: OperationFilter): Promise<OperationPage> {
    const size = filter.pageSize ?? DEFAULT_PAGE;
    const anchor = filter.cursor === undefined ? null : Number(filter.cursor.slice(1));
    const backwards = filter.cursor?.startsWith('a') ?? false;
    // One row more tells whether there is another page in that direction.
    const rows = await this.database.query<Row[]>(async (tables) => {
      const query = this.filtered(tables(TABLES.operations), filter);
      if (anchor !== null) query.where('id', backwards ? '>' : '<', anchor);
      return query.orderBy('id', backwards ? 'asc' : 'desc').limit(size + 1).select(SUMMARY_COLUMNS);
    });
    const more = rows.length > size;
    const shown = rows.slice(0, size);
    if (backwards) shown.reverse();
    const first = shown[0];
    const last = shown.at(-1);
    const hasNewer = backwards ? more : anchor !== null;
    const hasOlder = backwards ? anchor !== null : more;
    return {
      results: shown.map(toSummary),
      nextCursor: hasOlder && last ? `b${last.id}` : null,
      previousCursor: hasNewer && first ? `a${first.id}` : null,
    };
  }

  async detail(id: number): Promise<OperationDetail | null> {
    const row = await this.database.query<Row | undefined>(async (tables) => tables(TABLES.operations).where({ id }).first());
    if (!row) return null;
    const detail = parseJson<{ steps?: OperationStep[]; changes?: AttributeChange[]; http?: HttpExchange | null }>(row.detail);
    return {
      ...toSummary(row),
      correlationId: row.correlation_id,
      runId: row.run_id,
      actor: row.actor,
      remoteId: row.remote_id,
      durationMs: row.duration_ms ?? 0,
      attempts: row.attempts ?? 1,
      steps: detail?.steps ?? [],
      changes: detail?.changes ?? [],
      http: detail?.http ?? null,
      advice: row.error_code === null ? null : (ERROR_CATALOGUE.get(row.error_code) ?? null),
    };
  }

  /** Whom a connection was refused to take over, last attempt first. A deletion asks for nobody. */
  async refusedAdoptions(connectionId: number): Promise<RefusedAdoption[]> {
    const rows = await this.database.query<Record<string, string | number | null>[]>(async (tables, knex) => {
      const columns = ['id', 'at', 'connection_id', 'object_type', 'object_id', 'object_name_norm', 'operation', 'error_code'];
      const newest = tables(TABLES.operations).where({ outcome: 'refused' }).orderBy('id', 'desc').limit(REFUSALS).select(columns);
      return knex
        .from(newest.as('newest'))
        .where({ connection_id: connectionId, object_type: 'User' })
        .where((any) =>
          any
            .where((one) => one.where({ error_code: 'not-adoptable' }).whereNot({ operation: 'delete' }))
            .orWhere({ error_code: 'uniqueness', operation: 'create' })
        )
        .groupBy('object_id', 'object_name_norm', 'operation')
        .orderBy('last', 'desc')
        .limit(REFUSED)
        .select('object_id', 'object_name_norm', 'operation')
        .max({ last: 'id', last_at: 'at' })
        .min({ since: 'at' })
        .count({ attempts: '*' });
    });
    return rows.map((row) => ({
      objectId: row.object_id === null ? null : String(row.object_id),
      name: row.object_name_norm === null ? null : String(row.object_name_norm),
      operation: row.operation as OperationKind,
      attempts: Number(row.attempts),
      since: Number(row.since),
      lastAt: Number(row.last_at),
    }));
  }

  /** Outcomes since a time (epoch ms). */
  async outcomesSince(since: number): Promise<Record<Outcome, number>> {
    const rows = await this.database.query<{ outcome: string; total: number | string }[]>(async (tables) =>
      tables(TABLES.operations).where('at', '>=', since).groupBy('outcome').select('outcome').count({ total: '*' })
    );
    const count = (outcome: Outcome): number => toNumber(rows.find((row) => row.outcome === outcome)?.total ?? 0);
    return { success: count('success'), skipped: count('skipped'), refused: count('refused'), failed: count('failed') };
  }

  /** Deletes rows that no seal covers and that are older than a time, in batches; answers how many. */
  async prune(before: number): Promise<number> {
    for (let total = 0; ; ) {
      const deleted = await this.database.query<number>(async (tables) => {
        const rows = (await tables(TABLES.operations).where('at', '<', before).whereNull('seal').orderBy('at').limit(1_000).select('id')) as { id: number }[];
        return rows.length === 0 ? 0 : tables(TABLES.operations).whereIn('id', rows.map((row) => row.id)).delete();
      });
      total += deleted;
      if (deleted < 1_000) return total;
    }
  }

  private filtered(query: Knex.QueryBuilder, filter: OperationFilter): Knex.QueryBuilder {
    if (filter.operation?.length) query.whereIn('operation', filter.operation);
    if (filter.outcome?.length) query.whereIn('outcome', filter.outcome);
    if (filter.connectionId !== undefined) query.where('connection_id', filter.connectionId);
    if (filter.from !== undefined) query.where('at', '>=', filter.from);
    if (filter.to !== undefined) query.where('at', '<', filter.to);
    if (filter.search !== undefined) {
      const text = filter.search;
      // `!` escapes on all three databases; a backslash does not.
      const pattern = `%${normaliseName(text).replace(/[!%_]/g, '!$&')}%`;
      query.where((any) => any.where('object_id', text).orWhereRaw("object_name_norm like ? escape '!'", [pattern]));
    }
    return query;
  }
}
