/** The seals of the provisioning log in a database: complete with several instances at once, and whatever is changed behind their back is named. */
import { TABLES } from '../../server/src/models';
import type { LogCheck } from '../../server/src/contracts/log-seal';
import { Database } from '../../server/src/strapi/database';
import { SqlErasure } from '../../server/src/strapi/erasure';
import { LogSeals } from '../../server/src/strapi/log-seals';
import { SqlOperationLog } from '../../server/src/strapi/operation-log';
import type { OperationRecord } from '../../server/src/ports/operation-log';
import { MemoryClock } from '../helpers/memory/clock';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const KEY = { id: 'test', secret: 'a secret of the site, long enough' };

let booted: BootedStrapi;
let database: Database;
let clock: MemoryClock;
let log: SqlOperationLog;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false, sealLog: false } } } } });
  database = new Database(booted.strapi);
  log = new SqlOperationLog(database);
});
afterAll(() => booted.stop());
beforeEach(async () => {
  clock = new MemoryClock();
  await table(TABLES.operations).delete();
  await table(TABLES.seals).delete();
});

const table = (name: string) => booted.strapi.db.connection(name);
const instance = (): LogSeals => new LogSeals(database, clock, KEY);
const record = (n: number, fields: Partial<OperationRecord> = {}): Promise<void> =>
  log.record({
    at: clock.now(), connectionId: 1, connectionName: 'Okta', direction: 'inbound', population: 'end-users', trigger: 'inbound-request', operation: 'update',
    outcome: 'success', objectType: 'User', objectId: `id-${n}`, objectName: `Ada Łovelace ${n}`, remoteId: null, errorCode: null, message: 'Changed.', correlationId: `c-${n}`,
    actor: 'token', durationMs: 3, attempts: 1, count: 1, steps: [], changes: [{ path: 'title', before: null, after: 'Ü' }], http: null, ...fields,
  });
const records = async (count: number, from = 1): Promise<void> => {
  for (let n = from; n < from + count; n += 1) await record(n);
};
const sealAll = async (seals = instance()): Promise<void> => {
  await seals.drain(() => false);
};
const check = async (): Promise<Omit<LogCheck, 'next'>> => {
  let last = await instance().check(0);
  const steps = [last];
  while (last.next !== null) {
    last = await instance().check(last.next);
    steps.push(last);
  }
  const sum = (of: (step: LogCheck) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return { ...last, checked: sum(({ checked }) => checked), erased: sum(({ erased }) => erased), faults: steps.flatMap(({ faults }) => faults) };
};
const idOf = async (n: number): Promise<number> => Number((await table(TABLES.operations).where({ correlation_id: `c-${n}` }).first('id')).id);

it('seals what there is, in the order of commits, and goes on later', async () => {
  await records(450);
  await sealAll();
  await records(3, 451);
  await sealAll();
  expect(await check()).toMatchObject({ checked: 453, faults: [], overdue: 0, last: { seq: 4 }, cutOff: null, unknownKeys: [] });
  expect(await table(TABLES.operations).whereNull('seal').pluck('id')).toEqual([]);
});

it('three instances at once make one chain without a gap, while records still come', async () => {
  await records(300);
  const instances = [instance(), instance(), instance()];
  let isOver = false;
  const sealing = instances.map(async (one) => {
    while (!isOver) await one.sealNext();
  });
  await records(150, 301);
  isOver = true;
  await Promise.all(sealing);
  await sealAll();
  expect(await check()).toMatchObject({ checked: 450, faults: [] });
});

it('a changed value, a removed record and one that was added are found, each by its id', async () => {
  await records(30);
  await sealAll();
  const [third, ninth] = [await idOf(3), await idOf(9)];
  await table(TABLES.operations).where({ id: third }).update({ outcome: 'failed' });
  await table(TABLES.operations).where({ id: ninth }).delete();
  const copy = { ...(await table(TABLES.operations).where({ correlation_id: 'c-10' }).first()), correlation_id: 'c-99' };
  delete copy.id;
  await table(TABLES.operations).insert(copy);
  const added = await idOf(99);
  const { faults } = await check();
  expect(faults.map(({ recordId, message }) => [recordId, message])).toEqual([
    [third, `Record ${third} was changed after it was sealed.`],
    [ninth, `Record ${ninth} was removed.`],
    [added, `Record ${added} was added to a batch that was sealed without it.`],
  ]);
});

it('a record that says it is sealed, by a seal there is not, is found', async () => {
  await records(3);
  await sealAll();
  const copy = { ...(await table(TABLES.operations).where({ correlation_id: 'c-2' }).first()), correlation_id: 'c-98', seal: 77 };
  delete copy.id;
  await table(TABLES.operations).insert(copy);
  expect((await check()).faults).toEqual([{ seal: 77, recordId: await idOf(98), message: expect.stringContaining('there is no seal 77') }]);
});

it('one byte in any column of a record is found', async () => {
  await records(2);
  await sealAll();
  const id = await idOf(1);
  const whole = await table(TABLES.operations).where({ id }).first();
  const untouched = ['id', 'document_id', 'seal', 'remainder', 'created_at', 'updated_at', 'published_at', 'created_by_id', 'updated_by_id', 'locale'];
  for (const column of Object.keys(whole).filter((name) => !untouched.includes(name))) {
    const before: unknown = whole[column];
    const after = typeof before === 'string' && !/^\d+$/.test(before) ? `${before.slice(0, -1)}~` : Number(before ?? 0) + 1;
    await table(TABLES.operations).where({ id }).update({ [column]: after });
    expect([column, (await check()).faults.map(({ recordId }) => recordId)]).toEqual([column, [id]]);
    await table(TABLES.operations).where({ id }).update({ [column]: before });
  }
  expect((await check()).faults).toEqual([]);
});

it('a person is erased and the chain holds; what stays of the record is still proved', async () => {
  const person = { scimId: 'id-5', userName: 'ada łovelace 5', replacement: 'erased-1', population: 'end-users' as const };
  await records(10);
  await sealAll();
  await record(5, { outcome: 'failed', message: 'Ada Łovelace 5 was refused.', correlationId: 'c-late' });
  await new SqlErasure(database, () => ({ predecessors: async () => [] }) as never).erase({ ...person, alsoKnownAs: [] });
  await sealAll();
  expect(await check()).toMatchObject({ checked: 11, erased: 2, faults: [] });
  const rows = await table(TABLES.operations).where({ object_id: 'id-5' });
  expect(JSON.stringify(rows)).not.toMatch(/Łovelace/i);
  expect(rows.map((row: { salt: string | null }) => row.salt)).toEqual([null, null]);
  await table(TABLES.operations).where({ correlation_id: 'c-5' }).update({ message: 'Nothing happened.' });
  expect((await check()).faults).toMatchObject([{ recordId: await idOf(5) }]);
});

it('what is past its time goes in whole seals, and the chain begins behind them', async () => {
  await records(5);
  await sealAll();
  clock.advance(1_000);
  await records(5, 6);
  await sealAll();
  clock.advance(1_000);
  await records(5, 11);
  await sealAll();
  expect(await instance().prune(clock.now())).toBe(10);
  const cutOff = { seq: 2, hash: expect.any(String) };
  expect(await check()).toMatchObject({ checked: 5, faults: [], cutOff, last: { seq: 3 } });
  expect(await table(TABLES.seals).select('seq').orderBy('seq')).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  // Somebody empties a seal, and removes what it covered, to make it look like that.
  const whole = await table(TABLES.seals).where({ seq: 3 }).first();
  await table(TABLES.seals).where({ seq: 3 }).update({ records: null });
  expect((await check()).faults).toMatchObject([{ seal: 3, message: expect.stringContaining('not because they were past their time') }, ...Array.from({ length: 5 }, () => ({ seal: 3 }))]);
  await table(TABLES.seals).where({ seq: 3 }).update({ records: whole.records });
  expect((await check()).faults).toEqual([]);
  await table(TABLES.seals).where({ seq: 2 }).update({ hash: 'f'.repeat(64) });
  expect((await check()).faults.map(({ seal }) => seal)).toEqual([2, 3]);
  expect(await instance().prune(clock.now() + 1)).toBe(5);
  await records(1, 20);
  await sealAll();
  expect(await check()).toMatchObject({ checked: 1, last: { seq: 4 } });
});

it('a killed sealer leaves nothing half: number and records come together or not at all', async () => {
  await records(5);
  const dying = new LogSeals(new Proxy(database, { get: (target, name) => (name === 'run' ? (work: () => Promise<unknown>) => target.run(async () => {
    await work();
    throw new Error('killed');
  }) : Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name)) }), clock, KEY);
  await expect(dying.sealNext()).rejects.toThrow('killed');
  expect(await table(TABLES.seals).select('seq')).toEqual([]);
  await sealAll();
  expect(await check()).toMatchObject({ checked: 5, faults: [], last: { seq: 1 } });
});

it('tells of records that wait for a seal too long, and seals nothing without a key', async () => {
  await records(2);
  expect(await new LogSeals(database, clock, null).sealNext()).toBe(0);
  clock.advance(61_000);
  expect(await check()).toMatchObject({ checked: 0, overdue: 2, last: null });
});
