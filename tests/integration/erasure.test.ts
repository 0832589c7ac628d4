/** A person who is anonymised is nowhere any more: every text column of every table is looked through. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { RunInfo } from '../../server/src/contracts/run';
import { TABLES } from '../../server/src/models';
import { adminApi, createConnection, createInbound, idle, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const NEEDLES = ['ada.lovelace', 'lovelace', 'countess', 'emp-4711', '5550199'];

let booted: BootedStrapi;
let target: TargetApp;
let app: Server;
let idp: Inbound;
let outbound: ConnectionInfo;
let broken: ConnectionInfo;
/** How the second application fails. It quotes whomever it was told of. */
let mood: 'refuses' | 'down' = 'refuses';
let quotes = true;

beforeAll(async () => {
  app = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const isSearch = request.method === 'GET';
      const status = mood === 'down' ? 500 : isSearch ? 200 : 400;
      const answer = status === 200 ? { totalResults: 0, Resources: [] } : { detail: quotes ? `Cannot deal with Lovelace: ${isSearch ? decodeURIComponent(request.url ?? '') : body}` : 'Down.' };
      response.writeHead(status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  booted = await bootStrapi();
  target = await startTargetApp();
  const population = 'end-users' as const;
  idp = await createInbound(booted, { name: 'IdP', system: 'idp', population, policies: { onDelete: { action: 'anonymise', graceDays: 0 } } });
  outbound = (await createConnection(booted, { name: 'App', direction: 'outbound', population, system: 'app', baseUrl: target.baseUrl, bearerToken: target.token, outbound: { groups: { source: 'groups' } } })).connection;
  const baseUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}/scim/v2`;
  broken = (await createConnection(booted, { name: 'Broken', direction: 'outbound', population, system: 'broken', baseUrl, bearerToken: 't' })).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

const table = (name: string) => booted.strapi.db.connection(name);
const api = <T>(method: 'get' | 'post' | 'put', path: string, body?: unknown) => adminApi<T>(booted, method, path, body);
const run = async (body: object, ...states: string[]): Promise<RunInfo> => {
  const { data } = await api<RunInfo>('post', `/connections/${broken.id}/runs`, body);
  return eventually(async () => (await api<RunInfo>('get', `/runs/${data.id}`)).data, ({ state }) => states.includes(state));
};

/** Which table holds what of the person. */
async function traces(): Promise<string[]> {
  const found: string[] = [];
  for (const name of Object.values(TABLES)) {
    for (const row of (await table(name)) as Record<string, unknown>[]) {
      for (const [column, value] of Object.entries(row)) {
        const text = String(value).toLowerCase();
        for (const needle of NEEDLES) if (text.includes(needle)) found.push(`${name}.${column}: ${needle}`);
      }
    }
  }
  return [...new Set(found)].sort();
}

it('is in no table any more, whatever was told of the person before', async () => {
  const person = {
    schemas: [USER], userName: 'ada.lovelace@private.example', externalId: 'emp-4711', name: { givenName: 'Ada', familyName: 'Lovelace' }, displayName: 'Ada Lovelace',
    title: 'Countess', active: true, emails: [{ value: 'ada.lovelace@private.example', type: 'work', primary: true }], phoneNumbers: [{ value: '5550199', type: 'work' }],
  };
  const { id } = (await idp.scim('POST', '/Users', person)).body;
  await idp.scim('POST', '/Users', { ...person, externalId: undefined });
  await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Countess of Lovelace' }] });
  await idp.scim('POST', '/Groups', { displayName: 'Analysts', members: [{ value: id, display: 'Ada Lovelace' }] });
  await idle(booted, outbound.id);
  await eventually(() => table(TABLES.outbox).where({ connection_id: broken.id, state: 'failed' }), (rows) => rows.length > 0);
  // A run that ended, with an item that failed; a plan that waits; a person somebody looked at step by step.
  await run({}, 'done');
  const waiting = await run({ dryRun: true }, 'waiting');
  await api('post', `/connections/${broken.id}/provision`, { userId: id });
  // Held by a limit of pushed traffic.
  await api('put', `/connections/${idp.connection.id}`, { guard: { limits: { deactivate: { count: 0, percent: 0 } } } });
  expect((await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] })).status).toBe(503);
  // A run that could not be planned, because the application quotes the person and fails.
  mood = 'down';
  await api('post', `/connections/${broken.id}/failed/retry`, { all: true });
  await eventually(() => table(TABLES.targetHealth).where({ connection_id: broken.id }).first('reason'), (row) => String(row?.reason).includes('Lovelace'));
  await table(TABLES.runs).insert({ ...(await table(TABLES.runs).where({ id: waiting.id }).first()), id: waiting.id + 100, active_key: null, state: 'failed', detail: JSON.stringify({ reasons: ['Kept.', 'No “ada.lovelace@private.example”.'], verdicts: [] }) });
  // A plan of a pull that knew the person before they were here, with what the source said of them.
  const { id: itemId, ...item } = await table(TABLES.planItems).where({ run_id: waiting.id, object_id: id }).first();
  const image = { resource: { schemas: [USER], userName: 'ada.lovelace@private.example' }, readAt: 1 };
  await table(TABLES.planItems).insert({ ...item, id: itemId + 100, object_id: 'remote:emp-4711', remote_id: 'emp-4711', detail: JSON.stringify({ changes: [], risks: [], before: null, image }) });
  const before = await traces();
  for (const name of ['identities', 'links', 'operations', 'planItems', 'heldObjects', 'outbox', 'targetHealth', 'runs', 'signInNames', 'values'] as const) {
    expect(before.join()).toContain(TABLES[name]);
  }

  // What an application says of them afterwards would be its own knowledge.
  quotes = false;
  expect((await idp.scim('DELETE', `/Users/${id}`)).status).toBe(204);
  await idle(booted, outbound.id);
  // What was on its way meanwhile is caught by a second look, an hour later or after a restart.
  await table(TABLES.departures).whereNotNull('due_at').update({ due_at: 1 });
  const { database } = booted;
  await booted.stop({ keepDatabase: true });
  Object.assign(booted, await bootStrapi({ database }));
  await eventually(() => table(TABLES.departures).where('due_at', '<=', Date.now()), (rows) => rows.length === 0);
  expect(await traces()).toEqual([]);

  // What happened stays told.
  const items = await table(TABLES.planItems).where({ object_id: id });
  expect(items.map(({ state, kind }) => [state, kind])).toEqual(expect.arrayContaining([['failed', 'create'], ['stale', 'create']]));
  expect(JSON.parse(items[0].detail).changes).toContainEqual({ path: 'userName', before: null, after: '[erased]' });
  expect(JSON.parse((await table(TABLES.runs).where({ id: waiting.id + 100 }).first()).detail).reasons).toEqual(['Kept.', '[erased]']);
  // Only who comes back finds the account, by the id that the provider has for them.
  const back = await idp.scim('POST', '/Users', { schemas: [USER], userName: 'ada.lovelace@private.example', externalId: 'emp-4711' });
  expect(back.status).toBe(201);
  expect((await table(TABLES.identities).where({ scim_id: back.body.id }).first()).predecessor).toBe(id);
});
