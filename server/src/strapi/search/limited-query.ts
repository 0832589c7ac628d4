import { ScimError } from '../../scim/messages/error';
import type { Database } from '../database';
import type { Sql } from './sql';

/** Codes of a statement that ran out of time: PostgreSQL, MariaDB, MySQL. */
const OUT_OF_TIME = new Set(['57014', 'ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT']);
const MARIADB_TIMEOUT = 1_969;

export const tooMany = (): ScimError =>
  new ScimError(400, 'The filter would look at too many objects. Narrow it by userName, externalId, id or emails, or compare with eq.', 'tooMany');

/** Runs a search's statements; with a limit a statement that takes too long ends as 400 `tooMany`. */
export class LimitedQuery {
  private isMariadb: Promise<boolean> | null = null;

  constructor(
    private readonly database: Database,
    private readonly limitMs: number
  ) {}

  async rows<T>(query: Sql, limited: boolean): Promise<T[]> {
    const { client } = this.database;
    if (!limited || client === 'sqlite') return this.run<T>(query.text, query.values);
    try {
      if (client === 'postgres') {
        return await this.database.run(async () => {
          // A filter is written so that its terms are asked in a good order; trying others takes longer than a long filter runs.
          await this.run(`set local statement_timeout = ${this.limitMs}; set local join_collapse_limit = 1; set local jit = off`, []);
          return this.run<T>(query.text, query.values);
        });
      }
      return await this.run<T>((await this.usesMariadb()) ? this.mariadbText(query.text) : this.mysqlText(query.text), query.values);
    } catch (error) {
      if (isOutOfTime(error)) throw tooMany();
      throw error;
    }
  }

  private mariadbText = (text: string): string => `set statement max_statement_time = ${this.limitMs / 1_000} for ${text}`;

  private mysqlText = (text: string): string => text.replace(/^select /, `select /*+ max_execution_time(${this.limitMs}) */ `);

  private usesMariadb(): Promise<boolean> {
    this.isMariadb ??= this.run<{ version: string }>('select version() as version', []).then(([row]) => /mariadb/i.test(row?.version ?? ''));
    return this.isMariadb;
  }

  private async run<T>(text: string, values: readonly (string | number)[]): Promise<T[]> {
    return this.database.query(async (_tables, knex) => {
      const answer: unknown = await knex.raw(text, values as (string | number)[]);
      if (Array.isArray(answer)) return (this.database.client === 'mysql' ? answer[0] : answer) as T[];
      return (answer as { rows: T[] }).rows;
    });
  }
}

function isOutOfTime(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return errno === MARIADB_TIMEOUT || (typeof code === 'string' && OUT_OF_TIME.has(code));
}
