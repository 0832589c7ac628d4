import type { Connection } from '../../domain/connection/connection';
import { TABLES } from '../../models';
import type { ResourceSearch, SearchPage } from '../../ports/search';
import type { ListQuery, Sort } from '../../ports/scim-service';
import type { Filter } from '../../scim/filter/ast';
import { subName } from '../../scim/filter/indexed-values';
import { formatAttributePath } from '../../scim/filter/path';
import { quoted, ScimError } from '../../scim/messages/error';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import { toNumber, type Database } from '../database';
import { elementsFor } from './attribute-sources';
import { compileFilter } from './compile';
import { decodeCursor, encodeCursor, queryDigest, type Position } from './cursor';
import { dialectOf, type Dialect } from './dialect';
import type { Scope } from './elements';
import { LimitedQuery, tooMany } from './limited-query';
import type { LiveCounts } from './live-counts';
import { and, or, sql, trusted, TRUE, type Sql } from './sql';
import { inScope } from './table-elements';
import { allOf, always, COST, type Term } from './term';
import { provisioned } from './value-elements';

/** SQLite answers in this process and cannot be interrupted: larger sites are neither searched nor sorted without an index. */
export const SQLITE_SCAN_LIMIT = 300_000;

export interface SearchOptions {
  /** Of a statement that no index drives. */
  timeLimitMs: number;
  /** Matches of a wide filter above which a page is looked for one object after the other. */
  walkAbove?: number;
}

const WALKED = 2_000;

interface FoundRow {
  id: number | string;
  scim_id: string;
  sort_key?: string | number | null;
}

/** One search, ready to be asked. */
interface Search {
  scope: Scope;
  term: Term;
  /** Sort key of the row `i`; null: by age. */
  key: Sql | null;
  descending: boolean;
  limited: boolean;
}

/** Searches users and groups in the database. */
export class SqlResourceSearch implements ResourceSearch {
  private readonly limited: LimitedQuery;
  private dialect: Promise<Dialect> | null = null;

  constructor(
    private readonly database: Database,
    private readonly counts: LiveCounts,
    private readonly options: SearchOptions
  ) {
    this.limited = new LimitedQuery(database, options.timeLimitMs);
  }

  async find(connection: Connection, type: ResourceTypeDefinition, query: ListQuery, baseUrl: string): Promise<SearchPage> {
    const search = await this.prepare(connection, type, query, baseUrl);
    return query.cursor === null ? this.byIndex(search, query) : this.byCursor(search, query, query.cursor, queryDigest(connection, type.name, query));
  }

  private async prepare(connection: Connection, type: ResourceTypeDefinition, query: ListQuery, baseUrl: string): Promise<Search> {
    this.dialect ??= dialectOf(this.database);
    const dialect = await this.dialect;
    const table = (name: keyof typeof TABLES): Sql => trusted(this.database.qualified(TABLES[name]));
    const scope: Scope = {
      connectionId: connection.id,
      population: connection.population,
      objectType: type.name,
      type,
      baseUrl,
      dialect,
      table,
      objects: table(type.name === 'User' ? 'identities' : 'groups'),
    };
    const filter = query.filter === null ? always : compileFilter(query.filter, scope);
    const visible = type.name === 'User' && connection.policies.visibility === 'provisioned' ? provisioned(scope) : always;
    const term = allOf([filter, visible]);
    const key = query.sort === null ? null : sortKey(query.sort, scope);
    if (type.name === 'User' && (isScan(filter) || (query.sort !== null && filter.cost >= COST.weak))) await this.refuseLargeScan(connection);
    const isNarrow = term === always || (term.cost < COST.weak && comparisonsIn(query.filter) <= NARROW);
    return { scope, term, key, descending: query.sort?.descending ?? false, limited: key !== null || !isNarrow };
  }

  private async byIndex(search: Search, { startIndex, count }: ListQuery): Promise<SearchPage> {
    const offset = startIndex - 1;
    if (search.term === always && search.key === null && search.scope.objectType === 'User') return this.everybody(search, offset, count);
    const total = isWide(search) ? await this.count(search) : null;
    const rows = count === 0 || total === 0 ? [] : await this.page(search, null, total, sql`limit ${count} offset ${offset}`);
    // A page that ends before it is full ends the list: it tells the total itself.
    const isLast = rows.length < count && (rows.length > 0 || offset === 0);
    return { ids: rows.map((row) => row.scim_id), totalResults: total ?? (isLast ? offset + rows.length : await this.count(search)), nextCursor: null };
  }

  private async byCursor(search: Search, { count }: ListQuery, cursor: string, digest: string): Promise<SearchPage> {
    const from = decodeCursor(cursor, digest);
    const total = from?.total ?? (await this.total(search));
    const rows = count === 0 ? [] : await this.page(search, from, total, sql`limit ${count + 1}`);
    const shown = rows.slice(0, count);
    const last = shown.at(-1);
    const nextCursor =
      last === undefined || rows.length <= count ? null : encodeCursor({ id: toNumber(last.id), key: keyOf(last), total }, digest);
    return { ids: shown.map((row) => row.scim_id), totalResults: total, nextCursor };
  }

  /** All users by index. Ids only and from the nearer end, because a database walks over every row of an offset. */
  private async everybody({ scope }: Search, offset: number, count: number): Promise<SearchPage> {
    const { total, lastId } = await this.counts.of(scope.population);
    const size = Math.min(count, total - offset);
    if (size <= 0) return { ids: [], totalResults: total, nextCursor: null };
    const i = trusted('i');
    const from = tablesOf(always, scope);
    const fromEnd = offset > total / 2;
    const window = fromEnd
      ? sql`select i.id ${from} where ${inScope(scope, i)} and i.id <= ${lastId} order by i.id desc limit ${size} offset ${total - offset - size}`
      : sql`select i.id ${from} where ${inScope(scope, i)} order by i.id limit ${size} offset ${offset}`;
    const rows = await this.limited.rows<FoundRow>(sql`select o.id, o.scim_id from (${window}) p ${scope.dialect.join} ${scope.objects} o where o.id = p.id order by o.id`, false);
    return { ids: rows.map((row) => row.scim_id), totalResults: total, nextCursor: null };
  }

  private page(search: Search, from: Position | null, total: number | null, window: Sql): Promise<FoundRow[]> {
    const { scope, key, descending, limited } = search;
    // Of many that match, those of a page are met sooner by walking than by finding all of them first.
    const isWalked = key === null && isWide(search) && total !== null && total > (this.options.walkAbove ?? WALKED);
    const term: Term = isWalked ? { ...search.term, driver: null, rest: search.term.row } : search.term;
    const i = trusted('i');
    const found = sql`${tablesOf(term, scope)} where ${and(...conditions(term, scope))}`;
    if (key === null) {
      const after = from === null ? TRUE : sql`i.id > ${from.id}`;
      return this.limited.rows<FoundRow>(sql`select i.id, i.scim_id ${found} and ${after} order by ${i}.id ${window}`, limited);
    }
    const direction = trusted(descending ? 'desc' : 'asc');
    const after = from === null ? TRUE : afterKey(from, descending);
    const ordered = sql`order by case when q.sort_key is null then 1 else 0 end ${direction}, q.sort_key ${direction}, q.id`;
    return this.limited.rows<FoundRow>(
      sql`select q.id, q.scim_id, q.sort_key from (select i.id, i.scim_id, ${key} as sort_key ${found}) q where ${after} ${ordered} ${window}`,
      limited
    );
  }

  private async total(search: Search): Promise<number> {
    const isEverybody = search.term === always && search.scope.objectType === 'User';
    return isEverybody ? (await this.counts.of(search.scope.population)).total : this.count(search);
  }

  private async count({ scope, term, limited }: Search): Promise<number> {
    const [row] = await this.limited.rows<{ total: number | string }>(
      sql`select count(*) as total ${tablesOf(term, scope)} where ${and(...conditions(term, scope))}`,
      limited
    );
    return toNumber(row?.total ?? 0);
  }

  private async refuseLargeScan(connection: Connection): Promise<void> {
    if (this.database.client === 'sqlite' && (await this.counts.of(connection.population)).total > SQLITE_SCAN_LIMIT) throw tooMany();
  }
}

/** Whether the filter may match a large part of all objects. */
const isWide = ({ term, key }: Search): boolean => key === null && term.driver !== null && term.cost >= COST.weak;

/** Filters as providers send them; a longer one is watched, whatever it asks. */
const NARROW = 8;

function comparisonsIn(filter: Filter | null): number {
  if (filter === null) return 0;
  if (filter.kind === 'and' || filter.kind === 'or') return comparisonsIn(filter.left) + comparisonsIn(filter.right);
  if (filter.kind === 'not') return comparisonsIn(filter.filter);
  return filter.kind === 'valuePath' ? comparisonsIn(filter.filter) + 1 : 1;
}

const isScan = (term: Term): boolean => term !== always && (term.driver === null || term.cost >= COST.scan);

/** The driver first: the database must not start with everybody. */
export function tablesOf({ driver, repeats }: Term, { objects, objectType, dialect }: Scope): Sql {
  if (driver === null) return sql`from ${objects} i ${objectType === 'User' ? dialect.using('identities_live') : trusted('')}`;
  const found = repeats ? sql`select distinct u.object_id from (${driver}) u` : driver;
  return sql`from (${found}) d ${dialect.join} ${objects} i`;
}

export function conditions(term: Term, scope: Scope): Sql[] {
  const i = trusted('i');
  const found = term.driver === null ? [] : [sql`i.id = d.object_id`];
  return [...found, inScope(scope, i), term.rest(i)];
}

function sortKey(sort: Sort, scope: Scope): Sql {
  const { elements } = elementsFor(sort.path, scope);
  const key = elements.sortKey(subName(sort.path.subAttribute), trusted('i'));
  if (key === null) {
    throw new ScimError(400, `sortBy ${quoted(formatAttributePath(sort.path))}: a list of memberships has no order.`, 'invalidPath', { attribute: 'sortBy' });
  }
  return key;
}

/** What comes after a position in the order of keys; missing ones are last, in descending order first. */
function afterKey({ id, key }: Position, descending: boolean): Sql {
  if (key === null) {
    const later = sql`q.sort_key is null and q.id > ${id}`;
    return descending ? or(later, sql`q.sort_key is not null`) : later;
  }
  const sign = trusted(descending ? '<' : '>');
  const beyond = or(sql`q.sort_key ${sign} ${key}`, sql`q.sort_key = ${key} and q.id > ${id}`);
  return descending ? beyond : or(beyond, sql`q.sort_key is null`);
}

const keyOf = (row: FoundRow): string | number | null => row.sort_key ?? null;
