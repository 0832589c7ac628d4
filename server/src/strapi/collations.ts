import { TABLES } from '../models';
import type { Database } from './database';

/** Columns that are compared exactly: names are normalised in our code, externalId is caseExact (RFC 7643 section 3.1). */
const EXACT: Record<string, string[]> = {
  [TABLES.identities]: ['user_name_norm', 'email_norm'],
  [TABLES.links]: ['external_id', 'remote_id'],
  [TABLES.groups]: ['display_name_norm', 'external_id'],
  [TABLES.operations]: ['object_name_norm'],
};

const NOT_NULL = new Set(['display_name_norm']);

/**
 * MySQL and MariaDB compare text without case and accents unless told otherwise: José and Jose would be one name. The
 * other databases compare bytes. Runs after schema sync, changes only what is not yet binary.
 */
export async function makeNamesExact(database: Database): Promise<void> {
  if (database.client !== 'mysql') return;
  await database.query(async (_tables, knex) => {
    for (const [table, columns] of Object.entries(EXACT)) {
      const answer = (await knex.raw(
        'select column_name as name, collation_name as collation from information_schema.columns where table_schema = database() and table_name = ?',
        [table]
      )) as [{ name: string; collation: string | null }[]];
      for (const column of columns) {
        const present = answer[0].find((row) => row.name === column);
        if (present === undefined || present.collation?.endsWith('_bin')) continue;
        const nullable = NOT_NULL.has(column) ? 'not null' : 'null';
        await knex.raw(`alter table ?? modify ?? varchar(255) character set utf8mb4 collate utf8mb4_bin ${nullable}`, [table, column]);
      }
    }
  });
}
