/** People and groups are pulled from a real SCIM application into a booted Strapi, started through the admin API. */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operations } from '../helpers/connections';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { ConnectionInfo, ConnectionWithToken, ConnectionTestResult } from '../../server/src/contracts/connection';
import type { MappingInfo } from '../../server/src/contracts/mapping';
import type { PlanItem, PlanItemPage, RunInfo, RunInput } from '../../server/src/contracts/run';
import { UndiciClient } from '../../server/src/http/outgoing/undici-client';
import type { DirectoryPage } from '../../server/src/ports/directory';
import { ScimTargetDirectory } from '../../server/src/scim/client/target-directory';
import { TABLES } from '../../server/src/models';

let booted: BootedStrapi;
let source: TargetApp;
let created: ConnectionWithToken;
let id: number;
let editor: number;

beforeAll(async () => {
  booted = await bootStrapi();
  source = await startTargetApp();
  editor = (await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name: 'Editor', type: 'editor', description: '' } })).id;
  created = await createConnection(booted, {
    guard: {},
    name: 'HR', direction: 'inbound', source: 'pull', population: 'end-users', system: 'hr', baseUrl: source.baseUrl, bearerToken: source.token,
    roleMappings: [{ groupName: 'Editors', roleId: editor, priority: 1 }],
  });
  id = created.connection.id;
});
afterAll(async () => {
  await booted.stop();
  await source.stop();
});

const ended = (runId: number): Promise<RunInfo> =>
  eventually(async () => (await adminApi<RunInfo>(booted, 'get', `/runs/${runId}`)).data, ({ state }) => state !== 'planning' && state !== 'applying', 60_000);
const pull = async (input: RunInput = { cycle: 'incremental' }): Promise<RunInfo> => {
  const answer = await adminApi<RunInfo>(booted, 'post', `/connections/${id}/runs`, input);
  expect(answer.status).toBe(202);
  return ended(answer.data.id);
};
const act = async (runId: number, what: 'approve' | 'undo' | 'retry'): Promise<RunInfo> => ended((await adminApi<RunInfo>(booted, 'post', `/runs/${runId}/${what}`)).data.id);
const itemsOf = async (runId: number, query = ''): Promise<PlanItem[]> => (await adminApi<PlanItemPage>(booted, 'get', `/runs/${runId}/items?pageSize=100${query}`)).data.results;
const add = async (userName: string, fields: object = {}): Promise<string> => {
  const { status, body } = await source.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, emails: [{ value: `${userName}@x.example`, type: 'work', primary: true }], active: true, ...fields });
  expect(status).toBe(201);
  return String(body.id);
};
const group = async (displayName: string, members: string[]): Promise<string> => {
  const { status, body } = await source.request('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName, members: members.map((value) => ({ value })) });
  expect(status).toBe(201);
  return String(body.id);
};
const account = (username: string) => booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { username }, populate: ['role'] });

it('has no token and no SCIM endpoint of its own, and its test asks the application', async () => {
  expect(created).toMatchObject({ token: null, connection: { direction: 'inbound', source: 'pull', baseUrl: source.baseUrl, tokenUrl: null, credential: 'stored', delivery: null } });
  expect((await adminApi(booted, 'post', `/connections/${id}/tokens`, { name: 'one' })).status).toBe(400);
  const pushed = await createInbound(booted);
  expect(pushed.connection.source).toBe('push');
  const root = pushed.root.replace(pushed.connection.key, created.connection.key);
  expect((await booted.http.get(`${root}/Users`).set('Authorization', `Bearer ${pushed.token}`)).status).toBe(401);
  expect((await booted.http.get(`${root}/Users`).set('Authorization', `Bearer ${source.token}`)).status).toBe(401);
  expect((await adminApi<ConnectionTestResult>(booted, 'post', `/connections/${id}/test`)).data).toMatchObject({ ok: true, steps: [{}, {}] });
  expect((await adminApi(booted, 'post', `/connections/${pushed.connection.id}/runs`)).status).toBe(400);
});

it('refuses what does not fit', async () => {
  const make = async (fields: object) => {
    const answer = await adminApi(booted, 'post', '/connections', { name: 'x', direction: 'inbound', population: 'end-users', ...fields });
    return [answer.status, answer.error.details.errors?.[0]?.path.join('.')];
  };
  expect(await make({ source: 'pull' })).toEqual([400, 'baseUrl']);
  expect(await make({ source: 'push', baseUrl: source.baseUrl })).toEqual([400, 'baseUrl']);
  expect(await make({ baseUrl: source.baseUrl })).toEqual([400, 'baseUrl']);
  expect(await make({ direction: 'outbound', source: 'pull', baseUrl: source.baseUrl })).toEqual([400, 'source']);
  expect(await make({ source: 'pull', baseUrl: source.baseUrl, outbound: {} })).toEqual([400, 'outbound']);
  // Nor may its token be sent to another server by an edit.
  const moved = await adminApi(booted, 'put', `/connections/${id}`, { baseUrl: 'https://other.example/scim' });
  expect([moved.status, moved.error.details.errors?.[0]?.path]).toEqual([400, ['bearerToken']]);
});

const patch = (userId: unknown, path: string, value: unknown) =>
  source.request('PATCH', `/Users/${String(userId)}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path, value }] });

it('first looks at both sides, and writes nothing until somebody approved it', async () => {
  const users = booted.strapi.db.query('plugin::users-permissions.user');
  for (const username of ['person-3', 'local']) await users.create({ data: { username, email: `${username}@x.example`, provider: 'local', confirmed: true } });
  const ids: string[] = [];
  for (let index = 0; index < 30; index += 1) ids.push(await add(`person-${index}`, { title: 'Clerk' }));
  await group('Editors', ids.slice(0, 2));
  const first = await pull();
  expect(first).toMatchObject({
    state: 'waiting', adoption: true, direction: 'inbound',
    counts: { examined: 30, incomplete: null, roleGrants: 2, pairings: { matched: 1, new: 29, 'left-over': 1, disputed: 0 }, planned: { create: 29 }, groups: { planned: { create: 1 } } },
  });
  expect(await users.count()).toBe(2);
  expect(await itemsOf(first.id, '&pairing=left-over')).toMatchObject([{ objectName: 'local', state: 'listed', kind: 'note' }]);
  expect(await itemsOf(first.id, '&pairing=matched')).toMatchObject([{ objectName: 'person-3', state: 'planned' }]);
  expect(await itemsOf(first.id, '&kind=create&pairing=new')).toHaveLength(29);
  expect(await act(first.id, 'approve')).toMatchObject({ state: 'done', items: { done: 31, failed: 0, stale: 0, listed: 1 } });
  expect(await users.count()).toBe(31);
  expect(await account('person-0')).toMatchObject({ email: 'person-0@x.example', blocked: false, role: { id: editor } });
  expect((await account('person-2')).role.id).not.toBe(editor);
});

it('follows what changes, and removes who is gone after two reads', async () => {
  const rows = (await operations(booted, `&connectionId=${id}`)).length;
  expect(await pull()).toMatchObject({ state: 'done', adoption: false, counts: { examined: 30, unchanged: 30, groups: { unchanged: 1 } }, items: { done: 0 } });
  expect((await operations(booted, `&connectionId=${id}`)).length).toBe(rows);

  const [first, second] = await source.users();
  await patch(first?.id, 'active', false);
  await source.request('DELETE', `/Users/${String(second?.id)}`);
  const { counts } = await pull();
  expect(counts).toMatchObject({ unchanged: 28, planned: { deactivate: 1, delete: 0 } });
  expect(await account('person-0')).toMatchObject({ blocked: true });
  expect(await account('person-1')).not.toBeNull();
  const last = await pull();
  expect(last).toMatchObject({ state: 'done', counts: { planned: { delete: 1 } } });
  expect(await account('person-1')).toBeNull();
  const [gone] = await operations(booted, `&connectionId=${id}&operation=delete`);
  expect(gone).toMatchObject({ outcome: 'success', trigger: 'on-demand', objectName: 'person-1' });
});

it('takes back what a run did', async () => {
  const [person] = (await source.users()).filter(({ userName }) => userName === 'person-5');
  await patch(person?.id, 'userName', 'person-five');
  const run = await pull();
  expect(await account('person-five')).not.toBeNull();
  const undo = await act(run.id, 'undo');
  expect(undo).toMatchObject({ state: 'waiting', undoOf: run.id, counts: { planned: { update: 1 } } });
  expect(await act(undo.id, 'approve')).toMatchObject({ state: 'done', items: { done: 1 } });
  expect(await account('person-5')).not.toBeNull();
  await patch(person?.id, 'userName', 'person-5');
  expect(await pull()).toMatchObject({ state: 'done' });
});

it('reads the application page by page', async () => {
  const http = new UndiciClient({ connections: 1, proxyUrl: null });
  const directory = new ScimTargetDirectory({ http, baseUrl: source.baseUrl, bearerToken: source.token });
  const seen: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: DirectoryPage = await directory.list('User', { cursor, limit: 7 });
    seen.push(...page.entries.map(({ ref }) => ref));
    if (page.next === null) {
      expect(page.incomplete).toBeNull();
      break;
    }
    cursor = page.next;
  }
  expect(seen.sort()).toEqual((await source.users()).map((user) => user.id).sort());
  await http.close();
});

it('holds what would deactivate many, writes nothing, and does it once it is approved', async () => {
  const users = (await source.users()).filter(({ active }) => active !== false);
  for (const user of users.slice(0, 10)) await patch(user.id, 'active', false);
  const held = await pull();
  expect(held).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'deactivate', wanted: 10 }] });
  expect(await account(String(users[0]?.userName))).toMatchObject({ blocked: false });
  expect(await itemsOf(held.id, '&kind=deactivate')).toHaveLength(10);
  expect(await act(held.id, 'approve')).toMatchObject({ state: 'done', items: { done: 10 } });
  expect(await account(String(users[0]?.userName))).toMatchObject({ blocked: true });
});

it('rules of its own say what becomes of the people; the next pull uses them', async () => {
  const rules = [
    { target: 'userName', source: { kind: 'direct', path: 'userName' } },
    { target: 'emails', source: { kind: 'direct', path: 'emails' } },
    { target: 'active', source: { kind: 'constant', value: true } },
    { target: 'title', source: { kind: 'expression', expression: 'upper(user.title)' } },
  ];
  expect((await adminApi<MappingInfo>(booted, 'put', `/connections/${id}/mapping`, { rules })).data).toMatchObject({ version: 1, preset: [], rules: [{}, {}, {}, {}] });
  expect(await booted.strapi.db.connection(TABLES.connections).where({ id }).first('requeue_after')).toEqual({ requeue_after: null });
  expect((await pull()).items).toMatchObject({ done: 29, failed: 0 });
  const link = await booted.strapi.db.connection(TABLES.links).where({ connection_id: id }).first('kept');
  expect(JSON.parse(String(link.kept))).toMatchObject({ title: 'CLERK' });
});

it('says that the application is away, and misses nobody', async () => {
  await adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { baseUrl: `${source.baseUrl}/nowhere` });
  expect(await pull()).toMatchObject({ state: 'failed', reasons: [expect.any(String)] });
  expect(await booted.strapi.db.connection(TABLES.links).where({ connection_id: id }).where('missed', '>', 0)).toEqual([]);
});
