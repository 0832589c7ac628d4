import { ITEM_STATES, RUN_STATES, type ItemState } from '../contracts/run';
import { isOver } from '../domain/run/run';
import { TABLES } from '../models';
import { parseJson, toJson, toNumber, type Database } from './database';
import { itemStateOf } from './run-rows';

type ItemCounts = Record<ItemState, number>;

/** Runs and items that are removed at a time: few enough to hold nobody up. */
const RUNS = 50;
const ITEMS = 1_000;

const OVER = RUN_STATES.filter(isOver);
const OPEN = RUN_STATES.filter((state) => !isOver(state));

const none = (): ItemCounts => Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as ItemCounts;

/**
 * How many items of each state the plans of these runs have. Of a run that is over and has nothing on its way they do not
 * change any more: counted once, then kept with the run. A list of large runs would count millions of items each time.
 */
export async function itemCounts(database: Database, runIds: number[]): Promise<Map<number, ItemCounts>> {
  const counts = new Map(runIds.map((id) => [id, none()]));
  const runs = await database.query<{ id: number; state: string; item_counts: string | null }[]>(async (tables) =>
    tables(TABLES.runs).whereIn('id', runIds).select('id', 'state', 'item_counts')
  );
  const uncounted = runs.filter(({ id, item_counts }) => {
    const kept = parseJson<ItemCounts>(item_counts);
    if (kept !== null) counts.set(id, { ...none(), ...kept });
    return kept === null;
  });
  if (uncounted.length === 0) return counts;
  const rows = await database.query<{ run_id: number; state: string; total: number | string }[]>(async (tables) =>
    tables(TABLES.planItems).whereIn('run_id', uncounted.map(({ id }) => id)).groupBy('run_id', 'state').select('run_id', 'state').count({ total: '*' })
  );
  for (const row of rows) {
    const of = counts.get(row.run_id);
    if (of !== undefined) of[itemStateOf(row.state)] = toNumber(row.total);
  }
  for (const { id, state } of uncounted) {
    const of = counts.get(id);
    if (of === undefined || of.sent > 0 || !OVER.some((over) => over === state)) continue;
    await database.query(async (tables) => tables(TABLES.runs).where({ id, state }).update({ item_counts: toJson(of) }));
  }
  return counts;
}

/** Removes runs that ended before a time, with their plans. One that an open run takes back stays. Answers how many. */
export async function pruneRuns(database: Database, before: number): Promise<number> {
  for (let total = 0; ; ) {
    const runs = await database.query<{ id: number }[]>(async (tables) =>
      tables(TABLES.runs)
        .whereIn('state', OVER)
        .where('finished_at', '<', before)
        .whereNotIn('id', tables(TABLES.runs).whereIn('state', OPEN).whereNotNull('undo_of').select('undo_of'))
        .orderBy('id')
        .limit(RUNS)
        .select('id')
    );
    for (const { id } of runs) {
      while ((await pruneItems(database, id)) === ITEMS);
      while ((await pruneMembers(database, id)) === ITEMS);
      // Last: killed in between, the rest is found again.
      await database.query(async (tables) => tables(TABLES.runs).where({ id }).delete());
    }
    total += runs.length;
    if (runs.length < RUNS) return total;
  }
}

function pruneMembers(database: Database, runId: number): Promise<number> {
  return database.query<number>(async (tables) => {
    const rows = (await tables(TABLES.planMembers).where({ run_id: runId }).orderBy('id').limit(ITEMS).select('id')) as { id: number }[];
    return rows.length === 0 ? 0 : tables(TABLES.planMembers).whereIn('id', rows.map(({ id }) => id)).delete();
  });
}

function pruneItems(database: Database, runId: number): Promise<number> {
  return database.query<number>(async (tables) => {
    const rows = (await tables(TABLES.planItems).where({ run_id: runId }).orderBy('id').limit(ITEMS).select('id')) as { id: number }[];
    return rows.length === 0 ? 0 : tables(TABLES.planItems).whereIn('id', rows.map(({ id }) => id)).delete();
  });
}
