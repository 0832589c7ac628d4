/** Offboarding, moves and the switch of real time over the admin API, against real applications. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { RunInfo } from '../../server/src/contracts/run';
import type { Receipt, TransitionInfo, TransitionState } from '../../server/src/contracts/transition';
import { TABLES } from '../../server/src/models';
import { adminApi, createConnection, createInbound, idle, operations, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const ROLE = 'plugin::users-permissions.role';

let booted: BootedStrapi;
let slackApp: TargetApp;
let githubApp: TargetApp;
let slack: ConnectionInfo;
let github: ConnectionInfo;
let idp: Inbound;
let editor: number;
let count = 0;

beforeAll(async () => {
  booted = await bootStrapi();
  [slackApp, githubApp] = [await startTargetApp(), await startTargetApp()];
  editor = (await booted.strapi.db.query(ROLE).create({ data: { name: 'Editor', type: 'editor', description: '' } })).id;
  idp = await createInbound(booted, { name: 'Okta' });
  const common = { direction: 'outbound' as const, population: 'end-users' as const };
  slack = (await createConnection(booted, { ...common, name: 'Slack', system: 'slack', baseUrl: slackApp.baseUrl, bearerToken: slackApp.token })).connection;
  github = (await createConnection(booted, { ...common, name: 'GitHub', system: 'github', baseUrl: githubApp.baseUrl, bearerToken: githubApp.token, outbound: { scope: { assignment: 'assigned', match: 'all', clauses: [] } } })).connection;
});
afterAll(async () => {
  await booted.stop();
  await slackApp.stop();
  await githubApp.stop();
});

const users = () => booted.strapi.plugin('users-permissions').service('user');
const person = async (fields: object = {}): Promise<{ id: number; name: string }> => {
  const name = `person-${(count += 1)}`;
  const { id } = await users().add({ username: name, email: `${name}@example.com`, provider: 'local', ...fields });
  return { id, name };
};
const at = (app: TargetApp, name: string) => async () => (await app.users()).find((user) => user.userName === name);
const isThere = (app: TargetApp, name: string) => eventually(at(app, name), (user) => user?.active === true);
const assign = (id: number) => adminApi(booted, 'post', `/connections/${github.id}/assigned`, { userIds: [id] });
const account = (id: number) => booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { id } });
const receipt = async (path: string): Promise<Receipt> => (await adminApi<Receipt>(booted, 'get', path)).data;
const until = (path: string, state: TransitionState): Promise<Receipt> => eventually(() => receipt(path), (found) => found.state === state);
const plan = async (path: string, body: object): Promise<string> => {
  const answer = await adminApi<TransitionInfo>(booted, 'post', path, body);
  expect([answer.status, answer.error]).toEqual([202, undefined]);
  return `${path}/${answer.data.id}`;
};
const approve = async (path: string): Promise<void> => expect((await adminApi(booted, 'post', `${path}/approve`)).status).toBe(200);
const lines = (found: Receipt): string[] => found.systems.map(({ system, step, action, state, message }) => `${system} ${step} ${action ?? '-'} ${state}: ${message}`);

it('one action takes a person out of every system: planned, approved, done, with a receipt', async () => {
  const made = await idp.scim('POST', '/Users', { userName: 'ada', emails: [{ value: 'ada@example.com', primary: true }], active: true });
  await isThere(slackApp, 'ada');
  await adminApi(booted, 'post', `/connections/${github.id}/assigned`, { userIds: [made.body.id] });
  await isThere(githubApp, 'ada');
  const heard: string[] = [];
  booted.strapi.eventHub.on('user-provisioning.offboarding.complete', async () => void heard.push('complete'));

  const path = await plan('/offboardings', { population: 'end-users', userIds: [made.body.id], action: 'delete', comment: 'Left the company' });
  const planned = await until(path, 'planned');
  expect(lines(planned)).toEqual(['Slack out delete planned: Is deleted.', 'GitHub out delete planned: Is deleted.', 'Strapi account block planned: The account is blocked, its sessions end.']);
  expect(planned.systems[2]?.warnings).toEqual(['Okta provisions this account, and may bring the person back: take them out there too.']);
  expect(await at(slackApp, 'ada')()).toBeDefined();

  await approve(path);
  const done = await until(path, 'complete');
  expect([await at(slackApp, 'ada')(), await at(githubApp, 'ada')()]).toEqual([undefined, undefined]);
  const by = done.approvedBy ?? '';
  expect(by).toContain('@');
  expect(lines(done)).toEqual([`Slack out delete done: Deleted. Offboarded by ${by}.`, `GitHub out delete done: Deleted. Offboarded by ${by}.`, 'Strapi account block done: The account was blocked, its sessions ended.']);
  expect(done.systems.every(({ doneAt, remoteId, step }) => doneAt !== null && (step === 'account' || remoteId !== null))).toBe(true);
  const rows = await booted.strapi.db.connection(TABLES.operations).where({ correlation_id: done.correlationId }).select('connection_name', 'operation', 'outcome', 'actor');
  expect(rows.map((row: { connection_name: string; operation: string; outcome: string }) => `${row.connection_name} ${row.operation} ${row.outcome}`).sort()).toEqual(['GitHub delete success', 'Slack delete success', 'Strapi deactivate success']);
  await eventually(async () => heard, (names) => names.length === 1);
  expect((await adminApi(booted, 'post', `${path}/approve`)).status).toBe(409);

  const download = async (format: string) => booted.http.get(`/user-provisioning${path}?format=${format}`).set('Authorization', `Bearer ${await booted.adminToken()}`).buffer(true);
  const csv = await download('csv');
  expect([csv.status, csv.headers['content-type'], csv.headers['content-disposition']]).toEqual([200, 'text/csv; charset=utf-8', expect.stringContaining('.csv')]);
  expect(csv.text.split('\r\n')[1]).toMatch(/^ada,[0-9a-f-]{36},Slack,out,delete,done,/);
  expect((await download('text')).text).toContain('Comment: Left the company');
});

it('an application that fails stays open and visible, also after a restart, until it is done; the account is deleted last', async () => {
  const { id, name } = await person();
  await assign(id);
  await isThere(slackApp, name);
  await isThere(githubApp, name);
  await adminApi(booted, 'put', `/connections/${github.id}`, { bearerToken: 'wrong' });
  const path = await plan('/offboardings', { population: 'end-users', userIds: [id], action: 'delete', account: 'delete' });
  await until(path, 'planned');
  await approve(path);
  const open = await eventually(() => receipt(path), (found) => found.systems[0]?.state === 'done' && found.systems[1]?.errorCode === 'target-auth' && found.systems[2]?.state === 'waiting');
  expect(open.state).toBe('running');
  expect(await account(id)).toMatchObject({ blocked: true });
  await booted.stop({ keepDatabase: true });
  booted = await bootStrapi({ database: booted.database });
  expect((await receipt(path)).systems[1]).toMatchObject({ state: 'open', errorCode: 'target-auth' });
  await adminApi(booted, 'put', `/connections/${github.id}`, { bearerToken: githubApp.token });
  await adminApi(booted, 'post', `${path}/retry`);
  expect((await until(path, 'complete')).systems[2]?.message).toBe('The account was deleted.');
  expect(await account(id)).toBeNull();
  expect(await at(githubApp, name)()).toBeUndefined();
});

it('protected people are refused with the reason, nonsense with the field, and only super admins offboard admins', async () => {
  const admin = (await booted.strapi.db.query('admin::user').findOne({ where: {} })).id;
  const refused = await adminApi(booted, 'post', '/offboardings', { population: 'admin-users', userIds: [admin] });
  expect([refused.status, refused.error.message]).toEqual([400, expect.stringContaining('is a super admin')]);
  expect((await adminApi(booted, 'post', '/offboardings', { population: 'end-users', userIds: [] })).error.details.errors?.[0]?.path).toEqual(['userIds']);
  expect((await adminApi(booted, 'post', '/moves', { from: slack.id, to: slack.id, role: editor })).error.details.errors?.[0]?.path).toEqual(['to']);
  expect((await adminApi(booted, 'get', '/offboardings/99999')).status).toBe(404);
});

it('who stays in Strapi stays out, is listed, and comes back when let in', async () => {
  const { id, name } = await person();
  await isThere(slackApp, name);
  const service = booted.strapi.plugin('user-provisioning').service('provisioning');
  const made: TransitionInfo = await service.offboard({ population: 'end-users', users: [id], account: 'nothing', action: 'disable', approve: true, actor: 'HR import' });
  await until(`/offboardings/${made.id}`, 'complete');
  expect((await service.transition(made.id)).systems[0]).toMatchObject({ system: 'Slack', state: 'done', message: 'Deactivated. Offboarded by HR import.' });
  await users().edit(id, { email: `${name}@elsewhere.example` });
  await idle(booted, slack.id);
  expect(await at(slackApp, name)()).toMatchObject({ active: false });
  const excluded = await adminApi<{ results: { userName: string }[] }>(booted, 'get', `/connections/${slack.id}/excluded?pageSize=100`);
  expect(excluded.data.results.map(({ userName }) => userName)).toContain(name);
  expect((await adminApi<{ changed: number }>(booted, 'post', `/connections/${slack.id}/excluded/remove`, { userIds: [id] })).data).toEqual({ changed: 1 });
  await isThere(slackApp, name);
});

it('anonymised at last: the receipt keeps what was done, and no longer about whom', async () => {
  const { id, name } = await person();
  await isThere(slackApp, name);
  const path = await plan('/offboardings', { population: 'end-users', userIds: [id], action: 'delete', account: 'anonymise' });
  await until(path, 'planned');
  await approve(path);
  const done = await until(path, 'complete');
  expect((await account(id)).username).toMatch(/^departed-/);
  expect(JSON.stringify(done)).not.toContain(name);
  expect(JSON.stringify(await operations(booted))).not.toContain(`"${name}"`);
});

it('people of a role are moved as one plan and back as one', async () => {
  const [ada, bob] = [await person({ role: editor }), await person({ role: editor })];
  const cy = await person();
  for (const { name } of [ada, bob, cy]) await isThere(slackApp, name);
  const path = await plan('/moves', { from: slack.id, to: github.id, role: editor, action: 'delete' });
  expect(lines(await until(path, 'planned'))).toEqual(Array.from({ length: 2 }, () => ['GitHub in - planned: Is created.', 'Slack out delete planned: Is deleted.']).flat());
  await approve(path);
  await until(path, 'complete');
  expect(await Promise.all([ada, bob, cy].map(async ({ name }) => [await at(slackApp, name)(), await at(githubApp, name)()].map((user) => user !== undefined)))).toEqual([[false, true], [false, true], [true, false]]);
  const undo = await adminApi<TransitionInfo>(booted, 'post', `${path}/undo`);
  expect(undo.status).toBe(202);
  const back = `/moves/${undo.data.id}`;
  await until(back, 'planned');
  await approve(back);
  await until(back, 'complete');
  await idle(booted, slack.id);
  expect(await Promise.all([ada, bob, cy].map(async ({ name }) => [await at(slackApp, name)(), await at(githubApp, name)()].map((user) => user !== undefined)))).toEqual([[true, false], [true, false], [true, false]]);
});

it('real time off: what changes waits for a run, except what a person asks for; on again, what waits is sent', async () => {
  const { id, name } = await person();
  await isThere(slackApp, name);
  const put = (realTime: boolean) => adminApi<ConnectionInfo>(booted, 'put', `/connections/${slack.id}`, { outbound: { realTime } });
  const runs = async (): Promise<number> => (await adminApi<{ results: RunInfo[] }>(booted, 'get', `/runs?connectionId=${slack.id}`)).data.results.length;
  const before = await runs();
  expect((await put(false)).data.outbound?.realTime).toBe(false);
  // When changes are sent is no reason to look at everybody.
  expect(await runs()).toBe(before);
  const mail = async () => (await at(slackApp, name)())?.emails?.[0]?.value;
  const pending = async () => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${slack.id}`)).data.delivery?.pending;
  await users().edit(id, { email: `${name}@first.example` });
  const asked = await person();
  await adminApi(booted, 'post', `/connections/${slack.id}/provision`, { userId: asked.id });
  await isThere(slackApp, asked.name);
  expect([await mail(), await pending()]).toEqual([`${name}@example.com`, 1]);

  const run = async (cycle: string): Promise<void> => {
    const { data } = await adminApi<RunInfo>(booted, 'post', `/connections/${slack.id}/runs`, { cycle });
    await eventually(async () => (await adminApi<RunInfo>(booted, 'get', `/runs/${data.id}`)).data.state, (state) => state === 'done');
  };
  await run('incremental');
  expect([await mail(), await pending()]).toEqual([`${name}@first.example`, 0]);
  // There and back: the run finds nothing to do, and the note goes with it.
  await users().edit(id, { email: `${name}@second.example` });
  await users().edit(id, { email: `${name}@first.example` });
  expect(await pending()).toBe(1);
  await run('incremental');
  expect(await pending()).toBe(0);

  await users().edit(id, { email: `${name}@third.example` });
  expect(await mail()).toBe(`${name}@first.example`);
  await put(true);
  await eventually(mail, (value) => value === `${name}@third.example`);
});
