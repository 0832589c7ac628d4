/** People whom a provider asked for and may not take over: who waits for a person's word, and what it changes. */
import type { PendingApprovals, RoleInfo } from '../../server/src/contracts/connection';
import { adminApi, createConnection, createInbound, operations, type Inbound } from '../helpers/connections';
import { bootStrapi, SUPER_ADMIN, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
beforeAll(async () => {
  booted = await bootStrapi();
});
afterAll(() => booted.stop());

let names = 0;
const newAdmin = async (fields: object = {}): Promise<{ accountId: number; email: string }> => {
  const email = `admin-${(names += 1)}@example.com`;
  const { id } = await booted.strapi.service('admin::user').create({ firstname: 'Old', lastname: `Hand${names}`, email, isActive: true, roles: [], ...fields });
  return { accountId: id, email };
};
const find = async (idp: Inbound, filter: string) => (await idp.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.Resources ?? [];
const idOf = async (idp: Inbound, userName: string): Promise<string> => (await find(idp, `userName eq "${userName}"`))[0]?.id ?? '';
const title = (idp: Inbound, id: string) => idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Editor' }] });
const waiting = async ({ connection }: Inbound): Promise<PendingApprovals> => (await adminApi<PendingApprovals>(booted, 'get', `/connections/${connection.id}/approvals`)).data;
const approve = ({ connection }: Inbound, body: object) => adminApi<{ id: string; userName: string }>(booted, 'post', `/connections/${connection.id}/links`, body);

it('tells who was refused, by what and since when, until somebody approves', async () => {
  const idp = await createInbound(booted, { population: 'admin-users' });
  expect(await waiting(idp)).toEqual({ people: [], more: false, mayApprove: true });
  const { accountId, email } = await newAdmin();
  const id = await idOf(idp, email);
  expect([(await title(idp, id)).status, (await title(idp, id)).status]).toEqual([403, 403]);
  const [first] = (await operations(booted, `&search=${id}&outcome=refused`)).slice(-1);
  const { people } = await waiting(idp);
  expect(people).toEqual([{ accountId, id, userName: email, email, attempt: 'update', attempts: 2, since: first?.at, lastAt: expect.any(String), obstacle: null }]);
  expect((await approve(idp, { accountId })).data).toEqual({ id, userName: email });
  expect((await waiting(idp)).people).toEqual([]);
  expect((await title(idp, id)).status).toBe(200);
});

it('somebody whom the provider cannot see and wanted to create; afterwards it finds them by all they are', async () => {
  const idp = await createInbound(booted, { population: 'admin-users', policies: { visibility: 'provisioned' } });
  const { accountId, email } = await newAdmin();
  expect((await idp.scim('POST', '/Users', { userName: email })).status).toBe(409);
  expect((await waiting(idp)).people).toMatchObject([{ accountId, userName: email, attempt: 'create' }]);
  const { id } = (await approve(idp, { accountId })).data;
  for (const filter of [`userName eq "${email}"`, `emails.value eq "${email}"`, `name.familyName eq "Hand${names}"`]) {
    expect([filter, (await find(idp, filter)).map((user) => user.id)]).toEqual([filter, [id]]);
  }
  expect((await title(idp, id)).status).toBe(200);
  expect((await find(idp, 'title eq "Editor"')).map((user) => user.id)).toEqual([id]);
});

it('a member of a group that gives a role has it once approved', async () => {
  const editor = (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users')).data.find((role) => !role.protected);
  const idp = await createInbound(booted, { population: 'admin-users', roleMappings: [{ groupName: 'Editors', roleId: editor?.id ?? 0, priority: 1 }] });
  const { accountId, email } = await newAdmin();
  await idp.scim('POST', '/Groups', { displayName: 'Editors', members: [{ value: await idOf(idp, email) }] });
  const rolesOf = async (): Promise<number[]> =>
    (await booted.strapi.db.query('admin::user').findOne({ where: { id: accountId }, populate: ['roles'] })).roles.map((role: { id: number }) => role.id);
  expect((await waiting(idp)).people).toMatchObject([{ accountId, attempt: 'group' }]);
  expect(await rolesOf()).toEqual([]);
  expect((await approve(idp, { accountId })).status).toBe(201);
  expect(await rolesOf()).toEqual([editor?.id]);
  expect(await operations(booted, `&search=${email}&operation=role-grant&outcome=success`)).toHaveLength(1);
});

it('of end users those whom no join rule matches', async () => {
  const idp = await createInbound(booted, { policies: { joinBy: [] } });
  await booted.strapi.plugin('users-permissions').service('user').add({ username: 'old.timer', email: 'old.timer@example.com', provider: 'local', confirmed: true });
  const id = await idOf(idp, 'old.timer');
  expect((await idp.scim('PUT', `/Users/${id}`, { userName: 'old.timer' })).status).toBe(403);
  expect((await waiting(idp)).people).toMatchObject([{ id, userName: 'old.timer', email: 'old.timer@example.com', attempt: 'update' }]);
  expect((await approve(idp, { userName: 'old.timer' })).status).toBe(201);
  expect((await idp.scim('PUT', `/Users/${id}`, { userName: 'old.timer' })).status).toBe(200);
});

it('says of protected accounts why nobody can approve them', async () => {
  const idp = await createInbound(booted, { population: 'admin-users' });
  await title(idp, await idOf(idp, SUPER_ADMIN.email));
  const [person] = (await waiting(idp)).people;
  expect(person).toMatchObject({ userName: SUPER_ADMIN.email, obstacle: expect.stringMatching(/super admin.*\.$/) });
  const refused = await approve(idp, { accountId: person?.accountId });
  expect([refused.status, refused.error.message]).toEqual([400, person?.obstacle]);
});

it('leaves out who is gone, who is managed by another connection, and whom a provider wanted to delete', async () => {
  const [idp, other] = [await createInbound(booted, { population: 'admin-users' }), await createInbound(booted, { population: 'admin-users' })];
  const [gone, elsewhere, unwanted] = [await newAdmin(), await newAdmin(), await newAdmin()];
  for (const { email } of [gone, elsewhere]) await title(idp, await idOf(idp, email));
  expect((await idp.scim('DELETE', `/Users/${await idOf(idp, unwanted.email)}`)).status).toBe(403);
  expect((await waiting(idp)).people.map((person) => person.userName)).toEqual([elsewhere.email, gone.email]);
  await booted.strapi.service('admin::user').deleteById(gone.accountId);
  await approve(other, { accountId: elsewhere.accountId });
  expect((await waiting(idp)).people).toEqual([]);
  expect((await waiting(other)).people).toEqual([]);
});

it('is the log, so it needs the right to read it; approving needs a super admin, who is told so', async () => {
  const idp = await createInbound(booted, { population: 'admin-users' });
  const { accountId, email } = await newAdmin();
  await title(idp, await idOf(idp, email));
  const as = async (...rights: string[]) => {
    const role = await booted.strapi.service('admin::role').create({ name: rights.join(), description: '' });
    const permissions = rights.map((name) => ({ action: `plugin::user-provisioning.${name}`, subject: null, properties: {}, conditions: [] }));
    await booted.strapi.service('admin::role').assignPermissions(role.id, permissions);
    const person = await newAdmin({ password: 'Test-Approver-1', registrationToken: null, roles: [role.id] });
    const login = await booted.http.post('/admin/login').send({ email: person.email, password: 'Test-Approver-1' });
    return (method: 'get' | 'post', path: string, body?: object) =>
      booted.http[method](`/user-provisioning/connections/${idp.connection.id}${path}`).set('Authorization', `Bearer ${login.body.data.token}`).send(body);
  };
  expect((await (await as('connections.read', 'connections.update'))('get', '/approvals')).status).toBe(403);
  const editor = await as('logs.read', 'connections.update');
  const seen = await editor('get', '/approvals');
  expect(seen.body.data).toMatchObject({ people: [{ accountId }], mayApprove: false });
  const refused = await editor('post', '/links', { accountId });
  expect([refused.status, refused.body.error.message]).toEqual([403, 'Only a super admin can let a connection take over an account.']);
  expect((await waiting(idp)).people).toHaveLength(1);
});

it('there is none of outbound and unknown connections', async () => {
  const { connection } = await createConnection(booted, { name: 'App', direction: 'outbound', population: 'end-users', baseUrl: 'https://app.example/scim/v2' });
  for (const id of [connection.id, 9999]) expect((await adminApi(booted, 'get', `/connections/${id}/approvals`)).status).toBe(404);
});
