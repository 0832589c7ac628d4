/** What other code of a site may call, and what it and Strapi's webhooks hear. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventName } from '../../server/src/contracts/events';
import type { RunInfo } from '../../server/src/contracts/run';
import type { ProvisioningService } from '../../server/src/contracts/service';
import { adminApi, createConnection, createInbound, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

let booted: BootedStrapi;
let target: TargetApp;
let idp: Inbound;
let outbound: { id: number; key: string };
let service: ProvisioningService;
let receiver: Server;
const received: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  target = await startTargetApp();
  booted = await bootStrapi();
  idp = await createInbound(booted);
  outbound = (await createConnection(booted, { name: 'Wiki', direction: 'outbound', population: 'end-users', baseUrl: target.baseUrl, bearerToken: target.token })).connection;
  service = booted.strapi.plugin('user-provisioning').service('provisioning') as ProvisioningService;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
  await new Promise((resolve) => receiver.close(resolve));
});

const hear = (name: EventName): Record<string, unknown>[] => {
  const heard: Record<string, unknown>[] = [];
  booted.strapi.eventHub.on(name, async (event: Record<string, unknown>) => void heard.push(event));
  return heard;
};
const post = (userName: string) => idp.scim('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, displayName: 'Ada Lovelace', emails: [{ value: `${userName}@private.example` }] });

it('tells of writes after their commit, in both directions, and names nobody', async () => {
  const heard = hear('user-provisioning.operation');
  const { body } = await post('ada');
  await eventually(async () => heard, (events) => events.length >= 2);
  const told = { objectType: 'User', objectId: body.id, operation: 'create', outcome: 'success', errorCode: null, runId: null, at: expect.any(String), correlationId: expect.any(String) };
  expect(heard).toEqual([
    { ...told, connectionId: idp.connection.id, trigger: 'inbound-request' },
    { ...told, connectionId: outbound.id, trigger: 'real-time' },
  ]);
  expect(JSON.stringify(heard)).not.toMatch(/ada|lovelace|private/i);
});

it('tells of what failed under another name, and of nothing that was read', async () => {
  const [done, failed] = [hear('user-provisioning.operation'), hear('user-provisioning.operation.failed')];
  expect((await post('ada')).status).toBe(409);
  await idp.scim('GET', '/Users');
  await eventually(async () => failed, (events) => events.length > 0);
  expect(failed).toEqual([expect.objectContaining({ connectionId: idp.connection.id, operation: 'create', outcome: 'refused', objectId: null, errorCode: 'uniqueness' })]);
  expect(done).toEqual([]);
});

it('a listener that writes a user is no part of the connection: its write is sent back there', async () => {
  const back = await startTargetApp();
  const { connection } = await createConnection(booted, { name: 'Back', direction: 'outbound', population: 'end-users', system: idp.connection.system, baseUrl: back.baseUrl, bearerToken: back.token });
  const users = booted.strapi.plugin('users-permissions').service('user');
  let done = false;
  booted.strapi.eventHub.on('user-provisioning.operation', async (event: { connectionId: number }) => {
    if (done || event.connectionId !== idp.connection.id) return;
    done = true;
    expect(booted.strapi.db.inTransaction()).toBe(false);
    await users.add({ username: 'made-by-listener', email: 'made@x.example', provider: 'local' });
  });
  await post('bea');
  await eventually(() => back.users(), (all) => all.some(({ userName }) => userName === 'made-by-listener'));
  await adminApi(booted, 'delete', `/connections/${connection.id}`);
  await back.stop();
});

it('webhooks of Strapi may be told, and are', async () => {
  const { port } = receiver.address() as AddressInfo;
  const webhook = { name: 'Ours', url: `http://127.0.0.1:${port}/hook`, headers: {}, events: ['user-provisioning.operation', 'user-provisioning.maintenance'] };
  const made = await booted.http.post('/admin/webhooks').set('Authorization', `Bearer ${await booted.adminToken()}`).send(webhook);
  expect(made.status).toBe(201);
  const { body } = await post('cleo');
  await eventually(async () => received, (all) => all.some(({ body: sent }) => sent.objectId === body.id));
  const [first] = received;
  expect(first?.headers['x-strapi-event']).toBe('user-provisioning.operation');
  expect(first?.body).toMatchObject({ event: 'user-provisioning.operation', operation: 'create', outcome: 'success', connectionId: idp.connection.id, objectId: body.id });
  const unknown = await booted.http.post('/admin/webhooks').set('Authorization', `Bearer ${await booted.adminToken()}`).send({ ...webhook, events: ['user-provisioning.nonsense'] });
  expect(unknown.status).toBe(400);
});

it('answers status and connections, without a secret', async () => {
  expect(await service.status()).toMatchObject({ encryptionReady: true, maintenance: { paused: false }, connections: { total: 2, enabled: 2 } });
  const connections = await service.connections();
  expect(connections[1]).toEqual({ id: outbound.id, key: outbound.key, name: 'Wiki', direction: 'outbound', population: 'end-users', system: expect.any(String), enabled: true, review: null });
  expect(JSON.stringify(connections)).not.toContain(target.token);
});

it('provisions one user by either id, with its transaction', async () => {
  const { strapi } = booted;
  const account = await strapi.plugin('users-permissions').service('user').add({ username: 'dan', email: 'dan@x.example', provider: 'local' });
  const found = await eventually(() => target.users(), (all) => all.some(({ userName }) => userName === 'dan'));
  const { id } = found.find(({ userName }) => userName === 'dan') ?? { id: '' };
  await target.request('DELETE', `/Users/${id}`);
  const links = strapi.db.connection('provisioning_links').where({ connection_id: outbound.id, remote_id: id });
  // The application has the user before we have noted that it does.
  const [{ local_id: scimId }] = await eventually(async () => links.clone(), (rows) => rows.length === 1);
  const markers = async () => strapi.db.connection('provisioning_outbox').where({ object_id: scimId });
  await eventually(markers, (rows) => rows.length === 0);
  await links.clone().delete();
  await strapi.db.transaction(async () => {
    await service.provision({ connection: outbound.key, user: scimId });
    throw new Error('undone');
  }).catch(() => undefined);
  expect(await markers()).toEqual([]);
  expect(await service.provision({ connection: outbound.key, user: account.id })).toEqual({ userId: scimId });
  await eventually(() => target.users(), (all) => all.some(({ userName }) => userName === 'dan'));
});

it('plans, tells that a plan waits, applies exactly it, and tells the end', async () => {
  const [started, waiting, finished] = [hear('user-provisioning.run.started'), hear('user-provisioning.run.waiting'), hear('user-provisioning.run.finished')];
  await booted.strapi.db.connection('provisioning_links').where({ connection_id: outbound.id }).delete();
  const { id } = await service.plan({ connection: outbound.key });
  const planned = await eventually(() => service.run(id), (run) => run?.state === 'waiting');
  expect([planned?.dryRun, planned?.counts.planned.create, (planned?.counts.planned.link ?? 0) > 0]).toEqual([true, 0, true]);
  expect((await service.apply({ run: id, actor: 'Nightly script' })).approvedBy).toBe('Nightly script');
  await eventually(() => service.run(id), (run) => run?.state === 'done');
  await eventually(async () => finished, (events) => events.length > 0);
  expect([started, waiting, finished].map((events) => events.map(({ runId, state }) => [runId, state]))).toEqual([[[id, 'planning']], [[id, 'waiting']], [[id, 'done']]]);
  await expect(service.apply({ run: id })).rejects.toThrow('done');
  expect(await service.run(4_711)).toBeNull();
});

it('a connection that waits for a look makes a plan of whatever is started, and goes on once it is approved', async () => {
  await adminApi(booted, 'put', `/connections/${outbound.id}/review`, { required: true });
  const refused = await adminApi(booted, 'post', `/connections/${outbound.id}/provision`, { userId: (await post('eva')).body.id });
  expect([refused.status, refused.error.message]).toEqual([409, expect.stringContaining('approve a plan')]);
  const { data } = await adminApi<RunInfo>(booted, 'post', `/connections/${outbound.id}/runs`, {});
  await eventually(() => service.run(data.id), (run) => run?.state === 'waiting');
  expect((await target.users()).some(({ userName }) => userName === 'eva')).toBe(false);
  await service.apply({ run: data.id });
  await eventually(() => target.users(), (all) => all.some(({ userName }) => userName === 'eva'));
  expect((await service.connections()).find(({ id }) => id === outbound.id)?.review).toBeNull();
});

it.each<[string, () => Promise<unknown>, string]>([
  ['no such connection', () => service.provision({ connection: 'nowhere', user: 1 }), 'no connection with the key nowhere'],
  ['an inbound connection', () => service.provision({ connection: idp.connection.id, user: 1 }), 'inbound connection'],
  ['no such user', () => service.provision({ connection: outbound.id, user: 4_711 }), 'no user with the id 4711'],
])('refuses %s in a sentence', async (_what, call, sentence) => {
  await expect(call()).rejects.toThrow(sentence);
});

it('pauses and resumes the site', async () => {
  expect(await service.pause('Moving')).toMatchObject({ paused: true, reason: 'Moving' });
  expect((await idp.scim('GET', '/Users')).status).toBe(503);
  await service.resume();
  expect((await idp.scim('GET', '/Users')).status).toBe(200);
});
