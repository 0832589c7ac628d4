import type { Population } from '../../contracts/connection';
import type { ScopeCount } from '../../contracts/scope';
import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { scopeFilter } from '../../domain/scope/filter';
import { scopeType } from '../../domain/scope/subject';
import type { Subject } from '../../engine/scope-subject';
import { TABLES } from '../../models';
import { ScimError } from '../../scim/messages/error';
import { toNumber, type Database } from '../database';
import type { PopulationParts } from '../population';
import { canonicalElements, NotInDatabase } from './canonical-elements';
import { compileFilter } from './compile';
import { dialectOf } from './dialect';
import type { Scope } from './elements';
import { LimitedQuery } from './limited-query';
import type { LiveCounts } from './live-counts';
import { attributeKey } from './names';
import { conditions, SQLITE_SCAN_LIMIT, tablesOf } from './resource-search';
import { countIn, readSubjects, scanScope, type ScanDeps } from './scope-scan';
import { and, sql, trusted, TRUE, type Sql } from './sql';
import { allOf, always, COST, type Term } from './term';

/** Accounts that the index of values keeps quiet about (break-glass, super admins) and that are looked at one by one. */
const OPAQUE_LIMIT = 1_000;

export interface ScopeCountDeps extends ScanDeps {
  counts: LiveCounts;
  partsOf(population: Population): PopulationParts;
}

/** Counts who is in scope: by one query where the clauses can be asked of the database, else by looking at a limited number. */
export class SqlScopeCount {
  private readonly limited: LimitedQuery;

  constructor(
    private readonly database: Database,
    options: { timeLimitMs: number },
    private readonly deps: ScopeCountDeps
  ) {
    this.limited = new LimitedQuery(database, options.timeLimitMs);
  }

  /** Of the connection's own scope; another one is counted with a connection that carries it. */
  async of(connection: Connection): Promise<ScopeCount> {
    const { total } = await this.deps.counts.of(connection.population);
    const matching = await this.bySql(connection, total);
    if (matching !== null) return { matching, total, complete: true, looked: total };
    const scan = await scanScope(connection, this.deps);
    return { ...scan, total };
  }

  /** These users as the clauses of a connection see them. */
  subjects(connection: Connection, scimIds: string[]): Promise<Subject[]> {
    return readSubjects(connection, scimIds, this.deps);
  }

  /** Null where the database cannot answer, or not in time. */
  async bySql(connection: Connection, total: number): Promise<number | null> {
    try {
      const { term, scope, usesIndex } = await this.compile(connection);
      if (term === always) return total;
      if (this.database.client === 'sqlite' && total > SQLITE_SCAN_LIMIT && (term.driver === null || term.cost >= COST.weak)) return null;
      if (!usesIndex) return await this.count(term, scope, TRUE);
      const visible = this.isIndexed(scope);
      const opaque = await this.opaque(scope, visible);
      if (opaque.length > OPAQUE_LIMIT) return null;
      return (await this.count(term, scope, visible)) + (await countIn(connection, opaque, this.deps));
    } catch (error) {
      if (error instanceof NotInDatabase || (error instanceof ScimError && error.scimType === 'tooMany')) return null;
      throw error;
    }
  }

  private async compile(connection: Connection): Promise<{ term: Term; scope: Scope; usesIndex: boolean }> {
    const { population } = connection;
    const { scope: wanted } = outboundOf(connection);
    const table = (name: string): Sql => trusted(this.database.qualified(name));
    let usesIndex = false;
    const own = canonicalElements({ accounts: this.deps.partsOf(population).accounts, table }, population, () => {
      usesIndex = true;
    });
    const scope: Scope = {
      connectionId: connection.id,
      population,
      objectType: 'User',
      type: scopeType(this.deps.userType(population)),
      baseUrl: '',
      dialect: await dialectOf(this.database),
      table: (name) => table(TABLES[name]),
      objects: table(TABLES.identities),
      own,
    };
    const filter = scopeFilter(wanted);
    const clauses = filter === null ? always : compileFilter(filter, scope);
    const byHand = wanted.assignment === 'assigned' ? assignedTerm(scope, table(TABLES.assignments)) : always;
    return { term: allOf([clauses, byHand]), scope, usesIndex };
  }

  private async count(term: Term, scope: Scope, also: Sql): Promise<number> {
    const [row] = await this.limited.rows<{ total: number | string }>(
      sql`select count(*) as total ${tablesOf(term, scope)} where ${and(...conditions(term, scope), also)}`,
      true
    );
    return toNumber(row?.total ?? 0);
  }

  /** Everybody whose attributes the index holds has `active` there. */
  private isIndexed({ dialect, table }: Scope): Sql {
    return dialect.exists(sql`select 1 from ${table('values')} o where o.object_id = i.id and o.object_type = 'User' and o.connection_id = 0 and o.attribute = ${attributeKey('User', 'active')}`);
  }

  private async opaque(scope: Scope, indexed: Sql): Promise<string[]> {
    const rows = await this.limited.rows<{ scim_id: string }>(
      sql`select i.scim_id ${tablesOf(always, scope)} where ${and(...conditions(always, scope), sql`not (${indexed})`)} limit ${OPAQUE_LIMIT + 1}`,
      true
    );
    return rows.map((row) => row.scim_id);
  }
}

function assignedTerm({ connectionId, objects }: Scope, assignments: Sql): Term {
  const mine = sql`s.connection_id = ${connectionId}`;
  return {
    row: (object) => sql`exists (select 1 from ${assignments} s where ${mine} and s.local_id = ${object}.scim_id)`,
    driver: sql`select x.id as object_id from ${assignments} s join ${objects} x on x.scim_id = s.local_id where ${mine}`,
    rest: () => TRUE,
    repeats: false,
    cost: COST.equal,
  };
}
