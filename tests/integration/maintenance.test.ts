/** The pause of a whole site, and what a restored database or another encryption key makes wait. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionInfo, PluginStatus } from '../../server/src/contracts/connection';
import type { Maintenance } from '../../server/src/contracts/maintenance';
import { TABLES } from '../../server/src/models';
import { adminApi, createConnection, createInbound, type Inbound } from '../helpers/connections';
import { createDatabase, type TestDatabase } from '../helpers/databases';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

let target: TargetApp;
let database: TestDatabase;
let booted: BootedStrapi;
let folder: string;
let idp: Inbound;
let wiki: ConnectionInfo;

const boot = async (encryptionKey = 'test-encryption-key-32-characters'): Promise<void> => {
  booted = await bootStrapi({ database, config: { admin: { secrets: { encryptionKey } }, plugins: { 'user-provisioning': { config: { watermarkFolder: folder } } } } });
};
const restart = async (change: () => Promise<void> = async () => undefined, encryptionKey?: string): Promise<void> => {
  await change();
  await booted.stop({ keepDatabase: true });
  await boot(encryptionKey);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'user-provisioning-'));
  target = await startTargetApp();
  database = await createDatabase();
  await boot();
  idp = await createInbound(booted);
  wiki = (await createConnection(booted, { name: 'Wiki', direction: 'outbound', population: 'end-users', baseUrl: target.baseUrl, bearerToken: target.token })).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (paused: boolean, reason?: string) => adminApi<Maintenance>(booted, 'put', '/maintenance', { paused, ...(reason === undefined ? {} : { reason }) });
const review = async (): Promise<string | null> => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${wiki.id}`)).data.review;
const look = (required: boolean) => adminApi<unknown>(booted, 'put', `/connections/${wiki.id}/review`, { required });
/** Of the Strapi that runs now. */
const scim = async (path: string, userName?: string): Promise<{ status: number; headers: Record<string, string>; body: { schemas?: string[] } }> => {
  const request = booted.http[userName === undefined ? 'get' : 'post'](`${idp.root}${path}`).set('Authorization', `Bearer ${idp.token}`).set('Content-Type', 'application/scim+json').buffer(true);
  const answer = await (userName === undefined ? request : request.send(JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, emails: [{ value: `${userName}@x.example` }] })));
  return { status: answer.status, headers: answer.headers as Record<string, string>, body: JSON.parse(answer.text) };
};
const atTarget = async (): Promise<string[]> => (await target.users()).map(({ userName }) => userName).sort();
const addUser = (name: string) => booted.strapi.plugin('users-permissions').service('user').add({ username: name, email: `${name}@x.example`, provider: 'local' });
/** Markers that the worker has seen but may not take. */
const waiting = () => booted.strapi.db.connection(TABLES.outbox).where({ connection_id: wiki.id });

it('a paused site answers providers 503 with Retry-After, sends nothing, and loses nothing', async () => {
  const heard: unknown[] = [];
  booted.strapi.eventHub.on('user-provisioning.maintenance', async (event: unknown) => void heard.push(event));
  const state = (await pause(true, 'Upgrade')).data;
  expect(state).toEqual({ paused: true, since: expect.any(String), reason: 'Upgrade' });
  const answer = await scim('/Users', 'ada');
  expect([answer.status, answer.headers['retry-after'], answer.body.schemas]).toEqual([503, '120', ['urn:ietf:params:scim:api:messages:2.0:Error']]);
  expect((await scim('/Users')).status).toBe(503);
  await addUser('bob');
  expect((await adminApi<PluginStatus>(booted, 'get', '/status')).data).toMatchObject({ maintenance: state, delivery: { pending: 1 } });
  await restart();
  expect((await adminApi<PluginStatus>(booted, 'get', '/status')).data.maintenance).toEqual(state);
  expect([(await waiting()).length, await atTarget()]).toEqual([1, []]);
  expect((await pause(false)).data).toEqual({ paused: false, since: null, reason: '' });
  await eventually(atTarget, (names) => names.includes('bob'));
  expect((await scim('/Users', 'ada')).status).toBe(201);
  await eventually(atTarget, (names) => names.join() === 'ada,bob');
  expect(heard).toEqual([{ paused: true, at: state.since }]);
});

it('only a super admin may pause, and only in words that are understood', async () => {
  expect((await adminApi(booted, 'put', '/maintenance', { paused: 'yes' })).error.details.errors?.map(({ path }) => path)).toEqual([['paused']]);
  const [role] = await booted.strapi.db.query('admin::role').findMany({ where: { code: 'strapi-editor' } });
  await booted.strapi.db.query('admin::permission').create({ data: { action: 'plugin::user-provisioning.connections.update', role: role.id, actionParameters: {}, properties: {}, conditions: [] } });
  await booted.strapi.service('admin::user').create({ firstname: 'Ed', email: 'ed@x.example', password: 'Ed-Password-12345', isActive: true, roles: [role.id] });
  const { body } = await booted.http.post('/admin/login').send({ email: 'ed@x.example', password: 'Ed-Password-12345' });
  const refused = await booted.http.put('/user-provisioning/maintenance').set('Authorization', `Bearer ${body.data.token}`).send({ paused: true });
  expect([refused.status, refused.body.error.message]).toEqual([403, expect.stringContaining('Only a super admin')]);
});

it('a connection that waits for a look sends nothing until somebody looked', async () => {
  expect((await look(true)).data).toEqual({ id: wiki.id, review: 'requested' });
  await addUser('cid');
  await restart();
  expect([await review(), (await waiting()).length]).toEqual(['requested', 1]);
  await look(false);
  await eventually(atTarget, (names) => names.includes('cid'));
  expect(await review()).toBeNull();
});

it('an ordinary restart makes nothing wait', async () => {
  await restart();
  expect(await review()).toBeNull();
});

it('another encryption key is noticed, once', async () => {
  await restart(undefined, 'another-encryption-key-32-charact');
  expect(await review()).toBe('encryption-key');
  await restart(async () => void (await look(false)), 'another-encryption-key-32-charact');
  expect(await review()).toBeNull();
  await restart(undefined, '');
  expect(await review()).toBeNull();
  await restart();
  expect(await review()).toBe('encryption-key');
  await look(false);
});

const continuity = async (change: (value: { lineage: string; at: number }) => object): Promise<void> => {
  const store = booted.strapi.store({ type: 'plugin', name: 'user-provisioning', key: 'continuity' });
  await store.set({ value: change((await store.get({})) as { lineage: string; at: number }) });
};
const HOUR = 3_600_000;

it.each<[string, () => Promise<void>]>([
  ['a database that is older than what the site saw', () => continuity((value) => ({ ...value, at: value.at - HOUR }))],
  ['a database of another site', () => continuity((value) => ({ ...value, lineage: 'another', at: value.at + HOUR }))],
  ['a database from before the plugin kept marks', async () => void (await booted.strapi.db.query('strapi::core-store').delete({ where: { key: 'plugin_user-provisioning_continuity' } }))],
])('%s is noticed at boot', async (_what, change) => {
  await restart(change);
  expect(await review()).toBe('restored');
  await look(false);
  await restart();
  expect(await review()).toBeNull();
});

it('links that are younger than the mark are noticed without a file too', async () => {
  rmSync(folder, { recursive: true, force: true });
  await restart(async () => {
    rmSync(folder, { recursive: true, force: true });
    await continuity((value) => ({ ...value, at: value.at - HOUR }));
  });
  expect(await review()).toBe('restored');
  await look(false);
});
