import type { Core } from '@strapi/types';
import { TABLES } from '../models';
import { followAccounts } from './account-changes';
import type { Database } from './database';
import type { PopulationParts } from './population';

const BATCH = 500;

/**
 * Finds what lifecycles could not see: accounts without identity (made before the plugin, by raw SQL, or when the
 * process was killed between two statements), identities without account, and accounts that differ from their
 * fingerprint. Walks by key in batches, each its own transaction, so that it can stop and go on anywhere.
 */
export async function sweepPopulation(strapi: Core.Strapi, database: Database, parts: PopulationParts, isStopping: () => boolean): Promise<number> {
  const accountTable = strapi.db.metadata.get(parts.accounts.uid).tableName;
  let found = 0;
  // The dead first: their names become free for the living in the same sweep.
  for (let last = 0; !isStopping(); ) {
    const rows = await database.query<{ id: number; account_id: number }[]>(async (tables) =>
      tables(TABLES.identities)
        .leftJoin(accountTable, `${accountTable}.id`, `${TABLES.identities}.account_id`)
        .where(`${TABLES.identities}.population`, parts.accounts.population)
        .where(`${TABLES.identities}.account_id`, '>', last)
        .whereNull(`${accountTable}.id`)
        .orderBy(`${TABLES.identities}.account_id`)
        .limit(BATCH)
        .select(`${TABLES.identities}.id as id`, `${TABLES.identities}.account_id as account_id`)
    );
    const end = rows.at(-1);
    if (end === undefined) break;
    found += await database.run(() => followAccounts(parts, rows.map((row) => row.account_id)));
    last = end.account_id;
    await nextTurn();
  }
  for (let last = 0; !isStopping(); ) {
    const ids = await database.query<number[]>(async (tables) => {
      const rows = (await tables(accountTable).where('id', '>', last).orderBy('id').limit(BATCH).select('id')) as { id: number }[];
      return rows.map((row) => Number(row.id));
    });
    const end = ids.at(-1);
    if (end === undefined) break;
    found += await database.run(() => followAccounts(parts, ids));
    last = end;
    await nextTurn();
  }
  return found;
}

/** Lets requests through between two batches. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
