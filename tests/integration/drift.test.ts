/** A real application that somebody else changes: reconciled over the admin API; and a first run at one that has people. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { PlanItemPage, RunInfo, RunState } from '../../server/src/contracts/run';
import { adminApi, createConnection, operations } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp, type TargetUser } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const PEOPLE = 5;

let booted: BootedStrapi;
let target: TargetApp;
let outbound: ConnectionInfo;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  for (let index = 0; index < PEOPLE; index += 1) {
    await booted.strapi.plugin('users-permissions').service('user').add({ username: `person-${index}`, email: `person-${index}@x.example`, provider: 'local' });
  }
  await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'person-0', title: 'Theirs' });
  await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'somebody-else' });
  const input = { name: 'Application', direction: 'outbound' as const, population: 'end-users' as const, system: 'app', baseUrl: target.baseUrl, bearerToken: target.token, guard: {} };
  outbound = (await createConnection(booted, input)).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const start = async (body: object): Promise<number> => {
  const answer = await adminApi<RunInfo>(booted, 'post', `/connections/${outbound.id}/runs`, body);
  if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(answer.error)}`);
  return answer.data.id;
};
const until = (id: number, ...states: RunState[]): Promise<RunInfo> => eventually(async () => (await adminApi<RunInfo>(booted, 'get', `/runs/${id}`)).data, (run) => states.includes(run.state));
const run = async (body: object): Promise<RunInfo> => until(await start(body), 'done', 'waiting');
const approve = async (id: number): Promise<RunInfo> => {
  await adminApi(booted, 'post', `/runs/${id}/approve`);
  return until(id, 'done');
};
const itemsOf = async (id: number, query = ''): Promise<PlanItemPage['results']> => (await adminApi<PlanItemPage>(booted, 'get', `/runs/${id}/items?pageSize=100${query}`)).data.results;
const named = async (name: string): Promise<TargetUser | undefined> => (await target.users()).find((user) => user.userName === name);
const patch = async (name: string, path: string, value: unknown) =>
  target.request('PATCH', `/Users/${(await named(name))?.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path, value }] });
const setPolicy = (drift: string) => adminApi(booted, 'put', `/connections/${outbound.id}`, { outbound: { drift } });

it('the first run pairs both sides and waits', async () => {
  const plan = await run({});
  expect(plan).toMatchObject({ state: 'waiting', adoption: true, counts: { pairings: { matched: 1, new: PEOPLE - 1, 'left-over': 1, disputed: 0 }, reading: { read: 2, incomplete: null } } });
  expect((await itemsOf(plan.id, '&pairing=left-over'))[0]).toMatchObject({ objectName: 'somebody-else', state: 'listed' });
  expect(await target.users()).toHaveLength(2);
  expect((await approve(plan.id)).items).toMatchObject({ done: PEOPLE, listed: 1, failed: 0 });
  expect(await target.users()).toHaveLength(PEOPLE + 1);
});

it('in step: a reconciliation finds only who is nobody’s', async () => {
  expect(await run({ cycle: 'reconcile' })).toMatchObject({ state: 'done', counts: { unchanged: PEOPLE, pairings: { 'left-over': 1 }, reading: { read: PEOPLE + 1, drifted: 0, vanished: 0 } }, items: { planned: 0, listed: 1 } });
});

it('reports what was changed there, once, and who vanished is made again', async () => {
  await patch('person-1', 'active', false);
  await target.request('DELETE', `/Users/${(await named('person-2'))?.id}`);
  const plan = await run({ cycle: 'reconcile', dryRun: true });
  expect(plan).toMatchObject({ state: 'waiting', counts: { planned: { drift: 1, create: 1 }, reading: { drifted: 1, vanished: 1 } } });
  expect((await itemsOf(plan.id, '&kind=drift'))[0]).toMatchObject({ objectName: 'person-1', drift: [{ path: 'active', before: true, after: false }] });
  expect(await named('person-2')).toBeUndefined();
  expect((await approve(plan.id)).items).toMatchObject({ done: 2, failed: 0, stale: 0 });
  expect(await named('person-2')).toBeDefined();
  expect((await named('person-1'))?.active).toBe(false);
  const rows = await operations(booted, '&operation=read');
  expect(rows[0]?.message).toBe('Changed at the application, and left as it is: active.');
  expect((await run({ cycle: 'reconcile' })).counts).toMatchObject({ planned: { drift: 0, create: 0 }, reading: { drifted: 1, vanished: 0 } });
  expect(await operations(booted, '&operation=read')).toHaveLength(rows.length);
});

it('overwrites it where the connection says so', async () => {
  expect((await setPolicy('sideways')).status).toBe(400);
  expect((await setPolicy('overwrite')).status).toBe(200);
  await patch('person-3', 'emails', [{ value: 'theirs@x.example', type: 'work', primary: true }]);
  expect(await run({ cycle: 'reconcile' })).toMatchObject({ state: 'done', counts: { planned: { reactivate: 1, update: 1 }, reading: { drifted: 2 } }, items: { done: 2 } });
  expect([(await named('person-1'))?.active, (await named('person-3'))?.emails?.[0]?.value]).toEqual([true, 'person-3@x.example']);
  expect((await run({ cycle: 'reconcile' })).counts).toMatchObject({ unchanged: PEOPLE, reading: { drifted: 0 } });
});

it('a schedule may reconcile', async () => {
  const schedule = { timing: { kind: 'cron', expression: '30 2 * * *' }, cycle: 'reconcile' };
  expect((await adminApi<{ cycle: string }>(booted, 'post', `/connections/${outbound.id}/schedules`, schedule)).data.cycle).toBe('reconcile');
});
