import type { Knex } from 'knex';
import { TABLES } from '../models';
import type { Database } from './database';

/**
 * Columns that are compared exactly, by code points and without padding: names are normalised in our code, externalId is
 * caseExact (RFC 7643 section 3.1), and ranges of text must be what the reference evaluator says.
 */
const EXACT: Readonly<Record<string, readonly string[]>> = {
  [TABLES.identities]: ['user_name_norm', 'email_norm'],
  [TABLES.signInNames]: ['norm'],
  [TABLES.links]: ['external_id', 'remote_id'],
  [TABLES.groups]: ['display_name_norm', 'unique_name_norm', 'external_id'],
  [TABLES.departures]: ['external_id'],
  [TABLES.values]: ['text', 'long_text'],
  [TABLES.operations]: ['object_name_norm'],
};

interface Column {
  name: string;
  type: string;
  nullable: 'YES' | 'NO';
  collation: string | null;
}

const TYPES: Readonly<Record<string, string>> = { 'character varying': 'varchar(255)', varchar: 'varchar(255)' };

/** MySQL 8 and MariaDB have different names for it; older servers have none, there blanks at the end do not count. */
export async function exactCollation(database: Database): Promise<string> {
  const [rows] = await database.query<{ name: string }[][]>(async (_tables, knex) =>
    knex.raw("select collation_name as name from information_schema.collations where collation_name in ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')")
  );
  return rows?.[0]?.name ?? 'utf8mb4_bin';
}

/**
 * MySQL and MariaDB compare text without case and accents unless told otherwise: José and Jose would be one name.
 * PostgreSQL sorts by the database's language. SQLite compares bytes. Runs after schema sync, which never looks at
 * collations, and changes only what is not yet exact.
 */
export async function makeNamesExact(database: Database): Promise<void> {
  const { client } = database;
  if (client === 'sqlite') return;
  const collation = client === 'postgres' ? 'C' : await exactCollation(database);
  for (const [table, columns] of Object.entries(EXACT)) {
    const present = await columnsOf(database, table);
    const wrong = present.filter((column) => columns.includes(column.name) && column.collation !== collation);
    if (wrong.length === 0) continue;
    // One statement for a table: each rewrites its indexes.
    await database.query(async (_tables, knex) =>
      knex.raw(`alter table ${database.qualified(table)} ${wrong.map((column) => alteration(client, column, collation)).join(', ')}`)
    );
  }
}

function alteration(client: 'postgres' | 'mysql', { name, type, nullable }: Column, collation: string): string {
  const kept = TYPES[type] ?? type;
  return client === 'postgres'
    ? `alter column ${name} type ${kept} collate "${collation}"`
    : `modify ${name} ${kept} character set utf8mb4 collate ${collation} ${nullable === 'YES' ? 'null' : 'not null'}`;
}

async function columnsOf(database: Database, table: string): Promise<Column[]> {
  const select = 'select column_name as name, data_type as type, is_nullable as nullable, collation_name as collation from information_schema.columns';
  return database.query(async (_tables, knex: Knex) => {
    if (database.client === 'mysql') {
      const answer = (await knex.raw(`${select} where table_schema = database() and table_name = ?`, [table])) as [Column[]];
      return answer[0];
    }
    const answer = (await knex.raw(`${select} where table_schema = ? and table_name = ?`, [database.schema, table])) as { rows: Column[] };
    return answer.rows;
  });
}
