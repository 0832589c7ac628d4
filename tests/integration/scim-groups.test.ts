import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createInbound, operations, type Inbound } from '../helpers/connections';
import type { RoleInfo } from '../../server/src/contracts/connection';

const UID = 'plugin::users-permissions.user';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let booted: BootedStrapi;
let idp: Inbound;
let editors: RoleInfo;
let authors: RoleInfo;

beforeAll(async () => {
  booted = await bootStrapi();
  for (const name of ['Editors', 'Authors']) {
    await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name, type: name.toLowerCase(), description: name } });
  }
  const roles = (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=end-users')).data;
  const role = (name: string): RoleInfo => roles.find((item) => item.name === name) ?? { id: 0, name, protected: false };
  editors = role('Editors');
  authors = role('Authors');
  idp = await createInbound(booted, {
    roleMappings: [
      { groupName: 'CMS Editors', roleId: editors.id, priority: 10 },
      { groupName: 'CMS Authors', roleId: authors.id, priority: 5 },
    ],
  });
});
afterAll(() => booted.stop());

const user = async (userName: string): Promise<string> => (await idp.scim('POST', '/Users', { userName })).body.id;
const group = async (displayName: string, members: string[] = []): Promise<string> =>
  (await idp.scim('POST', '/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) })).body.id;
const roleOf = async (username: string): Promise<string> =>
  (await booted.strapi.db.query(UID).findOne({ where: { username }, populate: ['role'] })).role.name;
const membersOf = async (id: string): Promise<string[]> =>
  ((await idp.scim('GET', `/Groups/${id}`)).body.members as { value: string }[]).map((member) => member.value).sort();
const patch = (id: string, ...Operations: object[]) => idp.scim('PATCH', `/Groups/${id}`, { schemas: [PATCH], Operations });

it('membership sets the role, the higher priority wins, leaving takes it back', async () => {
  const anna = await user('anna');
  const authorsGroup = await group('cms authors', [anna]);
  expect(await roleOf('anna')).toBe('Authors');
  const editorsGroup = await group('CMS Editors');
  expect((await patch(editorsGroup, { op: 'Add', path: 'members', value: [{ value: anna }] })).status).toBe(204);
  expect(await roleOf('anna')).toBe('Editors');
  await patch(editorsGroup, { op: 'remove', path: `members[value eq "${anna}"]` });
  expect(await roleOf('anna')).toBe('Authors');
  expect((await idp.scim('DELETE', `/Groups/${authorsGroup}`)).status).toBe(204);
  expect(await roleOf('anna')).toBe('Authenticated');
  const rows = await operations(booted, '&search=anna&operation=role-grant,role-revoke');
  expect(rows.length).toBe(4);
  await idp.scim('DELETE', `/Groups/${editorsGroup}`);
});

it('a role chosen by hand stays', async () => {
  const ben = await user('ben');
  const row = await booted.strapi.db.query(UID).findOne({ where: { username: 'ben' } });
  await booted.strapi.plugin('users-permissions').service('user').edit(row.id, { role: authors.id });
  const id = await group('CMS Editors', [ben]);
  expect(await roleOf('ben')).toBe('Authors');
  const [pinned] = await operations(booted, '&search=ben&operation=role-grant');
  expect(pinned).toMatchObject({ outcome: 'skipped', message: expect.stringContaining('by hand') });
  await idp.scim('DELETE', `/Groups/${id}`);
});

it('removing one member does not empty the group, in any dialect', async () => {
  const ids = await Promise.all(['m1', 'm2', 'm3', 'm4'].map((name) => user(`member-${name}`)));
  const [a = '', b = '', c = '', d = ''] = ids;
  const id = await group('Everybody', ids);
  await patch(id, { op: 'Remove', path: 'members', value: [{ value: a }] });
  expect(await membersOf(id)).toEqual([b, c, d].sort());
  await patch(id, { op: 'remove', path: `members[value eq "${b}"]` });
  expect(await membersOf(id)).toEqual([c, d].sort());
  await idp.scim('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: 'Everybody 2' });
  expect(await membersOf(id)).toEqual([c, d].sort());
  await idp.scim('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: 'Everybody 2', members: [] });
  expect((await idp.scim('GET', `/Groups/${id}`)).body.members ?? []).toEqual([]);
});

it('a rename makes the table apply anew', async () => {
  const cara = await user('cara');
  const id = await group('Something else', [cara]);
  expect(await roleOf('cara')).toBe('Authenticated');
  await patch(id, { op: 'replace', value: { id, displayName: 'CMS Authors' } });
  expect(await roleOf('cara')).toBe('Authors');
});

it('a change of the table holds for present members', async () => {
  const dora = await user('dora');
  await group('Late', [dora]);
  await adminApi(booted, 'put', `/connections/${idp.connection.id}`, {
    roleMappings: [...idp.connection.roleMappings, { groupName: 'Late', roleId: editors.id, priority: 1 }],
  });
  expect(await roleOf('dora')).toBe('Editors');
});

it('groups show on the user and are found by name and member', async () => {
  const eve = await user('eve');
  const id = await group('Found', [eve]);
  expect((await idp.scim('GET', `/Users/${eve}`)).body.groups).toEqual([expect.objectContaining({ value: id, display: 'Found' })]);
  const byName = await idp.scim('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "found"')}`);
  expect(byName.body.Resources).toHaveLength(1);
  expect(byName.body.Resources?.[0]?.members).toBeUndefined();
  const byMember = await idp.scim('GET', `/Groups?filter=${encodeURIComponent(`members[value eq "${eve}"]`)}`);
  expect(byMember.body.totalResults).toBe(1);
  await idp.scim('DELETE', `/Users/${eve}`);
  expect((await idp.scim('GET', `/Groups/${id}`)).body.members ?? []).toEqual([]);
});

it('a member that does not exist is refused with its id', async () => {
  const id = await group('Strict');
  const answer = await patch(id, { op: 'add', path: 'members', value: [{ value: 'no-such-id' }] });
  expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
  expect(answer.body.detail).toContain('no-such-id');
});

it('groups of another connection do not exist', async () => {
  const id = await group('Private');
  const other = await createInbound(booted, { name: 'Other' });
  expect((await other.scim('GET', `/Groups/${id}`)).status).toBe(404);
  expect((await other.scim('GET', '/Groups')).body.totalResults).toBe(0);
});
