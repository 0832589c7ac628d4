import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operationDetail, idle, operations } from '../helpers/connections';
import { startTargetApp, type TargetApp, type TargetUser } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { ConnectionInfo } from '../../server/src/contracts/connection';

const UID = 'plugin::users-permissions.user';

let booted: BootedStrapi;
let target: TargetApp;
let outbound: ConnectionInfo;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  outbound = (
    await createConnection(booted, {
      name: 'The application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token,
    })
  ).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const users = () => booted.strapi.plugin('users-permissions').service('user');
const named = (name: string) => async (): Promise<TargetUser[]> => (await target.users()).filter((user) => user.userName === name);
/** Until nothing waits: afterwards what is not at the target was decided not to go there. */
const settled = () => idle(booted, outbound.id);

it('test connection says what was tried', async () => {
  const { data } = await adminApi<{ ok: boolean; steps: { ok: boolean }[] }>(booted, 'post', `/connections/${outbound.id}/test`);
  expect(data.ok).toBe(true);
});

it('creates, updates, deactivates and deletes at the application as Strapi changes', async () => {
  const made = await users().add({ username: 'walker', email: 'walker@example.com', provider: 'local' });
  const [created] = await eventually(named('walker'), (found) => found.length === 1);
  expect(created).toMatchObject({ active: true, emails: [expect.objectContaining({ value: 'walker@example.com' })] });

  await users().edit(made.id, { email: 'walker@example.org' });
  await eventually(named('walker'), ([user]) => JSON.stringify(user?.emails).includes('walker@example.org'));
  await booted.strapi.db.query(UID).update({ where: { id: made.id }, data: { blocked: true } });
  await eventually(named('walker'), ([user]) => user?.active === false);
  await users().remove({ id: made.id });
  await eventually(named('walker'), (found) => found.length === 0);

  await settled();
  const rows = await operations(booted, '&search=walker');
  expect(rows.map((row) => [row.operation, row.outcome])).toEqual([
    ['delete', 'success'], ['deactivate', 'success'], ['update', 'success'], ['create', 'success'],
  ]);
  const detail = await operationDetail(booted, rows[2]?.id ?? 0);
  expect(detail.http).toMatchObject({ method: 'PATCH', status: expect.any(Number) });
  expect(JSON.stringify(detail)).not.toContain(target.token);
});

it('sees bulk and raw changes by the sweep', async () => {
  await users().add({ username: 'raw-1', email: 'raw-1@example.com', provider: 'local' });
  await eventually(named('raw-1'), (found) => found.length === 1);
  await booted.strapi.db.query(UID).updateMany({ where: { username: 'raw-1' }, data: { blocked: true } });
  await eventually(named('raw-1'), ([user]) => user?.active === false);
  await booted.strapi.db.query(UID).deleteMany({ where: { username: 'raw-1' } });
  await eventually(named('raw-1'), (found) => found.length === 0);
});

it('links a person the application already has instead of making a second one', async () => {
  await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'was-there', active: true });
  await users().add({ username: 'was-there', email: 'was-there@example.com', provider: 'local' });
  await settled();
  const found = await named('was-there')();
  expect(found).toHaveLength(1);
  expect(JSON.stringify(found[0]?.emails)).toContain('was-there@example.com');
});

it('an unchanged user costs no request', async () => {
  await settled();
  const before = (await operations(booted)).length;
  const queued = await adminApi<{ queued: number }>(booted, 'post', `/connections/${outbound.id}/provision-all`);
  expect(queued.data.queued).toBeGreaterThan(0);
  await settled();
  expect((await operations(booted)).length).toBe(before);
});

it('does not send a change back to the system that made it, but on to others', async () => {
  const idp = await createInbound(booted, { name: 'App as IdP', system: 'app' });
  const created = await idp.scim('POST', '/Users', { userName: 'echo', externalId: 'app-1', emails: [{ value: 'echo@example.com' }] });
  await settled();
  expect(await named('echo')()).toEqual([]);
  const other = await createInbound(booted, { name: 'Other IdP', system: 'other' });
  await other.scim('POST', '/Users', { userName: 'no-echo', name: { givenName: 'No' } });
  const [sent] = await eventually(named('no-echo'), (found) => found.length === 1);
  expect(sent?.name).toMatchObject({ givenName: 'No' });
  await idp.scim('DELETE', `/Users/${created.body.id}`);
  await settled();
});

it('a refused token waits, and is delivered once the token is right', async () => {
  await adminApi(booted, 'put', `/connections/${outbound.id}`, { bearerToken: 'wrong' });
  await users().add({ username: 'patient', email: 'patient@example.com', provider: 'local' });
  const failed = await eventually(() => operations(booted, '&search=patient&outcome=failed'), (rows) => rows.length > 0);
  expect(failed[0]?.errorCode).toBe('target-auth');
  await adminApi(booted, 'put', `/connections/${outbound.id}`, { bearerToken: target.token });
  await eventually(named('patient'), (found) => found.length === 1);
});
