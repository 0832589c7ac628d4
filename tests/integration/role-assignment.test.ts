/** Giving a role creates the account it stands for, taking it away ends it: however that is done in Strapi. */
import type { ConnectionInfo, RoleInfo } from '../../server/src/contracts/connection';
import type { Scope } from '../../server/src/contracts/scope';
import { adminApi, createConnection, createInbound, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const USER = 'plugin::users-permissions.user';
const ROLE = 'plugin::users-permissions.role';

let booted: BootedStrapi;
let target: TargetApp;
let idp: Inbound;
let editor: number;
let author: number;
let adminRoles: RoleInfo[];
let app: ConnectionInfo;
let count = 0;

const scopeOf = (attribute: string, value: number | string): Scope => ({ assignment: 'everyone', match: 'all', clauses: [attribute === 'group' ? { attribute, operator: 'member-of', value: [value] } : { attribute, operator: 'equals', value }] });
const role = async (name: string): Promise<number> => (await booted.strapi.db.query(ROLE).create({ data: { name, type: name.toLowerCase(), description: '' } })).id;
const adminRole = (name: string): number => adminRoles.find((one) => one.name === name)?.id ?? 0;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  [editor, author] = [await role('Editor'), await role('Author')];
  adminRoles = (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users')).data;
  idp = await createInbound(booted, { name: 'IdP' });
  const common = { direction: 'outbound' as const, baseUrl: target.baseUrl, bearerToken: target.token };
  app = (await createConnection(booted, { ...common, name: 'Editors', population: 'end-users', system: 'app', outbound: { scope: scopeOf('role', editor) } })).connection;
  await createConnection(booted, { ...common, name: 'Admin editors', population: 'admin-users', system: 'admin-app', outbound: { scope: scopeOf('role', adminRole('Editor')) } });
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const person = async (roleId: number): Promise<{ id: number; documentId: string; name: string }> => {
  const name = `person-${(count += 1)}`;
  const { id, documentId } = await booted.strapi.plugin('users-permissions').service('user').add({ username: name, email: `${name}@example.com`, provider: 'local', role: roleId });
  return { id, documentId, name };
};
const active = (name: string) => async (): Promise<boolean | undefined> => (await target.users()).find((user) => user.userName === name)?.active;
const isThere = (name: string) => eventually(active(name), (state) => state === true);
const isOut = (name: string) => eventually(active(name), (state) => state === false);

it('by editing the user in the Content Manager', async () => {
  const { documentId, name } = await person(author);
  const edit = async (from: number, to: number): Promise<void> => {
    const token = await booted.adminToken();
    const roles = (await booted.strapi.db.query(ROLE).findMany({ where: { id: [from, to] } })) as { id: number; documentId: string }[];
    const documentOf = (id: number): string => roles.find((one) => one.id === id)?.documentId ?? '';
    const answer = await booted.http.put(`/content-manager/collection-types/${USER}/${documentId}`).set('Authorization', `Bearer ${token}`)
      .send({ role: { connect: [{ id: to, documentId: documentOf(to) }], disconnect: [{ id: from, documentId: documentOf(from) }] } });
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  };
  await edit(author, editor);
  await isThere(name);
  await edit(editor, author);
  await isOut(name);
});

it('from the side of the role: connected, taken out, and set as a list', async () => {
  const [ada, bob] = [await person(author), await person(author)];
  const update = (users: object) => booted.strapi.db.query(ROLE).update({ where: { id: editor }, data: { users } });
  await update({ connect: [{ id: ada.id }] });
  await isThere(ada.name);
  await update({ disconnect: [{ id: ada.id }] });
  await isOut(ada.name);
  await update({ set: [{ id: bob.id }] });
  await isThere(bob.name);
  await update({ set: [] });
  await isOut(bob.name);
});

it('by deleting the role', async () => {
  const { name } = await person(editor);
  const direct = await person(editor);
  await isThere(name);
  await isThere(direct.name);
  // As Settings > Users & Permissions does: its people get another role.
  const doomed = await role('Doomed');
  const other = await createConnection(booted, { name: 'Doomed ones', direction: 'outbound', population: 'end-users', system: 'doomed', baseUrl: target.baseUrl, bearerToken: target.token, outbound: { scope: scopeOf('role', doomed) } });
  const [ada, bob] = [await person(doomed), await person(doomed)];
  await isThere(ada.name);
  await isThere(bob.name);
  await booted.strapi.db.query(USER).update({ where: { id: bob.id }, data: { role: author } });
  await isOut(bob.name);
  await booted.strapi.plugin('users-permissions').service('role').deleteRole(doomed, author);
  await isOut(ada.name);
  await adminApi(booted, 'delete', `/connections/${other.connection.id}`);
  // Past the service of the plugin: nobody is told of its people.
  await booted.strapi.db.query(ROLE).delete({ where: { id: editor } });
  await isOut(direct.name);
  await isOut(name);
  editor = await role('Editor again');
  await adminApi(booted, 'put', `/connections/${app.id}`, { outbound: { scope: scopeOf('role', editor) } });
});

it('of admin users, through the admin API and from the side of the role', async () => {
  const user = await booted.strapi.service('admin::user').create({ firstname: 'Eda', lastname: 'E', email: 'eda@example.com', isActive: true, roles: [adminRole('Author')] });
  const token = await booted.adminToken();
  const give = (roles: number[]) => booted.http.put(`/admin/users/${user.id}`).set('Authorization', `Bearer ${token}`).send({ roles });
  expect((await give([adminRole('Author'), adminRole('Editor')])).status).toBe(200);
  await isThere('eda@example.com');
  expect((await give([adminRole('Author')])).status).toBe(200);
  await isOut('eda@example.com');
  const update = (users: object) => booted.strapi.db.query('admin::role').update({ where: { id: adminRole('Editor') }, data: { users } });
  await update({ connect: [{ id: user.id }] });
  await isThere('eda@example.com');
  await update({ disconnect: [{ id: user.id }] });
  await isOut('eda@example.com');
});

it('by a group that a provider pushes, and by hand', async () => {
  const [ada, bob] = [await person(author), await person(author)];
  const scimId = async (name: string): Promise<string> => (await idp.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)).body.Resources?.[0]?.id ?? '';
  const group = await idp.scim('POST', '/Groups', { displayName: 'Red', members: [] });
  await createConnection(booted, { name: 'Red ones', direction: 'outbound', population: 'end-users', system: 'red', baseUrl: target.baseUrl, bearerToken: target.token, outbound: { scope: scopeOf('group', group.body.id) } });
  const patch = (op: object) => idp.scim('PATCH', `/Groups/${group.body.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [op] });
  await patch({ op: 'add', path: 'members', value: [{ value: await scimId(ada.name) }] });
  await isThere(ada.name);
  await patch({ op: 'remove', path: `members[value eq "${await scimId(ada.name)}"]` });
  await isOut(ada.name);
  const byHand = await createConnection(booted, { name: 'Chosen', direction: 'outbound', population: 'end-users', system: 'chosen', baseUrl: target.baseUrl, bearerToken: target.token, outbound: { scope: { assignment: 'assigned', match: 'all', clauses: [] } } });
  await adminApi(booted, 'post', `/connections/${byHand.connection.id}/assigned`, { userIds: [bob.id] });
  await isThere(bob.name);
  await adminApi(booted, 'post', `/connections/${byHand.connection.id}/assigned/remove`, { userIds: [bob.id] });
  await isOut(bob.name);
});
