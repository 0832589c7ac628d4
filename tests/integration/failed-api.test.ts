/** What an admin sees of an application in trouble and of changes that were set aside, and what they can do. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { FailedPage } from '../../server/src/contracts/failure';
import { adminApi, createConnection, createInbound, operations } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { eventually } from '../helpers/wait';

const UID = 'plugin::users-permissions.user';

let booted: BootedStrapi;
let app: Server;
let outbound: ConnectionInfo;
/** What the application answers to a write, and to a search that finds nobody. */
let mood: 'well' | 'refuses' | 'down' = 'well';
let written = 0;

beforeAll(async () => {
  app = createServer((request, response) => {
    request.resume();
    const isSearch = request.method === 'GET';
    const status = mood === 'down' ? 503 : mood === 'refuses' && !isSearch ? 400 : isSearch ? 200 : 201;
    if (status === 201) written += 1;
    const body = isSearch ? { totalResults: 0, Resources: [] } : status === 400 ? { detail: 'No such department' } : { id: `r-${written}` };
    response.writeHead(status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  booted = await bootStrapi({
    config: {
      plugins: {
        'user-provisioning': { config: { retries: { firstPauseMs: 1, longestPauseMs: 10, quarantineAfterFailures: 3, quarantineAfterMs: 0, longestProbeMs: 3_600_000 } } },
      },
    },
  });
  const baseUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}/scim/v2`;
  outbound = (await createConnection(booted, { name: 'App', direction: 'outbound', population: 'end-users', system: 'app', baseUrl, bearerToken: 't' })).connection;
});
afterAll(async () => {
  await booted.stop();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

const addUser = async (name: string): Promise<number> =>
  (await booted.strapi.plugin('users-permissions').service('user').add({ username: name, email: `${name}@example.com`, provider: 'local' })).id;
const state = async (): Promise<ConnectionInfo> => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${outbound.id}`)).data;
const failed = async (query = ''): Promise<FailedPage> => (await adminApi<FailedPage>(booted, 'get', `/connections/${outbound.id}/failed${query}`)).data;
const post = <T>(path: string, body?: unknown) => adminApi<T>(booted, 'post', `/connections/${outbound.id}${path}`, body ?? {});

it('lists what was refused, with names, reasons and advice, in pages', async () => {
  mood = 'refuses';
  for (const name of ['ada', 'bob', 'eve']) await addUser(name);
  const { results } = await eventually(failed, (page) => page.results.length === 3);
  expect(results.map((change) => change.objectName).sort()).toEqual(['ada', 'bob', 'eve']);
  for (const change of results) {
    expect(change).toMatchObject({ objectType: 'User', errorCode: 'target-rejected', errorClass: 'bad-data', attempts: 1, advice: { code: 'target-rejected' } });
    expect(change.message).toContain('No such department');
    expect(Date.parse(change.firstFailedAt ?? '')).toBeLessThanOrEqual(Date.parse(change.lastFailedAt ?? ''));
  }
  const first = await failed('?pageSize=2');
  const second = await failed(`?pageSize=2&cursor=${first.nextCursor}`);
  expect([...first.results, ...second.results].map(({ id }) => id)).toEqual(results.map(({ id }) => id));
  expect(second.nextCursor).toBeNull();
  expect((await state()).delivery).toMatchObject({ failed: 3, quarantine: null });
});

it('keeps the name of a person who is gone', async () => {
  mood = 'refuses';
  const id = await addUser('leaver');
  await eventually(failed, (page) => page.results.some((change) => change.objectName === 'leaver'));
  await booted.strapi.db.query(UID).delete({ where: { id } });
  await eventually(failed, (page) => page.results.length === 3);
});

it('tries one of them again, then gives one up, then tries all', async () => {
  mood = 'well';
  const [ada, bob] = (await failed()).results;
  expect((await post<{ queued: number }>('/failed/retry', { ids: [ada?.id] })).data).toEqual({ queued: 1 });
  await eventually(async () => written, (count) => count === 1);
  expect((await failed()).results).toHaveLength(2);
  expect((await post<{ dismissed: number }>('/failed/dismiss', { ids: [bob?.id, 999_999] })).data).toEqual({ dismissed: 1 });
  const [row] = await operations(booted, '&outcome=skipped');
  expect(row?.message).toMatch(/Gave up one failed change/);
  expect((await post<{ queued: number }>('/failed/retry', { all: true })).data).toEqual({ queued: 1 });
  await eventually(failed, (page) => page.results.length === 0);
  await eventually(async () => written, (count) => count === 2);
});

it.each([[{}], [{ ids: [] }], [{ ids: ['x'] }], [{ all: false }], [{ ids: [1], all: true }]])('refuses %j: which ones is to be said', async (body) => {
  expect((await post('/failed/retry', body)).status).toBe(400);
  expect((await post('/failed/dismiss', body)).status).toBe(400);
});

it('has none of it for inbound connections', async () => {
  const { connection } = await createInbound(booted);
  for (const path of ['/failed/retry', '/failed/dismiss', '/try-now']) expect((await adminApi(booted, 'post', `/connections/${connection.id}${path}`, { all: true })).status).toBe(400);
  expect((await adminApi(booted, 'get', `/connections/${connection.id}/failed`)).status).toBe(400);
});

it('shows the quarantine, tells Strapi’s event hub of it, and leaves it when a person says “try now”', async () => {
  const events: { name: string; payload: { connection: { id: number }; reason: string } }[] = [];
  const listen = (name: string) => booted.strapi.eventHub.on(name, async (payload) => void events.push({ name, payload: payload as (typeof events)[0]['payload'] }));
  const ends = ['entered', 'left'].map((kind) => listen(`user-provisioning.quarantine.${kind}`));
  mood = 'down';
  await addUser('zoe');
  const { delivery } = await eventually(state, (seen) => (seen.delivery?.quarantine ?? null) !== null);
  expect(delivery?.quarantine).toMatchObject({ reason: 'The application failed (status 503).', since: expect.any(String) as string });
  // Failing on goes on slowly, with growing pauses: the next is not due soon.
  await eventually(state, (seen) => Date.parse(seen.delivery?.quarantine?.nextProbeAt ?? '') > Date.now() + 2_000);
  mood = 'well';
  expect((await post<{ pending: number }>('/try-now')).data.pending).toBeGreaterThan(0);
  await eventually(state, (seen) => seen.delivery?.quarantine === null && seen.delivery.pending === 0);
  expect(events.map(({ name }) => name)).toEqual(['user-provisioning.quarantine.entered', 'user-provisioning.quarantine.left']);
  expect(events[0]?.payload).toMatchObject({ connection: { id: outbound.id }, errorCode: 'target-unavailable' });
  ends.forEach((end) => end());
});

it('keeps a limit of requests, without looking at everybody anew', async () => {
  const before = (await booted.strapi.db.connection('provisioning_connections').where({ id: outbound.id }).first('requeue_after')).requeue_after;
  const put = (requestsPerMinute: unknown) => adminApi<ConnectionInfo>(booted, 'put', `/connections/${outbound.id}`, { outbound: { requestsPerMinute } });
  expect((await put(600)).data.outbound?.requestsPerMinute).toBe(600);
  expect((await booted.strapi.db.connection('provisioning_connections').where({ id: outbound.id }).first('requeue_after')).requeue_after).toBe(before);
  for (const wrong of [0, 29, 1.5, 'fast']) expect((await put(wrong)).status).toBe(400);
  const count = written;
  await addUser('limited');
  await eventually(async () => written, (now) => now === count + 1);
  const row = await booted.strapi.db.connection('provisioning_target_health').where({ connection_id: outbound.id }).first('budget_until');
  expect(Number(row.budget_until)).toBeGreaterThan(0);
  expect((await put(null)).data.outbound?.requestsPerMinute).toBeNull();
});
