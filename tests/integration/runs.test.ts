/** Runs over the admin API, against a real application: plan, guard, approve, undo, one person. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { PlanItemPage, ProvisionResult, RunInfo, RunState } from '../../server/src/contracts/run';
import { adminApi, createConnection, operations } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp, type TargetUser } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const UID = 'plugin::users-permissions.user';
const PEOPLE = 12;

let booted: BootedStrapi;
let target: TargetApp;
let outbound: ConnectionInfo;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  for (let index = 0; index < PEOPLE; index += 1) {
    await users().add({ username: `person-${index}`, email: `person-${index}@${index < 8 ? 'in' : 'ex'}.example`, provider: 'local' });
  }
  const input = { name: 'Application', direction: 'outbound' as const, population: 'end-users' as const, system: 'app', baseUrl: target.baseUrl, bearerToken: target.token };
  outbound = (await createConnection(booted, input)).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const users = () => booted.strapi.plugin('users-permissions').service('user');
const start = async (body: object = {}): Promise<RunInfo> => {
  const answer = await adminApi<RunInfo>(booted, 'post', `/connections/${outbound.id}/runs`, body);
  if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
};
const runOf = async (id: number): Promise<RunInfo> => (await adminApi<RunInfo>(booted, 'get', `/runs/${id}`)).data;
const until = (id: number, ...states: RunState[]): Promise<RunInfo> => eventually(() => runOf(id), (run) => states.includes(run.state));
const itemsOf = async (id: number, query = ''): Promise<PlanItemPage['results']> => (await adminApi<PlanItemPage>(booted, 'get', `/runs/${id}/items?pageSize=100${query}`)).data.results;
const latest = async (): Promise<RunInfo> => {
  const [run] = (await adminApi<{ results: RunInfo[] }>(booted, 'get', `/runs?connectionId=${outbound.id}&pageSize=1`)).data.results;
  if (run === undefined) throw new Error('No run was started.');
  return run;
};
const act = (id: number, what: string) => adminApi<RunInfo>(booted, 'post', `/runs/${id}/${what}`);
const named = async (name: string): Promise<TargetUser | undefined> => (await target.users()).find((user) => user.userName === name);
const settled = () => eventually(async () => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${outbound.id}`)).data.delivery?.pending, (waiting) => waiting === 0);

it('a dry run shows everything and does nothing; approved, exactly that is done', async () => {
  const { id } = await start({ dryRun: true });
  const plan = await until(id, 'waiting');
  expect(plan).toMatchObject({ dryRun: true, trigger: 'on-demand', cycle: 'full', counts: { examined: PEOPLE, planned: { create: PEOPLE } }, items: { planned: PEOPLE }, verdicts: [] });
  expect(await target.users()).toEqual([]);
  const items = await itemsOf(id);
  expect(items).toHaveLength(PEOPLE);
  expect(items[0]).toMatchObject({ kind: 'create', objectName: 'person-0', state: 'planned', changes: expect.arrayContaining([{ path: 'userName', before: null, after: 'person-0' }]) });

  expect((await act(id, 'approve')).data.state).toMatch(/applying|done/);
  const done = await until(id, 'done');
  expect(done).toMatchObject({ items: { done: PEOPLE }, approvedBy: expect.stringContaining('@') });
  expect(await target.users()).toHaveLength(PEOPLE);
  const rows = await operations(booted, '&operation=create');
  expect(rows).toHaveLength(PEOPLE);
  expect(rows[0]?.trigger).toBe('on-demand');
});

it('a second run finds nothing to do, and asks the application for nothing', async () => {
  const before = (await operations(booted)).length;
  const run = await until((await start()).id, 'done');
  expect(run).toMatchObject({ counts: { examined: PEOPLE, unchanged: PEOPLE }, items: { planned: 0, done: 0 } });
  expect((await operations(booted)).length).toBe(before);
});

it('a wrong scope that would disable everybody is stopped: nothing is sent until somebody approves', async () => {
  const scope = { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'userName', operator: 'equals', value: 'nobody' }] };
  await adminApi(booted, 'put', `/connections/${outbound.id}`, { outbound: { scope } });
  const held = await eventually(latest, (run) => run.state === 'waiting');
  expect(held.verdicts).toMatchObject([{ kind: 'deactivate', wanted: PEOPLE, allowed: 2, linked: PEOPLE }]);
  expect(held.reasons.join(' ')).toContain('Nobody in Strapi takes part any more');
  expect((await target.users()).every((user) => user.active !== false)).toBe(true);
  // Put right again, the plan is gone with what it was made for.
  await adminApi(booted, 'put', `/connections/${outbound.id}`, { outbound: { scope: { assignment: 'everyone', match: 'all', clauses: [] } } });
  await eventually(latest, (run) => run.id !== held.id && run.state === 'done');
  expect((await runOf(held.id)).state).toBe('cancelled');
  expect((await act(held.id, 'approve')).status).toBe(409);
  expect((await target.users()).every((user) => user.active !== false)).toBe(true);
});

it('what changed after the plan was made is not done by it', async () => {
  const ids = (await booted.strapi.db.query(UID).findMany({ select: ['id'], where: { username: { $in: ['person-0', 'person-1'] } }, orderBy: { username: 'asc' } })) as { id: number }[];
  // Behind the back of the plugin, so that only a run finds it.
  await booted.strapi.db.connection('up_users').whereIn('id', ids.map(({ id }) => id)).update({ email: booted.strapi.db.connection.raw("concat('new-', email)") });
  const { id } = await start({ dryRun: true });
  expect(await until(id, 'waiting')).toMatchObject({ counts: { planned: { update: 2 } } });
  await booted.strapi.db.connection('up_users').where({ id: ids[1]?.id }).update({ email: 'other@in.example' });
  await act(id, 'approve');
  expect((await until(id, 'done')).items).toMatchObject({ done: 1, stale: 1 });
  expect((await itemsOf(id, '&state=stale'))[0]).toMatchObject({ objectName: 'person-1', errorCode: 'stale' });
  expect(JSON.stringify((await named('person-0'))?.emails)).toContain('new-person-0@in.example');
  expect(JSON.stringify((await named('person-1'))?.emails)).toContain('"person-1@in.example');
});

it('a run is taken back where its values still stand, and the rest is listed', async () => {
  await until((await start()).id, 'done');
  await booted.strapi.db.connection('up_users').whereIn('username', ['person-2', 'person-3']).update({ email: booted.strapi.db.connection.raw("concat('run-', email)") });
  const { id } = await start();
  await until(id, 'done');
  await users().edit((await booted.strapi.db.query(UID).findOne({ where: { username: 'person-3' } })).id, { email: 'own@in.example' });
  await eventually(() => named('person-3'), (user) => JSON.stringify(user?.emails).includes('own@in.example'));
  await settled();
  const undo = await act(id, 'undo');
  expect(undo.status).toBe(202);
  const plan = await until(undo.data.id, 'waiting');
  expect(plan).toMatchObject({ trigger: 'undo', undoOf: id, items: { planned: 1, conflict: 1 } });
  expect((await itemsOf(plan.id, '&state=conflict'))[0]).toMatchObject({ objectName: 'person-3' });
  await act(plan.id, 'approve');
  await until(plan.id, 'done');
  expect(JSON.stringify((await named('person-2'))?.emails)).toContain('"person-2@in.example');
  expect(JSON.stringify((await named('person-3'))?.emails)).toContain('own@in.example');
});

it('some people only, and people who are not there are refused', async () => {
  const [{ id: accountId }] = (await booted.strapi.db.query(UID).findMany({ where: { username: 'person-2' } })) as [{ id: number }];
  const run = await until((await start({ userIds: [accountId] })).id, 'done');
  expect(run).toMatchObject({ cycle: 'selection', counts: { examined: 1, planned: { update: 1 } }, items: { done: 1 } });
  const refused = await adminApi(booted, 'post', `/connections/${outbound.id}/runs`, { userIds: [accountId, 999_999] });
  expect([refused.status, refused.error.details.errors?.[0]?.path]).toEqual([400, ['userIds', '1']]);
});

describe('one person', () => {
  const provision = async (name: string, dryRun: boolean): Promise<ProvisionResult> => {
    const { id } = (await booted.strapi.db.query(UID).findOne({ where: { username: name } })) as { id: number };
    return (await adminApi<ProvisionResult>(booted, 'post', `/connections/${outbound.id}/provision`, { userId: id, dryRun })).data;
  };

  it('step by step, first without doing it', async () => {
    await booted.strapi.db.connection('up_users').where({ username: 'person-4' }).update({ email: 'four@in.example' });
    const rehearsal = await provision('person-4', true);
    expect(rehearsal).toMatchObject({ user: { userName: 'person-4' }, outcome: 'planned', kind: 'update', changes: [expect.objectContaining({ path: 'emails' })] });
    expect(rehearsal.steps.map((step) => step.name)).toEqual(['read', 'scope', 'join', 'map', 'diff', 'guard']);
    expect(JSON.stringify((await named('person-4'))?.emails)).not.toContain('four@in.example');
    const done = await provision('person-4', false);
    expect(done).toMatchObject({ outcome: 'done', kind: 'update' });
    expect(done.steps.at(-1)).toMatchObject({ name: 'apply', outcome: 'ok' });
    expect(JSON.stringify((await named('person-4'))?.emails)).toContain('four@in.example');
    expect((await operations(booted, '&search=person-4'))[0]).toMatchObject({ trigger: 'on-demand', operation: 'update' });
    expect(await provision('person-4', false)).toMatchObject({ outcome: 'unchanged' });
  });

  it('says at which step it failed', async () => {
    await users().add({ username: 'twin', email: 'twin@in.example', provider: 'local' });
    await eventually(() => named('twin'), (user) => user !== undefined);
    await adminApi(booted, 'put', `/connections/${outbound.id}`, { bearerToken: 'wrong' });
    await booted.strapi.db.connection('up_users').where({ username: 'twin' }).update({ email: 'twins@in.example' });
    const failed = await provision('twin', false);
    expect(failed).toMatchObject({ outcome: 'failed', errorCode: 'target-auth' });
    expect(failed.steps.at(-1)).toMatchObject({ name: 'apply', outcome: 'failed' });
    await adminApi(booted, 'put', `/connections/${outbound.id}`, { bearerToken: target.token });
    await eventually(async () => JSON.stringify((await named('twin'))?.emails), (emails) => emails.includes('twins@in.example'));
  });
});

it('one run of a connection at a time; paused it goes on later, cancelled it does not', async () => {
  await booted.strapi.db.connection('up_users').whereNot({ username: 'twin' }).update({ email: booted.strapi.db.connection.raw("concat('z-', email)") });
  const { id } = await start({ dryRun: true });
  await until(id, 'waiting');
  expect((await act(id, 'pause')).status).toBe(409);
  expect((await act(id, 'cancel')).data).toMatchObject({ state: 'cancelled', reasons: [expect.stringContaining('Cancelled by')] });
  expect((await act(id, 'resume')).status).toBe(409);
  expect((await act(id, 'cancel')).status).toBe(409);
  expect(JSON.stringify((await named('person-5'))?.emails)).not.toContain('z-');
  expect((await adminApi(booted, 'post', '/runs/999999/approve')).status).toBe(404);
});
