/** Accounts that provisioning keeps away from: super admins, break-glass accounts, and the last super admin of all. */
import { bootStrapi, SUPER_ADMIN, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createInbound, operations, type Inbound } from '../helpers/connections';
import type { ConnectionInput, RoleInfo } from '../../server/src/contracts/connection';

const BREAK_GLASS = { admin: 'Glass@Example.com', endUser: 'break-glass' };

let booted: BootedStrapi;
let superRole: number;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { breakGlassAccounts: Object.values(BREAK_GLASS) } } } } });
  const roles = (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users')).data;
  superRole = roles.find((role) => role.protected)?.id ?? 0;
  await booted.strapi.service('admin::user').create({ firstname: 'Glass', lastname: 'Breaker', email: BREAK_GLASS.admin.toLowerCase(), isActive: true, roles: [] });
  await booted.strapi.plugin('users-permissions').service('user').add({ username: BREAK_GLASS.endUser, email: 'hidden-address@example.com', provider: 'local', confirmed: true });
});
afterAll(() => booted.stop());

const admins = (input: Partial<ConnectionInput> = {}): Promise<Inbound> => createInbound(booted, { population: 'admin-users', ...input });
const managers = (): Promise<Inbound> =>
  admins({ name: 'Managers', policies: { allowSuperAdmin: true }, roleMappings: [{ groupName: 'Bosses', roleId: superRole, priority: 1 }] });

const find = async (idp: Inbound, filter: string) => (await idp.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.Resources ?? [];
const idOf = async (idp: Inbound, userName: string): Promise<string> => (await find(idp, `userName eq "${userName}"`))[0]?.id ?? '';
const account = (email: string) => booted.strapi.db.query('admin::user').findOne({ where: { email }, populate: ['roles'] });
const isSuper = async (email: string): Promise<boolean> => (await account(email)).roles.some((role: { id: number }) => role.id === superRole);
const deactivate = (idp: Inbound, id: string) => idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });

describe.each([
  ['a super admin', () => admins(), SUPER_ADMIN.email, 'name.givenName eq "Root"', 'emails.value pr'],
  ['a break-glass admin', () => admins(), BREAK_GLASS.admin.toLowerCase(), 'name.familyName eq "Breaker"', 'emails eq "glass@example.com"'],
  ['a break-glass end user', () => createInbound(booted), BREAK_GLASS.endUser, 'emails.value eq "hidden-address@example.com"', 'active pr'],
])('%s', (_who, connect, userName, ...leaks) => {
  it('is shown by id and name only, wherever it is read', async () => {
    const idp = await connect();
    const id = await idOf(idp, userName);
    const names = ['schemas', 'id', 'userName', 'meta'].sort();
    const read = await idp.scim('GET', `/Users/${id}`);
    expect(Object.keys(read.body).sort()).toEqual(names);
    expect(read.body).toMatchObject({ id, userName });
    const listed = (await idp.scim('GET', '/Users')).body.Resources?.find((user) => user.id === id) ?? {};
    expect(Object.keys(listed).sort()).toEqual(names);
    for (const filter of leaks) expect((await find(idp, filter)).some((user) => user.id === id)).toBe(false);
  });

  it('is not changed by PUT, PATCH, DELETE or a group', async () => {
    const idp = await connect();
    const id = await idOf(idp, userName);
    const answers = [
      await idp.scim('PUT', `/Users/${id}`, { userName, active: false }),
      await deactivate(idp, id),
      await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'userName', value: userName }] }),
      await idp.scim('DELETE', `/Users/${id}`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403, 403]);
    expect(answers[0]?.body.detail).toMatch(/\.$/);
    expect((await idp.scim('GET', `/Users/${id}`)).status).toBe(200);
  });
});

it('a super admin whom a group made is managed by that connection, and by no other', async () => {
  const [idp, other] = [await managers(), await admins()];
  const boss = await idp.scim('POST', '/Users', { userName: 'boss@example.com', title: 'Boss' });
  const group = (await idp.scim('POST', '/Groups', { displayName: 'bosses', members: [{ value: boss.body.id }] })).body;
  expect(await isSuper('boss@example.com')).toBe(true);
  expect((await idp.scim('GET', `/Users/${boss.body.id}`)).body).toMatchObject({ title: 'Boss', active: true });
  expect(Object.keys((await other.scim('GET', `/Users/${boss.body.id}`)).body)).not.toContain('active');
  expect((await deactivate(other, boss.body.id)).status).toBe(403);
  expect((await idp.scim('PATCH', `/Users/${boss.body.id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Chief' }] })).status).toBe(200);
  await idp.scim('PATCH', `/Groups/${group.id}`, { Operations: [{ op: 'remove', path: 'members' }] });
  expect(await isSuper('boss@example.com')).toBe(false);
  expect((await deactivate(idp, boss.body.id)).status).toBe(200);
});

it('a super admin made by hand stays out of reach of groups that give the role', async () => {
  const idp = await managers();
  const id = await idOf(idp, SUPER_ADMIN.email);
  const group = (await idp.scim('POST', '/Groups', { displayName: 'Bosses', members: [{ value: id }] })).body;
  expect((await deactivate(idp, id)).status).toBe(403);
  await idp.scim('DELETE', `/Groups/${group.id}`);
  expect(await isSuper(SUPER_ADMIN.email)).toBe(true);
});

it('without the switch no group gives the role, and the switch does not carry over to another connection', async () => {
  expect((await adminApi(booted, 'post', '/connections', {
    name: 'Sly', direction: 'inbound', population: 'admin-users', roleMappings: [{ groupName: 'Bosses', roleId: superRole, priority: 1 }],
  })).status).toBe(400);
  const [idp, open] = [await admins(), await managers()];
  await booted.strapi.db.connection('provisioning_connections').where({ id: idp.connection.id })
    .update({ role_mappings: JSON.stringify([{ groupName: 'Bosses', roleId: superRole, priority: 1 }]) });
  await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { name: 'Read again' });
  const user = (await idp.scim('POST', '/Users', { userName: 'sly@example.com' })).body;
  await idp.scim('POST', '/Groups', { displayName: 'Bosses', members: [{ value: user.id }] });
  // Another connection that may give the role settles the same person.
  await open.scim('POST', '/Groups', { displayName: 'Nobody in particular', members: [{ value: user.id }] });
  expect(await isSuper('sly@example.com')).toBe(false);
  expect((await operations(booted, '&search=sly@example.com&outcome=refused')).length).toBeGreaterThan(0);
});

describe('the last active super admin', () => {
  const park = (isActive: boolean) => booted.strapi.db.query('admin::user').update({ where: { email: SUPER_ADMIN.email }, data: { isActive } });
  afterEach(() => park(true));

  it('is neither deactivated, deleted nor relieved of the role', async () => {
    const idp = await managers();
    const [one, two] = [await idp.scim('POST', '/Users', { userName: 'one@example.com' }), await idp.scim('POST', '/Users', { userName: 'two@example.com' })];
    const group = (await idp.scim('POST', '/Groups', { displayName: 'Bosses', members: [{ value: one.body.id }, { value: two.body.id }] })).body;
    const token = await booted.adminToken();
    await park(false);
    const answers = await Promise.all([deactivate(idp, one.body.id), deactivate(idp, two.body.id)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 403]);
    const [last, email] = answers[0]?.status === 403 ? [one.body.id, 'one@example.com'] : [two.body.id, 'two@example.com'];
    expect((await account(email)).isActive).toBe(true);
    expect((await idp.scim('DELETE', `/Users/${last}`)).status).toBe(403);
    // The membership ends, the role of that one person stays, and the log says so.
    expect((await idp.scim('PATCH', `/Groups/${group.id}`, { Operations: [{ op: 'remove', path: 'members' }] })).status).toBe(204);
    expect((await idp.scim('GET', `/Groups/${group.id}`)).body.members ?? []).toEqual([]);
    expect(await isSuper(email)).toBe(true);
    await park(true);
    expect(token).not.toBe('');
    const refused = await operations(booted, `&search=${email}&outcome=refused&operation=role-revoke`);
    expect(refused[0]).toMatchObject({ errorCode: 'protected', message: expect.stringContaining('last active super admin') });
  });
});

describe('an admin user that existed before', () => {
  const approve = (idp: Inbound, body: object) => adminApi<{ id: string }>(booted, 'post', `/connections/${idp.connection.id}/links`, body);

  it('is managed once a super admin said so, and the log tells it', async () => {
    const idp = await admins();
    const { id: accountId } = await booted.strapi.service('admin::user').create({ firstname: 'Old', lastname: 'Hand', email: 'old-hand@example.com', isActive: true, roles: [] });
    const id = await idOf(idp, 'old-hand@example.com');
    expect((await deactivate(idp, id)).status).toBe(403);
    expect((await approve(idp, { accountId })).data).toEqual({ id, userName: 'old-hand@example.com' });
    const [row] = await operations(booted, `&search=${id}&operation=link`);
    expect(row).toMatchObject({ outcome: 'success', trigger: 'on-demand' });
    expect((await deactivate(idp, id)).status).toBe(200);
    expect((await account('old-hand@example.com')).isActive).toBe(false);
    const other = await admins();
    expect((await approve(other, { userName: 'old-hand@example.com' })).status).toBe(400);
  });

  it('is not linked where it is protected, unknown, or nobody is named', async () => {
    const idp = await admins();
    expect((await approve(idp, { userName: SUPER_ADMIN.email })).status).toBe(400);
    expect((await approve(idp, { userName: 'nobody@example.com' })).status).toBe(404);
    expect((await approve(idp, {})).status).toBe(400);
    expect((await approve(idp, { userName: 'x', accountId: 1 })).status).toBe(400);
  });
});
