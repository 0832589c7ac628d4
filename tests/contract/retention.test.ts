/** What is removed with time, and what stays; on every database. */
import { RetentionJob } from '../../server/src/jobs/retention';
import { noCounts, type Run } from '../../server/src/domain/run/run';
import { TABLES } from '../../server/src/models';
import { Database } from '../../server/src/strapi/database';
import { SqlTransitionStore } from '../../server/src/strapi/transition-store';
import { SqlRunStore } from '../../server/src/strapi/run-store';
import { MemoryClock } from '../helpers/memory/clock';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const DAY = 24 * 60 * 60 * 1_000;

let booted: BootedStrapi;
let database: Database;
let clock: MemoryClock;
let runs: SqlRunStore;
let connectionId: number;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false } } } } });
});
afterAll(() => booted.stop());
beforeEach(async () => {
  for (const table of Object.values(TABLES)) await rows(table).delete();
  database = new Database(booted.strapi);
  clock = new MemoryClock();
  runs = new SqlRunStore(database, clock);
  const now = clock.now();
  const connection = { key: 'a', name: 'A', direction: 'outbound', population: 'end-users', system: 'a', preset: 'generic', enabled: true, created_at: now, updated_at: now };
  connectionId = await database.insertedId(TABLES.connections, connection);
});

const rows = (table: string) => booted.strapi.db.connection(table);
const create = (more: object = {}): Promise<Run> =>
  runs.create({ connectionId, trigger: 'on-demand', cycle: 'full', dryRun: false, adoption: false, actor: 'ann', reasons: [], selection: [], base: 'b', undoOf: null, ...more });
const ended = async (state: 'done' | 'cancelled' | 'waiting', more: object = {}): Promise<number> => {
  const run = await create(more);
  await runs.move(run, state);
  return run.id;
};
const plan = async (run_id: number, count: number, state = 'done'): Promise<void> => {
  const items = Array.from({ length: count }, (_, index) => ({ run_id, object_type: 'User', object_id: `u-${index}`, object_name: `Name ${index}`, kind: 'update', state, digest: 'd' }));
  for (let start = 0; start < count; start += 100) await rows(TABLES.planItems).insert(items.slice(start, start + 100));
};
const retention = (logRetentionDays: number): RetentionJob =>
  new RetentionJob({ config: { logRetentionDays }, database, runStore: runs, transitions: new SqlTransitionStore(database, clock, () => undefined), operations: { prune: async () => 0 }, logSeals: { prune: async () => 0 }, now: () => clock.now() } as never, (error) => { throw error; });
const kept = async (): Promise<number[]> => ((await rows(TABLES.runs).orderBy('id').select('id')) as { id: number }[]).map(({ id }) => id);

it('removes runs that ended before the log begins, with their plans, and none that is open or is being taken back', async () => {
  const old = await ended('done');
  await plan(old, 1_203);
  const cancelled = await ended('cancelled');
  const undone = await ended('done');
  await plan(undone, 2);
  const waiting = await ended('waiting');
  clock.advance(50 * DAY);
  const recent = await ended('done');
  const undo = await ended('waiting', { undoOf: undone, cycle: 'undo' });
  clock.advance(50 * DAY);
  await retention(0).prune();
  expect(await kept()).toEqual([old, cancelled, undone, waiting, recent, undo]);
  expect(await retention(90).prune()).toBe(2);
  expect(await kept()).toEqual([undone, waiting, recent, undo]);
  expect(Number((await rows(TABLES.planItems).count({ total: '*' }).first())?.total)).toBe(2);
});

it('many old runs go in several steps', async () => {
  for (let index = 0; index < 120; index += 1) await ended('cancelled');
  clock.advance(91 * DAY);
  expect(await retention(90).prune()).toBe(120);
  expect(await kept()).toEqual([]);
});

it('removes what is left of connections, runs and groups that are gone, and nothing else', async () => {
  const link = { object_type: 'User', local_id: 'u-1', state: 'linked', created_at: 1, updated_at: 1 };
  await rows(TABLES.links).insert([{ ...link, connection_id: connectionId }, { ...link, connection_id: connectionId + 7 }]);
  const value = { object_type: 'User', object_id: 1, attribute: 1, sub: 0, element: 0, text: 'ada' };
  await rows(TABLES.values).insert([{ ...value, connection_id: 0 }, { ...value, connection_id: connectionId + 7 }]);
  await rows(TABLES.targetHealth).insert({ connection_id: connectionId + 7 });
  const run = await ended('done');
  await plan(run, 1);
  await plan(run + 7, 3);
  await retention(90).prune();
  expect(await rows(TABLES.links).select('connection_id')).toEqual([{ connection_id: connectionId }]);
  expect(await rows(TABLES.values).select('connection_id')).toEqual([{ connection_id: 0 }]);
  expect(await rows(TABLES.targetHealth)).toEqual([]);
  expect(await rows(TABLES.planItems).select('run_id')).toEqual([{ run_id: run }]);
});

it('counts the items of a run that is over once, and of others each time', async () => {
  const count = async (id: number): Promise<Record<string, number>> => Object.fromEntries(Object.entries((await runs.itemCounts([id])).get(id) ?? {}).filter(([, total]) => total > 0));
  const cancelled = await ended('cancelled');
  await plan(cancelled, 3, 'sent');
  const waiting = await ended('waiting');
  await plan(waiting, 2, 'planned');
  expect([await count(cancelled), await count(waiting)]).toEqual([{ sent: 3 }, { planned: 2 }]);
  await rows(TABLES.planItems).update({ state: 'stale' });
  expect([await count(cancelled), await count(waiting)]).toEqual([{ stale: 3 }, { stale: 2 }]);
  // From now on the plan of what is over is not asked.
  await rows(TABLES.planItems).delete();
  expect([await count(cancelled), await count(waiting)]).toEqual([{ stale: 3 }, {}]);
  expect((await runs.page({}, null, 10)).runs.map(({ counts }) => counts)).toEqual([noCounts(), noCounts()]);
});

it('removes offboardings that are over, and not what keeps somebody out', async () => {
  const store = new SqlTransitionStore(database, clock, () => undefined);
  const choice = { comment: '', account: 'block' as const, action: null, from: null, to: null, group: null, role: null };
  const now = clock.now();
  await rows(TABLES.identities).insert({ population: 'end-users', account_id: 900_001, scim_id: 'ada', version: 1, created_at: now, updated_at: now });
  const over = async (people: string[], action: 'disable' | null = 'disable'): Promise<number> => {
    const made = await store.create({ kind: 'offboarding', population: 'end-users', correlationId: 'c', actor: 'ann', choice, selection: people, undoOf: null });
    await store.addPage(made, people.map((localId) => ({ step: 'out' as const, connectionId, system: 'A', localId, objectName: localId, action, change: null, remoteId: null, message: '', errorCode: null, warnings: [], unassign: false })), 1);
    for (const item of await store.items(made.id, { limit: 10 })) {
      await store.change(item, { state: 'open' });
      await store.done(item.id, { remoteId: null, message: 'Done.' });
    }
    await store.move(made, 'complete');
    return made.id;
  };
  const [held, gone] = [await over(['ada', 'bob']), await over(['cy'])];
  clock.advance(100 * DAY);
  const recent = await over(['dan']);
  await retention(0).prune();
  expect((await store.items(held, { limit: 10 })).length).toBe(2);
  await retention(30).prune();
  expect((await store.items(held, { limit: 10 })).map(({ localId }) => localId)).toEqual(['ada']);
  expect([await store.get(gone), (await store.items(recent, { limit: 10 })).length]).toEqual([null, 1]);
  await store.lift(connectionId, ['ada']);
  await retention(30).prune();
  expect(await store.get(held)).toBeNull();
});
