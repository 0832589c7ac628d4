/** Schedules as an admin makes them, and that they fire in a real Strapi. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { ScheduleInfo, ScheduleInput, SchedulePreview } from '../../server/src/contracts/schedule';
import { TABLES } from '../../server/src/models';
import { adminApi, createConnection, createInbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

let booted: BootedStrapi;
let target: TargetApp;
let outbound: ConnectionInfo;
beforeAll(async () => {
  target = await startTargetApp();
  booted = await bootStrapi();
  outbound = (await createConnection(booted, { name: 'Wiki', direction: 'outbound', population: 'end-users', baseUrl: target.baseUrl, bearerToken: target.token })).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const api = <T>(method: 'get' | 'post' | 'put' | 'delete', path: string, body?: unknown) => adminApi<T>(booted, method, path, body);
const schedules = (id = outbound.id, path = ''): string => `/connections/${id}/schedules${path}`;
const daily: ScheduleInput = { timing: { kind: 'cron', expression: '30 2 * * *' }, timeZone: 'Europe/Berlin', cycle: 'full' };

it('are made, read, changed and removed, and say when they fire next', async () => {
  const made = await api<ScheduleInfo>('post', schedules(), { ...daily, jitterMinutes: 30 });
  expect([made.status, made.data]).toEqual([201, { ...daily, id: expect.any(Number), connectionId: outbound.id, enabled: true, jitterMinutes: 30, missed: 'run-once', next: expect.any(Array), last: [] }]);
  expect(made.data.next).toHaveLength(5);
  expect(made.data.next.map((time) => new Date(time).toISOString())).toEqual([...made.data.next].sort());
  expect((await api<ScheduleInfo[]>('get', schedules())).data).toEqual([made.data]);
  const changed = await api<ScheduleInfo>('put', schedules(outbound.id, `/${made.data.id}`), { timing: { kind: 'interval', every: 6, unit: 'hours' }, enabled: false, missed: 'skip' });
  expect([changed.status, changed.data]).toMatchObject([200, { timing: { kind: 'interval', every: 6, unit: 'hours' }, timeZone: 'UTC', cycle: 'incremental', enabled: false, missed: 'skip', next: [] }]);
  expect((await api('delete', schedules(outbound.id, `/${made.data.id}`))).status).toBe(200);
  expect((await api('delete', schedules(outbound.id, `/${made.data.id}`))).status).toBe(404);
  expect((await api('put', schedules(outbound.id, `/${made.data.id}`), daily)).status).toBe(404);
  expect((await api<ScheduleInfo[]>('get', schedules())).data).toEqual([]);
});

it.each<[object, string, string]>([
  [{ timing: { kind: 'cron', expression: '*/100 * * * *' } }, 'timing.expression', 'a step is at least 1 and less than 60'],
  [{ timing: { kind: 'cron', expression: '0 0 31 2 *' } }, 'timing.expression', 'never comes'],
  [{ timing: { kind: 'interval', every: 0, unit: 'hours' } }, 'timing.every', 'At least 1'],
  [{ timing: { kind: 'interval', every: 1, unit: 'weeks' } }, 'timing.unit', 'minutes, hours, days'],
  [{ timing: { kind: 'sometimes' } }, 'timing.kind', 'cron or interval'],
  [{ ...daily, timeZone: 'Mars/Olympus' }, 'timeZone', 'no time zone'],
  [{ ...daily, jitterMinutes: 721 }, 'jitterMinutes', '720'],
  [{ ...daily, cycle: 'half' }, 'cycle', 'incremental, full'],
])('%j is refused at %s', async (input, path, reason) => {
  for (const where of [schedules(), '/schedules/preview']) {
    const { status, error } = await api('post', where, input);
    expect([status, error.details.errors?.map((one) => one.path.join('.'))]).toEqual([400, [path]]);
    expect(error.message).toContain(reason);
  }
  expect((await api<ScheduleInfo[]>('get', schedules())).data).toEqual([]);
});

it('are previewed before they are saved', async () => {
  const { data } = await api<SchedulePreview>('post', '/schedules/preview', { timing: { kind: 'cron', expression: '0 12 1 1 *' }, timeZone: 'UTC' });
  const year = new Date().getUTCFullYear();
  expect(data.next).toHaveLength(5);
  expect(data.next[4]).toBe(`${Number(data.next[0]?.slice(0, 4) ?? year) + 4}-01-01T12:00:00.000Z`);
});

it('belong to connections that Strapi starts, and go with them', async () => {
  const { connection } = await createInbound(booted);
  const refused = await api('post', schedules(connection.id), daily);
  expect([refused.status, refused.error.message]).toEqual([400, expect.stringContaining('Set the schedule there')]);
  const other = (await createConnection(booted, { name: 'Gone', direction: 'outbound', population: 'end-users', baseUrl: target.baseUrl, bearerToken: target.token })).connection;
  await api('post', schedules(other.id), daily);
  await api('delete', `/connections/${other.id}`);
  expect(await booted.strapi.db.connection(TABLES.schedules).where({ connection_id: other.id })).toEqual([]);
});

it('fire: everybody is looked at, and the firing is told', async () => {
  const made = (await api<ScheduleInfo>('post', schedules(), { timing: { kind: 'interval', every: 1, unit: 'days' }, cycle: 'full' })).data;
  for (const username of ['ada', 'bob']) await booted.strapi.plugin('users-permissions').service('user').add({ username, email: `${username}@x.example`, provider: 'local' });
  const links = (): Promise<{ id: number }[]> => booted.strapi.db.connection(TABLES.links).where({ connection_id: outbound.id, state: 'linked' });
  const [lost] = await eventually(links, (found) => found.length === 2);
  // One tie was lost, and a day has passed since the schedule was saved. Without any it would be a first look, which waits.
  const day = 24 * 60 * 60_000;
  const knex = booted.strapi.db.connection;
  await knex(TABLES.links).where({ id: lost?.id }).delete();
  await knex(TABLES.schedules).where({ id: made.id }).update({ anchor: Date.now() - day - 60_000, handled_slot: Date.now() - day });
  const [told] = await eventually(async () => (await api<ScheduleInfo[]>('get', schedules())).data, ([schedule]) => schedule?.last[0]?.outcome === 'started');
  expect(told?.last).toHaveLength(1);
  // Looked at means: found again at the application.
  await eventually(links, (found) => found.length === 2, 90_000);
}, 120_000);
