import type { Core } from '@strapi/types';
import type { Knex } from 'knex';
import { ProvisioningError } from '../domain/errors';
import type { UnitOfWork } from '../ports/unit-of-work';

/** A query on a table, in the transaction that is open, if one is. */
export type Tables = (table: string) => Knex.QueryBuilder;

/**
 * Strapi's database for the plugin's own SQL. Inside a transaction every query must go through it: on SQLite the pool
 * has one connection, and a query beside the transaction would wait for it for ever.
 */
export class Database implements UnitOfWork {
  constructor(private readonly strapi: Core.Strapi) {}

  /** A transaction that lost a deadlock or a race is run again as a whole; the database has undone all of it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const attempts = this.strapi.db.inTransaction() ? 1 : TRANSACTION_ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.strapi.db.transaction(() => work())) as T;
      } catch (error) {
        if (attempt >= attempts || !isWorthRepeating(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
      }
    }
  }

  async afterCommit(callback: () => void): Promise<void> {
    if (!this.strapi.db.inTransaction()) return callback();
    await this.strapi.db.transaction(({ onCommit }) => {
      onCommit(callback);
    });
  }

  /** Runs queries; joins the open transaction. */
  query<T>(work: (tables: Tables, knex: Knex) => Promise<T>): Promise<T> {
    const schema = this.strapi.db.getSchemaName();
    const tablesOf =
      (knex: Knex): Tables =>
      (table) =>
        schema ? knex.withSchema(schema).table(table) : knex(table);
    if (!this.strapi.db.inTransaction()) return work(tablesOf(this.strapi.db.connection), this.strapi.db.connection);
    return this.strapi.db.transaction(({ trx }) => work(tablesOf(trx), trx)) as Promise<T>;
  }

  get inTransaction(): boolean {
    return this.strapi.db.inTransaction();
  }

  /** Inserts one row and answers its id; MySQL has no RETURNING and answers the id by itself. */
  async insertedId(table: string, row: Record<string, unknown>): Promise<number> {
    const [inserted] = await this.query<(number | { id: number })[]>(async (tables) => {
      const insert = tables(table).insert(row);
      return this.client === 'mysql' ? insert : insert.returning('id');
    });
    return typeof inserted === 'object' ? Number(inserted.id) : Number(inserted);
  }

  /** PostgreSQL's schema of Strapi's tables. */
  get schema(): string {
    return this.strapi.db.getSchemaName() ?? 'public';
  }

  /** Name of a table for SQL that is written out. */
  qualified(table: string): string {
    const schema = this.strapi.db.getSchemaName();
    return schema ? `"${schema}".${table}` : table;
  }

  get client(): 'sqlite' | 'postgres' | 'mysql' {
    return this.strapi.db.dialect.client as 'sqlite' | 'postgres' | 'mysql';
  }
}

const TRANSACTION_ATTEMPTS = 8;

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

/** Deadlocks and serialisation failures of PostgreSQL and MySQL/MariaDB, and a state that changed since it was read. */
function isWorthRepeating(error: unknown): boolean {
  if (error instanceof ProvisioningError && error.code === 'conflict') return true;
  const cause = error instanceof Error ? error.cause : undefined;
  return ['40P01', '40001', 'ER_LOCK_DEADLOCK', 'ER_CHECKREAD'].some((code) => code === codeOf(error) || code === codeOf(cause));
}

/** Unique violations of SQLite, PostgreSQL and MySQL/MariaDB. */
export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505', 'ER_DUP_ENTRY'].includes(codeOf(error));
}

/** What the database says of the key that a unique violation broke: its name, on SQLite its columns. */
export function violatedKey(error: unknown): string {
  const { constraint, message = '' } = error as { constraint?: string; message?: string };
  // knex puts the statement in front, with the names of all columns.
  return constraint ?? /(?:for key '([^']*)'|UNIQUE constraint failed: (.*))$/.exec(message)?.slice(1).find((name) => name !== undefined) ?? '';
}

/** JSON columns are text; what cannot be read counts as absent. */
export function parseJson<T>(text: unknown): T | null {
  if (typeof text !== 'string' || text === '') return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

export const toJson = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

/** bigint columns arrive as strings on PostgreSQL. */
export const toNumber = (value: unknown): number => Number(value);
export const toNumberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
