import { bootStrapi, SUPER_ADMIN, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operations, type Inbound } from '../helpers/connections';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { RoleInfo } from '../../server/src/contracts/connection';

let booted: BootedStrapi;
let idp: Inbound;
let target: TargetApp;
let roles: RoleInfo[];

const roleId = (name: string): number => roles.find((role) => role.name === name)?.id ?? 0;
const account = (email: string) => booted.strapi.db.query('admin::user').findOne({ where: { email }, populate: ['roles'] });
const rolesOf = async (email: string): Promise<string[]> => (await account(email)).roles.map((role: { name: string }) => role.name).sort();

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  roles = (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users')).data;
  idp = await createInbound(booted, {
    population: 'admin-users',
    roleMappings: [
      { groupName: 'Editors', roleId: roleId('Editor'), priority: 1 },
      { groupName: 'Authors', roleId: roleId('Author'), priority: 1 },
    ],
  });
  await createConnection(booted, { name: 'App', direction: 'outbound', population: 'admin-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token });
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

it('provisions an editor without password, with roles by group, and sends them on', async () => {
  const created = await idp.scim('POST', '/Users', {
    userName: 'eda@example.com', externalId: 'e1', name: { givenName: 'Eda', familyName: 'Editor' }, active: true,
  });
  expect(created.status).toBe(201);
  expect(await account('eda@example.com')).toMatchObject({ firstname: 'Eda', lastname: 'Editor', isActive: true, password: null, registrationToken: null });
  expect(await rolesOf('eda@example.com')).toEqual([]);
  const editors = (await idp.scim('POST', '/Groups', { displayName: 'editors', members: [{ value: created.body.id }] })).body.id;
  const authors = (await idp.scim('POST', '/Groups', { displayName: 'Authors', members: [{ value: created.body.id }] })).body.id;
  expect(await rolesOf('eda@example.com')).toEqual(['Author', 'Editor']);
  await idp.scim('DELETE', `/Groups/${editors}`);
  expect(await rolesOf('eda@example.com')).toEqual(['Author']);
  await idp.scim('DELETE', `/Groups/${authors}`);
  expect(await rolesOf('eda@example.com')).toEqual([]);
  await eventually(() => target.users(), (users) => users.some((user) => user.userName === 'eda@example.com'));

  await idp.scim('PATCH', `/Users/${created.body.id}`, { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] });
  expect(await account('eda@example.com')).toMatchObject({ isActive: false });
  expect((await idp.scim('DELETE', `/Users/${created.body.id}`)).status).toBe(204);
  expect(await account('eda@example.com')).toBeNull();
  await eventually(() => target.users(), (users) => !users.some((user) => user.userName === 'eda@example.com'));
});

it('never touches a super admin, and says so in the log', async () => {
  const found = await idp.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${SUPER_ADMIN.email}"`)}`);
  const id = found.body.Resources?.[0]?.id;
  expect(id).toBeDefined();
  for (const answer of [
    await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }),
    await idp.scim('PUT', `/Users/${id}`, { userName: SUPER_ADMIN.email, active: false }),
    await idp.scim('DELETE', `/Users/${id}`),
  ]) {
    expect(answer.status).toBe(403);
  }
  expect(await account(SUPER_ADMIN.email)).toMatchObject({ isActive: true });
  expect((await operations(booted, '&outcome=refused')).length).toBeGreaterThanOrEqual(3);
});

it('no group grants the super-admin role', async () => {
  const answer = await adminApi(booted, 'put', `/connections/${idp.connection.id}`, {
    roleMappings: [{ groupName: 'Bosses', roleId: roleId('Super Admin'), priority: 1 }],
  });
  expect(answer.status).toBe(400);
  // Even if the table says so by other means.
  await booted.strapi.db.connection('provisioning_connections').where({ id: idp.connection.id })
    .update({ role_mappings: JSON.stringify([{ groupName: 'Bosses', roleId: roleId('Super Admin'), priority: 1 }]) });
  await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { name: 'Renamed, which rereads it' });
  const user = await idp.scim('POST', '/Users', { userName: 'eve@example.com' });
  await idp.scim('POST', '/Groups', { displayName: 'Bosses', members: [{ value: user.body.id }] });
  expect(await rolesOf('eve@example.com')).toEqual([]);
  const refused = await operations(booted, '&search=eve@example.com&outcome=refused');
  expect(refused[0]).toMatchObject({ operation: 'role-grant', errorCode: 'protected' });
});

it('an admin user that existed before is not taken over without a person’s word', async () => {
  await booted.strapi.service('admin::user').create({ firstname: 'Old', lastname: 'Hand', email: 'old@example.com', isActive: true, roles: [roleId('Author')] });
  const found = await idp.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "old@example.com"')}`);
  const answer = await idp.scim('PATCH', `/Users/${found.body.Resources?.[0]?.id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
  expect(answer.status).toBe(403);
  expect(await account('old@example.com')).toMatchObject({ isActive: true });
});

it('deactivation ends the sessions of an admin at once', async () => {
  const created = await idp.scim('POST', '/Users', { userName: 'sam@example.com' });
  const row = await account('sam@example.com');
  await booted.strapi.service('admin::user').updateById(row.id, { password: 'Test-Sam-12345' });
  const login = await booted.http.post('/admin/login').send({ email: 'sam@example.com', password: 'Test-Sam-12345' });
  expect(login.status).toBe(200);
  const sessions = () => booted.strapi.db.query('admin::session').count({ where: { userId: String(row.id) } });
  expect(await sessions()).toBeGreaterThan(0);
  await idp.scim('PATCH', `/Users/${created.body.id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
  expect(await sessions()).toBe(0);
  expect((await booted.http.post('/admin/login').send({ email: 'sam@example.com', password: 'Test-Sam-12345' })).status).toBe(400);
});
