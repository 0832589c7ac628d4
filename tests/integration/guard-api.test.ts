/** The limits of a connection, as the admin API takes and shows them. */
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';
import { DEFAULT_GUARD } from '../../server/src/domain/guard/limits';
import { adminApi, createInbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
beforeAll(async () => {
  booted = await bootStrapi();
});
afterAll(() => booted.stop());

const update = (id: number, guard: object) => adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { guard });

it('are there from the start, and what is left out keeps its value', async () => {
  const { connection } = await createInbound(booted, { guard: {} });
  expect(connection.guard).toEqual(DEFAULT_GUARD);
  const changed = await update(connection.id, { limits: { delete: { count: 0, percent: null } } });
  expect(changed.data.guard.limits).toEqual({ ...DEFAULT_GUARD.limits, delete: { count: 0, percent: null } });
  expect((await update(connection.id, { freeFirstLoad: false })).data.guard).toEqual({ limits: changed.data.guard.limits, freeFirstLoad: false });
  const made = await adminApi<ConnectionWithToken>(booted, 'post', '/connections', { name: 'Own', direction: 'inbound', population: 'end-users', guard: { limits: { create: { count: 1, percent: 1 } } } });
  expect(made.data.connection.guard.limits.create).toEqual({ count: 1, percent: 1 });
});

it.each([
  [{ limits: { remove: { count: 1, percent: 1 } } }, 'guard.limits'],
  [{ limits: { delete: { count: -1, percent: null } } }, 'guard.limits.delete.count'],
  [{ limits: { delete: { count: 1, percent: 101 } } }, 'guard.limits.delete.percent'],
  [{ limits: { delete: { count: 1 } } }, 'guard.limits.delete.percent'],
  [{ freeFirstLoad: 'yes' }, 'guard.freeFirstLoad'],
])('%j is refused naming %s, and changes nothing', async (guard, field) => {
  const { connection } = await createInbound(booted, { guard: {} });
  const answer = await update(connection.id, guard);
  expect([answer.status, answer.error.details.errors?.map(({ path }) => path.join('.'))]).toEqual([400, [field]]);
  expect((await adminApi<ConnectionInfo>(booted, 'get', `/connections/${connection.id}`)).data.guard).toEqual(DEFAULT_GUARD);
});
