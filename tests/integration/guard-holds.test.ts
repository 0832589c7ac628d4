/** What providers push and applications are told is held over the limits, as Okta, Entra ID and an administrator see it. */
import type { ConnectionInfo, PluginStatus } from '../../server/src/contracts/connection';
import type { GuardEvent } from '../../server/src/contracts/events';
import type { HeldObjectPage, HoldInfo } from '../../server/src/contracts/guard';
import { adminApi, createConnection, createInbound, operations, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

let booted: BootedStrapi;
let target: TargetApp;
const events: (GuardEvent & { inTransaction: boolean })[] = [];

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  booted.strapi.eventHub.on('user-provisioning.guard.held', async (event: GuardEvent) => void events.push({ ...event, inTransaction: booted.strapi.db.inTransaction() }));
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const api = <T>(method: 'get' | 'post', path: string) => adminApi<T>(booted, method, path);
const holdsOf = async (id: number): Promise<HoldInfo[]> => (await api<HoldInfo[]>('get', `/connections/${id}/holds`)).data;
const isBlocked = async (name: string): Promise<boolean> =>
  (await booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { username: name } }))?.blocked === true;

async function people(idp: Inbound, prefix: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await idp.scim('POST', '/Users', { schemas: [USER], userName: `${prefix}${index}`, emails: [{ value: `${prefix}${index}@x.example`, primary: true }], active: true });
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    ids.push(answer.body.id);
  }
  return ids;
}
/** As Entra ID sends it. */
const disable = (idp: Inbound, id: string | undefined) => idp.scim('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'Replace', path: 'active', value: 'False' }] });

it('Entra ID: deactivating everybody stops at two of ten with 503; approved, its own retry gets through', async () => {
  const idp = await createInbound(booted, { name: 'Entra', preset: 'entra-id', guard: {} });
  const { id } = idp.connection;
  const ids = await people(idp, 'entra', 10);
  const answers = [];
  for (const one of ids) answers.push(await disable(idp, one));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, ...Array(8).fill(503)]);
  expect(answers[2]).toMatchObject({
    headers: { 'retry-after': '900', 'content-type': expect.stringContaining('application/scim+json') },
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '503', detail: expect.stringContaining('Nothing was changed; it waits until an administrator approves it') },
  });
  expect([await isBlocked('entra1'), await isBlocked('entra2')]).toEqual([true, false]);
  for (const one of ids.slice(2)) expect((await disable(idp, one)).status).toBe(503);

  expect(await holdsOf(id)).toMatchObject([{ kind: 'deactivate', state: 'held', waiting: 8, attempts: 16, verdict: { wanted: 3, allowed: 2, linked: 10 } }]);
  expect((await api<ConnectionInfo>('get', `/connections/${id}`)).data.holds).toBe(1);
  expect((await api<PluginStatus>('get', '/status')).data.holds).toBe(1);
  expect(events.filter(({ connectionId }) => connectionId === id)).toEqual([
    { connectionId: id, runId: null, kind: 'deactivate', count: 3, limit: 2, at: expect.any(String), inTransaction: false },
  ]);
  const held = (await operations(booted, `&connectionId=${id}&outcome=refused`)).filter(({ errorCode }) => errorCode === 'guard-held');
  expect(held).toHaveLength(9);

  const first = (await api<HeldObjectPage>('get', `/connections/${id}/holds/deactivate/objects?pageSize=5`)).data;
  const second = (await api<HeldObjectPage>('get', `/connections/${id}/holds/deactivate/objects?pageSize=5&cursor=${first.nextCursor}`)).data;
  expect([...first.results, ...second.results].map(({ objectId, attempts }) => [objectId, attempts])).toEqual(ids.slice(2).map((one) => [one, 2]));
  expect(second.nextCursor).toBeNull();

  expect((await api('post', `/connections/${id}/holds/deactivate/approve`)).data).toEqual({ approved: 8 });
  for (const one of ids.slice(2)) expect((await disable(idp, one)).status).toBe(200);
  expect(await isBlocked('entra9')).toBe(true);
  expect(await holdsOf(id)).toEqual([]);
  expect((await api('post', `/connections/${id}/holds/deactivate/approve`)).status).toBe(404);
});

it('Okta: PUT is told to slow down with 429, and a dismissed hold is forgotten', async () => {
  const idp = await createInbound(booted, { name: 'Okta', preset: 'okta', guard: {} });
  const { id } = idp.connection;
  const ids = await people(idp, 'okta', 6);
  const put = (index: number) => idp.scim('PUT', `/Users/${ids[index]}`, { schemas: [USER], userName: `okta${index}`, active: false });
  expect([(await put(0)).status, (await put(1)).status]).toEqual([200, 200]);
  expect(await put(2)).toMatchObject({ status: 429, headers: { 'retry-after': '900' }, body: { status: '429' } });
  expect(await isBlocked('okta2')).toBe(false);
  expect((await api('post', `/connections/${id}/holds/deactivate/dismiss`)).status).toBe(200);
  expect(await holdsOf(id)).toEqual([]);
  expect([(await put(3)).status, (await put(4)).status, (await put(5)).status]).toEqual([200, 200, 429]);
});

it('parallel requests stop at the limit, and each operation of a bulk request is one of them', async () => {
  const idp = await createInbound(booted, { name: 'Parallel', guard: {} });
  const ids = await people(idp, 'parallel', 30);
  const answers = await Promise.all(ids.slice(0, 12).map((id) => idp.scim('DELETE', `/Users/${id}`)));
  // One that lost a race for the database begins again, and may then find the hold of another: fewer, never more.
  const done = answers.filter(({ status }) => status === 204).length;
  expect([answers.filter(({ status }) => status === 503).length, done >= 1, done <= 3]).toEqual([12 - done, true, true]);
  const bulk = await idp.scim('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [
      { method: 'DELETE', path: `/Users/${ids[20]}` },
      { method: 'PATCH', path: `/Users/${ids[21]}`, data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value: 'Boss' }] } },
    ],
  });
  expect([bulk.status, (bulk.body.Operations as { status: string }[]).map(({ status }) => status)]).toEqual([200, ['503', '200']]);
  expect(await holdsOf(idp.connection.id)).toMatchObject([{ kind: 'delete', waiting: 13 - done }]);
});

it('a first load of 120 people is not stopped; without it the 51st is', async () => {
  const idp = await createInbound(booted, { name: 'First load', guard: {} });
  await people(idp, 'load', 120);
  const strict = await createInbound(booted, { name: 'No first load', guard: { freeFirstLoad: false } });
  await people(strict, 'strict', 50);
  expect((await strict.scim('POST', '/Users', { schemas: [USER], userName: 'strict51' })).status).toBe(503);
  // By the name it is known again; nobody else.
  await api('post', `/connections/${strict.connection.id}/holds/create/approve`);
  expect((await strict.scim('POST', '/Users', { schemas: [USER], userName: 'other' })).status).toBe(503);
  expect((await strict.scim('POST', '/Users', { schemas: [USER], userName: 'strict51' })).status).toBe(201);
});

it('a role for more people than the limit is held as one request', async () => {
  const [role] = (await api<{ id: number }[]>('get', '/roles?population=end-users')).data;
  const idp = await createInbound(booted, { name: 'Roles', guard: {}, roleMappings: [{ groupName: 'Everybody', roleId: role?.id ?? 0, priority: 1 }], defaultRoleId: null });
  const ids = await people(idp, 'roles', 8);
  await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name: 'Other', type: 'other-role' } });
  const other = await booted.strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'other-role' } });
  await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { roleMappings: [{ groupName: 'Everybody', roleId: other.id, priority: 1 }] });
  const group = (await idp.scim('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Everybody' })).body.id;
  const add = (some: string[]) => idp.scim('PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations: [{ op: 'Add', path: 'members', value: some.map((value) => ({ value })) }] });
  expect((await add(ids.slice(0, 5))).status).toBeLessThan(300);
  expect((await add(ids.slice(5))).status).toBe(503);
  expect(await holdsOf(idp.connection.id)).toMatchObject([{ kind: 'role-grant', waiting: 3 }]);
  await api('post', `/connections/${idp.connection.id}/holds/role-grant/approve`);
  expect((await add(ids.slice(5))).status).toBeLessThan(300);
});

it('whoever blocks ten people in Strapi disables two of them in the application, until it is approved', async () => {
  const accounts = booted.strapi.plugin('users-permissions').service('user');
  const names = Array.from({ length: 10 }, (_, index) => `scoped${index}`);
  const ids: number[] = [];
  for (const name of names) ids.push((await accounts.add({ username: name, email: `${name}@scope.example`, provider: 'local' })).id);
  const { connection } = await createConnection(booted, {
    name: 'Application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token, guard: {},
    outbound: { scope: { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'emails', operator: 'ends-with', value: '@scope.example' }] } },
  });
  for (const [index, id] of ids.entries()) await accounts.edit(id, { email: `${names[index]}.new@scope.example` });
  const there = async (): Promise<number> => (await target.users()).filter((user) => names.includes(String(user.userName)) && user.active !== false).length;
  const waiting = async () => (await api<ConnectionInfo>('get', `/connections/${connection.id}`)).data.delivery;
  await eventually(there, (count) => count === 10);
  await eventually(waiting, (delivery) => delivery?.pending === 0);

  for (const id of ids) await booted.strapi.db.query('plugin::users-permissions.user').update({ where: { id }, data: { blocked: true } });
  await eventually(waiting, (delivery) => delivery?.pending === 0 && delivery.failed === 8);
  expect(await there()).toBe(8);
  expect(await holdsOf(connection.id)).toMatchObject([{ kind: 'deactivate', state: 'held', waiting: 8, verdict: { allowed: 2, linked: 10 } }]);
  expect((await api('post', `/connections/${connection.id}/holds/deactivate/approve`)).data).toEqual({ approved: 8 });
  await eventually(there, (count) => count === 0);
});

it('refuses kinds and pages that there are not, and needs a connection', async () => {
  const { connection } = await createInbound(booted);
  expect([
    (await api('get', `/connections/${connection.id}/holds/remove/objects`)).status,
    (await api('get', `/connections/${connection.id}/holds/delete/objects?cursor=x`)).status,
    (await api('post', `/connections/${connection.id}/holds/delete/dismiss`)).status,
    (await api('get', '/connections/999999/holds')).status,
  ]).toEqual([404, 400, 404, 404]);
});
