import { exactCollation } from '../collations';
import type { Database } from '../database';
import { sql, trusted, type Sql } from './sql';

/** Where the databases differ for a search. */
export interface Dialect {
  readonly client: Database['client'];
  /** Text compared by code points, without padding, whatever the column's collation is. */
  exact(expression: Sql): Sql;
  contains(expression: Sql, part: string): Sql;
  endsWith(expression: Sql, end: string): Sql;
  concat(...parts: Sql[]): Sql;
  /** Whether a query answers anything. */
  exists(query: Sql): Sql;
  /** Joins the tables left and right in this order; what holds between them stands in `where`. */
  readonly join: Sql;
  /** Behind a table: which index is meant. MySQL and MariaDB choose by statistics that are behind where many rows are new, SQLite by none. */
  using(index: IndexName): Sql;
}

export type IndexName = 'values_find' | 'values_object' | 'identities_live';

const nothing = trusted('');
const crossJoin = trusted('cross join');
const exists = (query: Sql): Sql => sql`exists (${query})`;

const codePoints = (text: string): number => [...text].length;

/** SQLite's LIKE ignores case and every LIKE has wildcards: position functions have neither. */
const sqliteDialect: Dialect = {
  client: 'sqlite',
  // Without the sign SQLite 3.51 makes a join of it, and an OFFSET then counts every row that the query would find.
  exists: (query) => sql`+exists (${query})`,
  join: crossJoin,
  // Asked of one object, SQLite would take the range of a beginning instead: everybody in it, once for each object.
  using: (index) => (index === 'values_object' ? trusted('indexed by provisioning_values_object') : nothing),
  exact: (expression) => expression,
  contains: (expression, part) => sql`instr(${expression}, ${part}) > 0`,
  endsWith: (expression, end) => sql`substr(${expression}, ${-codePoints(end)}) = ${end}`,
  concat: (...parts) => parts.reduce((left, right) => sql`${left} || ${right}`),
};

const postgresDialect: Dialect = {
  client: 'postgres',
  exists,
  join: crossJoin,
  using: () => nothing,
  exact: (expression) => sql`(${expression} collate "C")`,
  contains: (expression, part) => sql`strpos(${expression}, ${part}) > 0`,
  endsWith: (expression, end) => sql`right(${expression}, ${codePoints(end)}) = ${end}`,
  concat: (...parts) => parts.reduce((left, right) => sql`${left} || ${right}`),
};

const mysqlDialect = (collation: string): Dialect => ({
  client: 'mysql',
  exists,
  join: trusted('straight_join'),
  using: (index) => trusted(`force index (provisioning_${index})`),
  exact: (expression) => sql`(convert(${expression} using utf8mb4) collate ${trusted(collation)})`,
  contains: (expression, part) => sql`instr(${expression}, ${part}) > 0`,
  endsWith: (expression, end) => sql`right(${expression}, ${codePoints(end)}) = ${end}`,
  concat: (...parts) => sql`concat(${parts.reduce((left, right) => sql`${left}, ${right}`)})`,
});

export async function dialectOf(database: Database): Promise<Dialect> {
  if (database.client === 'sqlite') return sqliteDialect;
  return database.client === 'postgres' ? postgresDialect : mysqlDialect(await exactCollation(database));
}
