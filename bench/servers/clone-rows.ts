/**
 * Many users out of one: a user is created by the server itself, and every row that this wrote is repeated by the
 * database with other ids and names. So the helper knows no columns, and whatever the server writes for a user is there.
 */
import { open } from 'node:fs/promises';
import type { Knex } from 'knex';

/** Stands in every name of the user that is repeated; unlike any other text of its rows. */
export const MARKER = 'bulk000000000';

/** Distance of the tables' ids while the template is made: an id tells which table it is of. */
const ID_RANGE = 50_000_000;
/** Where in its range a table's own ids go on, far behind the copies. */
const OWN_IDS = 25_000_000;
const USERS_PER_TRANSACTION = 20_000;
/** Odd, so that no two users get the same; scatters ids as random ones are. */
const SCATTER = 2_654_435_761;
const SCATTERED_BITS = 2 ** 32;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Row = Record<string, unknown>;

interface Table {
  name: string;
  columns: string[];
  /** What the template's user has in it, ids in a row from `first`. */
  first: number;
  rows: Row[];
}

export const nameOf = (n: number): string => `bulk${String(n).padStart(9, '0')}`;

/** The n-th user's counterpart of an id in the template. Exact: below 2^53 for 3 million users. */
export const idOf = (template: string, n: number): string => ((n * SCATTER) % SCATTERED_BITS).toString(16).padStart(8, '0') + template.slice(8);

export class RowCloner {
  private tables: Table[] = [];
  private tokens: string[] = [];
  private filled = 0;

  constructor(
    private readonly knex: Knex,
    private readonly client: 'sqlite' | 'postgres',
    private readonly tableNames: string[]
  ) {}

  /** `create` makes one user whose every name holds MARKER. */
  async template(create: () => Promise<unknown>): Promise<void> {
    for (const [index, name] of this.tableNames.entries()) await this.continueIdsAt(name, (index + 1) * ID_RANGE);
    await create();
    for (const [index, name] of this.tableNames.entries()) {
      const rows: Row[] = await this.knex(name).where('id', '>', (index + 1) * ID_RANGE).orderBy('id');
      const first = Number(rows[0]?.id);
      if (rows.length === 0) continue;
      if (Number(rows.at(-1)?.id) !== first + rows.length - 1) throw new Error(`${name}: the template's ids have gaps.`);
      this.tables.push({ name, columns: Object.keys(rows[0] ?? {}), first, rows });
    }
    for (const [index, name] of this.tableNames.entries()) await this.continueIdsAt(name, (index + 1) * ID_RANGE + OWN_IDS);
    const texts = this.tables.flatMap(({ rows }) => rows.flatMap((row) => Object.entries(row)));
    const isToken = ([column, value]: [string, unknown]): boolean => typeof value === 'string' && (UUID.test(value) || column === 'document_id');
    this.tokens = [...new Set(texts.filter(isToken).map(([, value]) => String(value)))];
  }

  /** Row of the template in a table, for what a server is asked by. */
  templateRow(table: string): Row {
    const row = this.tables.find(({ name }) => name === table)?.rows[0];
    if (!row) throw new Error(`${table}: the template has no row.`);
    return row;
  }

  /** Copies until there are `total` users with the template. */
  async fill(total: number): Promise<void> {
    const restore = this.client === 'sqlite' ? await this.hurry() : [];
    while (this.filled < total - 1) {
      const from = this.filled + 1;
      const to = Math.min(total - 1, from + USERS_PER_TRANSACTION - 1);
      await this.knex.transaction(async (trx) => {
        for (const table of this.tables) await trx.raw(this.statement(table, from, to));
      });
      this.filled = to;
    }
    for (const pragma of restore) await this.knex.raw(pragma);
    if (this.client === 'sqlite') await this.settle();
    // As autovacuum would, some time later.
    if (this.client === 'postgres') for (const { name } of this.tables) await this.knex.raw(`analyze ${name}`);
  }

  /** SQLite meanwhile: much memory, no waiting for the disk. Answers what sets it back to what the server chose. */
  private async hurry(): Promise<string[]> {
    const restore: string[] = [];
    for (const [pragma, value] of [['cache_size', -1_000_000], ['synchronous', 0]] as const) {
      const [row] = await this.knex.raw(`pragma ${pragma}`);
      restore.push(`pragma ${pragma} = ${row[pragma]}`);
      await this.knex.raw(`pragma ${pragma} = ${value}`);
    }
    return restore;
  }

  /** Otherwise the first measured commit would have to bring all of it to the disk. */
  private async settle(): Promise<void> {
    const [{ file }] = await this.knex.raw('pragma database_list');
    const handle = await open(file, 'r+');
    await handle.sync();
    await handle.close();
  }

  private statement(table: Table, from: number, to: number): string {
    const series =
      this.client === 'sqlite'
        ? `with recursive s(n) as (select ${from} union all select n + 1 from s where n < ${to})`
        : `with s(n) as (select generate_series(${from}::bigint, ${to}::bigint))`;
    const values = table.columns.map((column) => this.expression(table, column));
    const columns = table.columns.map((column) => `"${column}"`).join(', ');
    const last = table.first + table.rows.length - 1;
    return `${series} insert into ${table.name} (${columns}) select ${values.join(', ')} from s cross join ${table.name} t where t.id between ${table.first} and ${last}`;
  }

  private expression(table: Table, column: string): string {
    const values = table.rows.map((row) => row[column]);
    const source = `t."${column}"`;
    const referred = this.tables.find(({ first, rows }) => values.every((value) => typeof value === 'number' && value >= first && value < first + rows.length));
    if (referred) return `${source} + s.n * ${referred.rows.length}`;
    const found = (token: string): boolean => values.some((value) => typeof value === 'string' && value.includes(token));
    const replaced = this.tokens.filter(found).reduce((text, token) => `replace(${text}, '${token.slice(0, 8)}', ${this.scattered()})`, source);
    return found(MARKER) ? `replace(${replaced}, '${MARKER}', ${this.numbered()})` : replaced;
  }

  private numbered(): string {
    return this.client === 'sqlite' ? `'bulk' || printf('%09d', s.n)` : `'bulk' || lpad(s.n::text, 9, '0')`;
  }

  private scattered(): string {
    const number = `(s.n * ${SCATTER}) % ${SCATTERED_BITS}`;
    return this.client === 'sqlite' ? `printf('%08x', ${number})` : `lpad(to_hex(${number}), 8, '0')`;
  }

  private async continueIdsAt(table: string, id: number): Promise<void> {
    if (this.client === 'postgres') {
      await this.knex.raw(`select setval(pg_get_serial_sequence('${table}', 'id'), ${id})`);
      return;
    }
    await this.knex('sqlite_sequence').where({ name: table }).delete();
    await this.knex('sqlite_sequence').insert({ name: table, seq: id });
  }
}

/** Numbers of up to `count` users out of 1 to `total` - 1, spread evenly. */
export const spread = (total: number, count: number): number[] => {
  const taken = Math.min(count, total - 1);
  return Array.from({ length: taken }, (_, index) => 1 + Math.floor((index * (total - 1)) / taken));
};
