/** People and groups are pulled from a real SCIM application into a booted Strapi, started through the admin API. */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operations } from '../helpers/connections';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { ConnectionInfo, ConnectionWithToken, ConnectionTestResult } from '../../server/src/contracts/connection';
import type { MappingInfo } from '../../server/src/contracts/mapping';
import type { PullInput, PullState } from '../../server/src/contracts/pull';
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

const pull = async (input: PullInput = {}): Promise<PullState> => {
  const answer = await adminApi<PullState>(booted, 'post', `/connections/${id}/pull`, input);
  expect(answer.status).toBe(202);
  return eventually(async () => (await adminApi<PullState>(booted, 'get', `/connections/${id}/pull`)).data, ({ status }) => status !== 'running', 60_000);
};
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
  expect((await adminApi(booted, 'post', `/connections/${pushed.connection.id}/pull`)).status).toBe(400);
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

it('brings people and groups, follows what changes, and removes who is gone after two reads', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 30; index += 1) ids.push(await add(`person-${index}`, { title: 'Clerk' }));
  const [first = '', second = ''] = ids;
  await group('Editors', [first, second]);
  const one = await pull();
  expect(one).toMatchObject({ status: 'done', incomplete: null, users: { read: 30, created: 30, failed: 0 }, groups: { read: 1, created: 1 } });
  expect(await account('person-0')).toMatchObject({ email: 'person-0@x.example', blocked: false, role: { id: editor } });
  expect((await account('person-2')).role.id).not.toBe(editor);

  const rows = (await operations(booted, `&connectionId=${id}`)).length;
  expect((await pull()).users).toMatchObject({ read: 30, unchanged: 30, created: 0, updated: 0 });
  expect((await operations(booted, `&connectionId=${id}`)).length).toBe(rows);

  await source.request('PATCH', `/Users/${first}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path: 'active', value: false }] });
  await source.request('DELETE', `/Users/${second}`);
  expect((await pull()).users).toMatchObject({ deactivated: 1, deleted: 0, unchanged: 28 });
  expect(await account('person-0')).toMatchObject({ blocked: true });
  expect(await account('person-1')).not.toBeNull();
  expect((await pull()).users).toMatchObject({ deleted: 1 });
  expect(await account('person-1')).toBeNull();
  const [gone] = await operations(booted, `&connectionId=${id}&operation=delete`);
  expect(gone).toMatchObject({ outcome: 'success', trigger: 'on-demand', objectName: 'person-1' });
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
  const off = (active: boolean) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path: 'active', value: active }] });
  for (const user of users.slice(0, 10)) await source.request('PATCH', `/Users/${user.id}`, off(false));
  const held = await pull();
  expect(held).toMatchObject({ status: 'refused', verdicts: [{ kind: 'deactivate', wanted: 10 }] });
  expect(await account(String(users[0]?.userName))).toMatchObject({ blocked: false });
  expect((await operations(booted, `&connectionId=${id}`))[0]).toMatchObject({ operation: 'refuse', outcome: 'refused', errorCode: 'guard-held' });
  expect(await pull({ approve: { deactivate: 10 } })).toMatchObject({ status: 'done', users: { deactivated: 10 } });
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
  expect((await pull()).users).toMatchObject({ updated: 29, failed: 0 });
  const link = await booted.strapi.db.connection(TABLES.links).where({ connection_id: id }).first('kept');
  expect(JSON.parse(String(link.kept))).toMatchObject({ title: 'CLERK' });
});

it('says that the application is away, and misses nobody', async () => {
  await adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { baseUrl: `${source.baseUrl}/nowhere` });
  expect(await pull()).toMatchObject({ status: 'failed' });
  expect(await booted.strapi.db.connection(TABLES.links).where({ connection_id: id }).where('missed', '>', 0)).toEqual([]);
});
