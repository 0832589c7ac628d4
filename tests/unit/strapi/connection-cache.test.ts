/** The list of connections is kept for seconds; a change made here must be seen by the very next request. */
import { SqlConnectionStore } from '../../../server/src/strapi/connection-store';
import type { Database } from '../../../server/src/strapi/database';

const row = (id: number, name: string) => ({ id, key: `${name}-key`, name, direction: 'inbound', population: 'end-users', system: '', preset: 'generic', enabled: true });

/** Answers queries in the order in which the test lets them go. */
function slowDatabase() {
  const rows: ReturnType<typeof row>[] = [row(1, 'first')];
  const waiting: (() => void)[] = [];
  const state = { inTransaction: false };
  const database = {
    get inTransaction() {
      return state.inTransaction;
    },
    query: () => {
      const snapshot = [...rows];
      return new Promise((resolve) => waiting.push(() => resolve(snapshot)));
    },
  };
  const store = new SqlConnectionStore(database as unknown as Database, { now: () => 0 });
  return { store, rows, waiting, state };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a list that was being read while a connection changed is not kept', async () => {
  const { store, rows, waiting } = slowDatabase();
  const early = store.get(1);
  const updating = store.update(1, { name: 'renamed', roleMappings: [], policies: {} } as never);
  await turn();
  rows[0] = row(1, 'renamed');
  waiting[1]?.();
  await updating;
  // The early read ends last, with what was there before.
  waiting[0]?.();
  expect((await early)?.name).toBe('first');
  const after = store.get(1);
  await turn();
  waiting[2]?.();
  expect((await after)?.name).toBe('renamed');
});

it('a list read inside a transaction is not kept: it may be older than the last change', async () => {
  const { store, rows, waiting, state } = slowDatabase();
  state.inTransaction = true;
  const inside = store.get(1);
  waiting[0]?.();
  await inside;
  state.inTransaction = false;
  rows[0] = row(1, 'renamed');
  const after = store.get(1);
  await turn();
  waiting[1]?.();
  expect((await after)?.name).toBe('renamed');
});
