import { TABLES } from '../models';
import { OWN_TABLES } from './connection-store';
import type { Database, Tables } from './database';

/** What belongs to a row of another table, and is removed with it. */
const OWNED: [table: string, column: string, owner: string][] = [
  ...OWN_TABLES.map((table): [string, string, string] => [table, 'connection_id', TABLES.connections]),
  [TABLES.members, 'group_id', TABLES.groups],
  [TABLES.planItems, 'run_id', TABLES.runs],
  [TABLES.planMembers, 'run_id', TABLES.runs],
  [TABLES.firings, 'schedule_id', TABLES.schedules],
];

/**
 * Removes what is left of connections that were deleted while a delivery or a request of theirs was under way: it wrote its
 * rows after everything else of the connection was gone. Answers how many.
 */
export async function removeLeftovers(database: Database): Promise<number> {
  let total = 0;
  for (const [table, column, owner] of OWNED) {
    // Asked first: whoever is made meanwhile is in the second list then. The ids are read from an index.
    const mentioned = await ids(database, (tables) => tables(table).distinct({ id: column }).where(column, '>', 0));
    if (mentioned.length === 0) continue;
    const present = new Set(await ids(database, (tables) => tables(owner).select('id')));
    for (const id of mentioned.filter((one) => !present.has(one))) {
      total += await database.query<number>(async (tables) => tables(table).where({ [column]: id }).delete());
    }
  }
  return total;
}

const ids = async (database: Database, query: (tables: Tables) => ReturnType<Tables>): Promise<number[]> =>
  (await database.query<{ id: number }[]>(async (tables) => query(tables))).map(({ id }) => id);
