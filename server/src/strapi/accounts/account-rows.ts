import type { Core } from '@strapi/types';
import type { Knex } from 'knex';
import { TABLES } from '../../models';
import type { Database } from '../database';
import type { AccountUid, ExtensionField } from '../extension/fields';

/** What an account's row says, under Strapi's names, with the ids (and codes) of its roles. */
export interface AccountRow extends Record<string, unknown> {
  id: number;
  roles: { id: number; code: string | null }[];
}

/** One account with its identity's columns, which stand under their own names. */
export interface IdentityWithAccount {
  identity: Record<string, unknown>;
  account: AccountRow;
}

interface ModelAttribute {
  type: string;
  columnName?: string;
}

interface JoinTable {
  name: string;
  joinColumn: { name: string };
  inverseJoinColumn: { name: string };
}

const READERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  boolean: (value) => value === true || value === 1 || value === '1' || value === 'true' || value === 't',
  integer: Number,
  float: Number,
  decimal: Number,
  biginteger: String,
  datetime: (value) => moment(value),
  // As Strapi gives it: milliseconds as text.
  timestamp: (value) => String(new Date(value as string | number | Date).getTime()),
};

/** Drivers answer moments as Date, as text or in milliseconds. */
function moment(value: unknown): string | null {
  const date = value instanceof Date ? value : new Date(value as string | number);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * Identity, account and roles in one query: every request of a provider begins with it. Strapi's own reading asks three
 * times and builds relations for it. Only columns that are needed are read, never a password.
 */
export class AccountRows {
  readonly table: string;
  private readonly columns: { alias: string; column: string; name: string; read: ((value: unknown) => unknown) | undefined }[];
  private readonly roles: JoinTable;
  private readonly roleCodes: string | null;
  private readonly components: Record<string, { select: string[] }>;

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database,
    private readonly uid: AccountUid,
    fields: readonly string[],
    extension: { fields: readonly ExtensionField[]; populate: Record<string, { select: string[] }> }
  ) {
    const meta = strapi.db.metadata.get(uid);
    const attributes = meta.attributes as unknown as Record<string, ModelAttribute & { joinTable?: JoinTable }>;
    const plain = extension.fields.filter((field) => field.component === null).map((field) => field.name);
    this.table = meta.tableName;
    this.columns = ['id', ...fields, ...plain].map((name, index) => {
      const attribute = attributes[name];
      return { alias: `c${index}`, column: attribute?.columnName ?? name, name, read: READERS[attribute?.type ?? ''] };
    });
    const joinTable = (attributes.role ?? attributes.roles)?.joinTable;
    if (!joinTable) throw new Error(`${uid} has no role table.`);
    this.roles = joinTable;
    this.roleCodes = uid === 'admin::user' ? strapi.db.metadata.get('admin::role').tableName : null;
    this.components = extension.populate;
  }

  /** Column of a field that is read with an account. */
  columnOf(name: string): string {
    const found = this.columns.find((column) => column.name === name);
    if (found === undefined) throw new Error(`${this.uid} has no field ${name}.`);
    return found.column;
  }

  /** Table that links accounts to their roles. */
  get roleLink(): { table: string; account: string; role: string } {
    return { table: this.roles.name, account: this.roles.joinColumn.name, role: this.roles.inverseJoinColumn.name };
  }

  /** Accounts of the identities that `narrow` selects, in no order. */
  async find(narrow: (identities: Knex.QueryBuilder, column: (name: string) => string) => unknown): Promise<IdentityWithAccount[]> {
    const rows = await this.database.query<Record<string, unknown>[]>(async (tables) => {
      const query = tables(TABLES.identities)
        .join(this.table, `${this.table}.id`, `${TABLES.identities}.account_id`)
        .leftJoin(this.roles.name, `${this.roles.name}.${this.roles.joinColumn.name}`, `${this.table}.id`)
        .select(`${TABLES.identities}.*`, `${this.roles.name}.${this.roles.inverseJoinColumn.name} as role_id`)
        .select(this.columns.map(({ column, alias }) => `${this.table}.${column} as ${alias}`));
      if (this.roleCodes !== null) {
        query.leftJoin(this.roleCodes, `${this.roleCodes}.id`, `${this.roles.name}.${this.roles.inverseJoinColumn.name}`).select(`${this.roleCodes}.code as role_code`);
      }
      narrow(query, (name) => `${TABLES.identities}.${name}`);
      return query;
    });
    const found = this.grouped(rows);
    if (Object.keys(this.components).length > 0 && found.length > 0) await this.addComponents(found.map(({ account }) => account));
    return found;
  }

  /** One row per role becomes one account with its roles. */
  private grouped(rows: Record<string, unknown>[]): IdentityWithAccount[] {
    const found = new Map<number, IdentityWithAccount>();
    for (const row of rows) {
      const id = Number(row.c0);
      let present = found.get(id);
      if (present === undefined) {
        const account: AccountRow = { id, roles: [] };
        for (const { alias, name, read } of this.columns) {
          const value = row[alias];
          account[name] = value === null || value === undefined ? null : read === undefined ? value : read(value);
        }
        account.id = id;
        present = { identity: row, account };
        found.set(id, present);
      }
      if (row.role_id !== null && row.role_id !== undefined) {
        present.account.roles.push({ id: Number(row.role_id), code: typeof row.role_code === 'string' ? row.role_code : null });
      }
    }
    return [...found.values()];
  }

  private async addComponents(accounts: AccountRow[]): Promise<void> {
    const where = { id: { $in: accounts.map(({ id }) => id) } };
    const rows = (await this.strapi.db.query(this.uid).findMany({ where, select: ['id'], populate: this.components })) as AccountRow[];
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const account of accounts) {
      for (const name of Object.keys(this.components)) account[name] = byId.get(account.id)?.[name] ?? null;
    }
  }
}
