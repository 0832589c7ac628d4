/** Groups, nesting and roles on a whole Strapi: modes, names, versions, the roles attribute, roles that disappear. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createInbound, operations, type Inbound, type ScimAnswer } from '../helpers/connections';
import type { ConnectionInput, Population, RoleInfo, RoleMode } from '../../server/src/contracts/connection';

let booted: BootedStrapi;
const roles = {} as Record<Population, Record<string, number>>;
let serial = 0;

beforeAll(async () => {
  booted = await bootStrapi();
  for (const name of ['Red', 'Blue', 'Green']) {
    await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name, type: name.toLowerCase(), description: name } });
    await booted.strapi.db.query('admin::role').create({ data: { name, code: `test-${name.toLowerCase()}`, description: name } });
  }
  for (const population of ['end-users', 'admin-users'] as const) {
    const list = (await adminApi<RoleInfo[]>(booted, 'get', `/roles?population=${population}`)).data;
    roles[population] = Object.fromEntries(list.map((role) => [role.name, role.id]));
  }
});
afterAll(() => booted.stop());

const POPULATIONS: Population[] = ['end-users', 'admin-users'];

const connect = (population: Population, mode: RoleMode = 'authoritative', input: Partial<ConnectionInput> = {}): Promise<Inbound> => {
  const mapping = (groupName: string, priority: number) => ({ groupName, roleId: roles[population][groupName] ?? 0, priority, mode });
  return createInbound(booted, { population, roleMappings: [mapping('Red', 3), mapping('Blue', 2), mapping('Green', 1)], ...input });
};

const hire = async (idp: Inbound, fields: object = {}): Promise<string> => {
  serial += 1;
  const created = await idp.scim('POST', '/Users', { userName: `member-${serial}@example.com`, ...fields });
  expect(created.status).toBe(201);
  return created.body.id;
};
const group = async (idp: Inbound, displayName: string, ...members: string[]): Promise<string> => {
  const created = await idp.scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) });
  expect(created.status).toBe(201);
  return created.body.id;
};
const patchGroup = (idp: Inbound, id: string, ...Operations: object[]): Promise<ScimAnswer> => idp.scim('PATCH', `/Groups/${id}`, { Operations });
const add = (idp: Inbound, id: string, ...members: string[]) => patchGroup(idp, id, { op: 'add', path: 'members', value: members.map((value) => ({ value })) });
const take = (idp: Inbound, id: string, ...members: string[]) => patchGroup(idp, id, { op: 'remove', path: 'members', value: members.map((value) => ({ value })) });

const rolesOf = async (idp: Inbound, id: string): Promise<string[]> => {
  const { population } = idp.connection;
  const { account_id: accountId } = await booted.strapi.db.connection('provisioning_identities').where({ scim_id: id }).first();
  const uid = population === 'end-users' ? 'plugin::users-permissions.user' : 'admin::user';
  const account = await booted.strapi.db.query(uid).findOne({ where: { id: accountId }, populate: [population === 'end-users' ? 'role' : 'roles'] });
  const held: { name: string }[] = population === 'end-users' ? [account.role] : account.roles;
  return held.map((role) => role.name).filter((name) => name !== 'Authenticated').sort();
};
const groupsOf = async (idp: Inbound, id: string): Promise<Record<string, string>> => {
  const shown = ((await idp.scim('GET', `/Users/${id}`)).body.groups ?? []) as { display: string; type: string }[];
  return Object.fromEntries(shown.map(({ display, type }) => [display, type]));
};
const versionOf = async (idp: Inbound, id: string): Promise<string> => ((await idp.scim('GET', `/Groups/${id}`)).body.meta as { version: string }).version;

describe.each(POPULATIONS)('roles of %s', (population) => {
  it('reach the users of groups within groups, and leave with them', async () => {
    const idp = await connect(population);
    const [ada, bob] = [await hire(idp), await hire(idp)];
    const inner = await group(idp, 'Inner', ada);
    const middle = await group(idp, 'Middle', inner);
    const outer = await group(idp, 'Red', middle, bob);
    expect(await rolesOf(idp, ada)).toEqual(['Red']);
    expect(await groupsOf(idp, ada)).toEqual({ Inner: 'direct', Middle: 'indirect', Red: 'indirect' });
    expect(await groupsOf(idp, bob)).toEqual({ Red: 'direct' });
    await add(idp, inner, bob);
    await take(idp, outer, bob);
    expect(await rolesOf(idp, bob)).toEqual(['Red']);
    await take(idp, outer, middle);
    expect(await rolesOf(idp, ada)).toEqual([]);
    expect(await rolesOf(idp, bob)).toEqual([]);
    await add(idp, outer, inner);
    expect(await rolesOf(idp, ada)).toEqual(['Red']);
    await idp.scim('DELETE', `/Groups/${inner}`);
    expect(await rolesOf(idp, ada)).toEqual([]);
  });

  it('survive groups that contain each other', async () => {
    const idp = await connect(population);
    const ada = await hire(idp);
    const one = await group(idp, 'One', ada);
    const two = await group(idp, 'Blue', one);
    expect((await add(idp, one, two)).status).toBe(204);
    expect(await rolesOf(idp, ada)).toEqual(['Blue']);
    expect(await groupsOf(idp, ada)).toEqual({ One: 'direct', Blue: 'indirect' });
    await take(idp, two, one);
    expect(await rolesOf(idp, ada)).toEqual([]);
  });

  it('follow a rename, also of the group above', async () => {
    const idp = await connect(population);
    const ada = await hire(idp);
    const inner = await group(idp, 'Inner', ada);
    const outer = await group(idp, 'Outer', inner);
    await patchGroup(idp, outer, { op: 'replace', path: 'displayName', value: 'Green' });
    expect(await rolesOf(idp, ada)).toEqual(['Green']);
    await patchGroup(idp, outer, { op: 'replace', path: 'displayName', value: 'Blue' });
    expect(await rolesOf(idp, ada)).toEqual(['Blue']);
    await patchGroup(idp, outer, { op: 'replace', path: 'displayName', value: 'None' });
    expect(await rolesOf(idp, ada)).toEqual([]);
  });

  it('additive: are given and never taken back', async () => {
    const idp = await connect(population, 'additive');
    const ada = await hire(idp);
    const red = await group(idp, 'Red', ada);
    await take(idp, red, ada);
    expect(await rolesOf(idp, ada)).toEqual(['Red']);
    const blue = await group(idp, 'Blue', ada);
    await idp.scim('DELETE', `/Groups/${red}`);
    await idp.scim('DELETE', `/Groups/${blue}`);
    expect(await rolesOf(idp, ada)).toEqual(population === 'end-users' ? ['Red'] : ['Blue', 'Red']);
  });

  it('initial-only: come with the first membership and are Strapi’s afterwards', async () => {
    const idp = await connect(population, 'initial-only');
    const ada = await hire(idp);
    const green = await group(idp, 'Green', ada);
    expect(await rolesOf(idp, ada)).toEqual(['Green']);
    await group(idp, 'Red', ada);
    await take(idp, green, ada);
    expect(await rolesOf(idp, ada)).toEqual(['Green']);
  });

  it('are named by the user’s own roles attribute too', async () => {
    const idp = await connect(population);
    const ada = await hire(idp, { roles: [{ value: 'blue' }, { value: 'unknown' }] });
    expect(await rolesOf(idp, ada)).toEqual(['Blue']);
    const red = await group(idp, 'Red', ada);
    await idp.scim('PATCH', `/Users/${ada}`, { Operations: [{ op: 'replace', path: 'roles', value: [{ value: 'Green' }] }] });
    expect(await rolesOf(idp, ada)).toEqual(population === 'end-users' ? ['Red'] : ['Green', 'Red']);
    await idp.scim('DELETE', `/Groups/${red}`);
    expect(await rolesOf(idp, ada)).toEqual(['Green']);
    await idp.scim('PATCH', `/Users/${ada}`, { Operations: [{ op: 'remove', path: 'roles' }] });
    expect(await rolesOf(idp, ada)).toEqual([]);
  });

  it('follow a changed table, for members and for roles attributes alike', async () => {
    const idp = await connect(population);
    const [ada, bob] = [await hire(idp, { roles: [{ value: 'Blue' }] }), await hire(idp)];
    await group(idp, 'Red', bob);
    const roleMappings = [
      { groupName: 'Blue', roleId: roles[population].Green ?? 0, priority: 1 },
      { groupName: 'Red', roleId: roles[population].Blue ?? 0, priority: 1 },
    ];
    expect((await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { roleMappings })).status).toBe(200);
    expect([await rolesOf(idp, ada), await rolesOf(idp, bob)]).toEqual([['Green'], ['Blue']]);
    await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { roleMappings: [] });
    expect([await rolesOf(idp, ada), await rolesOf(idp, bob)]).toEqual([[], []]);
  });

  it('that were deleted in Strapi are given to nobody, and the log says so once', async () => {
    const uid = population === 'end-users' ? 'plugin::users-permissions.role' : 'admin::role';
    const { id: roleId } = await booted.strapi.db.query(uid).create({ data: { name: 'Gone', type: 'gone', code: 'gone', description: '' } });
    const idp = await connect(population, 'authoritative', { roleMappings: [{ groupName: 'Doomed', roleId, priority: 5 }, { groupName: 'Red', roleId: roles[population].Red ?? 0, priority: 1 }] });
    const [ada, bob, eve] = [await hire(idp), await hire(idp), await hire(idp)];
    const doomed = await group(idp, 'Doomed', ada);
    expect(await rolesOf(idp, ada)).toEqual(['Gone']);
    await (population === 'end-users'
      ? booted.strapi.plugin('users-permissions').service('role').deleteRole(roleId, roles['end-users'].Public)
      : booted.strapi.db.query(uid).delete({ where: { id: roleId } }));
    // Two changes of membership in one request.
    expect((await patchGroup(idp, doomed, { op: 'add', path: 'members', value: [{ value: bob }, { value: eve }] }, { op: 'remove', path: `members[value eq "${ada}"]` })).status).toBe(204);
    expect(await rolesOf(idp, bob)).toEqual([]);
    const told = await operations(booted, `&connectionId=${idp.connection.id}&operation=role-grant&outcome=skipped`);
    expect(told.filter((row) => row.objectId === doomed)).toHaveLength(1);
    // What Strapi put in its place was nobody's choice.
    await group(idp, 'Red', ada);
    expect(await rolesOf(idp, ada)).toEqual(['Red']);
    expect(await booted.strapi.db.connection('provisioning_grants').where({ connection_id: idp.connection.id, role_id: roleId })).toEqual([]);
    const { data: connection } = await adminApi<ConnectionInfo>(booted, 'get', `/connections/${idp.connection.id}`);
    expect(connection.roleMappings).toHaveLength(2);
    expect(connection.missingRoleIds).toEqual([roleId]);
  });
});

describe('a role of end users that is deleted in Strapi', () => {
  const ROLE = 'plugin::users-permissions.role';
  const newRole = async (name: string): Promise<number> => (await booted.strapi.db.query(ROLE).create({ data: { name, type: name.toLowerCase(), description: '' } })).id;
  /** As Strapi's service does it, but its people one after the other: all at once they lock each other out on PostgreSQL, also without the plugin. */
  const deleteRole = async (roleId: number): Promise<void> => {
    const { users } = await booted.strapi.db.query(ROLE).findOne({ where: { id: roleId }, populate: ['users'] });
    for (const { id } of users as { id: number }[]) {
      await booted.strapi.db.query('plugin::users-permissions.user').update({ where: { id }, data: { role: roles['end-users'].Public } });
    }
    await booted.strapi.plugin('users-permissions').service('role').deleteRole(roleId, roles['end-users'].Public);
  };
  const told = (idp: Inbound) => operations(booted, `&connectionId=${idp.connection.id}&operation=role-grant`);

  it('leaves its people with what another group gives, else the default, and the log names mapping and role', async () => {
    const [gone, home] = [await newRole('Vanishing'), await newRole('Home')];
    const mapping = (groupName: string, roleId: number, priority: number) => ({ groupName, roleId, priority });
    const idp = await connect('end-users', 'authoritative', { defaultRoleId: home, roleMappings: [mapping('Doomed', gone, 5), mapping('Red', roles['end-users'].Red ?? 0, 1)] });
    const [both, only, chosen] = [await hire(idp), await hire(idp), await hire(idp)];
    await group(idp, 'Doomed', both, only, chosen);
    await group(idp, 'Red', both);
    const { account_id: accountId } = await booted.strapi.db.connection('provisioning_identities').where({ scim_id: chosen }).first();
    await booted.strapi.db.query('plugin::users-permissions.user').update({ where: { id: accountId }, data: { role: roles['end-users'].Blue } });
    expect([await rolesOf(idp, both), await rolesOf(idp, only), await rolesOf(idp, chosen)]).toEqual([['Vanishing'], ['Vanishing'], ['Blue']]);

    await deleteRole(gone);
    expect([await rolesOf(idp, both), await rolesOf(idp, only), await rolesOf(idp, chosen)]).toEqual([['Red'], ['Home'], ['Blue']]);
    expect(await booted.strapi.db.connection('provisioning_grants').where({ role_id: gone, connection_id: idp.connection.id })).toEqual([]);
    const rows = await told(idp);
    expect(rows.filter((row) => row.outcome === 'skipped' && row.errorCode === 'not-found')).toMatchObject([
      { objectType: 'Group', objectName: 'Doomed', message: expect.stringContaining(`The role Vanishing (${gone}) was deleted in Strapi.`) },
    ]);
    const changed = rows.filter((row) => row.outcome === 'success').map((row) => row.objectId);
    expect([both, only].map((id) => changed.filter((other) => other === id).length)).toEqual([2, 2]);
  });

  it('that was the default of a connection gives way to the default of the site', async () => {
    const home = await newRole('Old home');
    const idp = await connect('end-users', 'authoritative', { defaultRoleId: home });
    const ada = await hire(idp);
    expect(await rolesOf(idp, ada)).toEqual(['Old home']);
    await deleteRole(home);
    // Authenticated, which is not listed.
    expect(await rolesOf(idp, ada)).toEqual([]);
    expect((await told(idp)).filter((row) => row.errorCode === 'not-found').map((row) => row.message)).toEqual([
      `The role Old home (${home}) was deleted in Strapi. It is still the default of this connection: the default of the site holds instead.`,
    ]);
    // What a group gave is taken back to a default that exists.
    const red = await group(idp, 'Red', ada);
    expect(await rolesOf(idp, ada)).toEqual(['Red']);
    await take(idp, red, ada);
    expect(await rolesOf(idp, ada)).toEqual([]);
  });
});

describe('versions of groups', () => {
  it('rise with members that are deleted, and guard writes', async () => {
    const idp = await connect('end-users');
    const [ada, bob] = [await hire(idp), await hire(idp)];
    const id = await group(idp, 'Versioned', ada, bob);
    const first = await versionOf(idp, id);
    await idp.scim('DELETE', `/Users/${ada}`);
    expect(await versionOf(idp, id)).not.toBe(first);
  });

  it('rise by one for each of several writes at the same moment', async () => {
    const idp = await connect('end-users');
    const people = await Promise.all(Array.from({ length: 8 }, () => hire(idp)));
    const id = await group(idp, 'Blue');
    const answers = await Promise.all(people.map((person) => add(idp, id, person)));
    expect(answers.map((answer) => answer.status)).toEqual(people.map(() => 204));
    expect(await versionOf(idp, id)).toBe(`W/"${people.length + 1}"`);
    for (const person of people) expect(await rolesOf(idp, person)).toEqual(['Blue']);
  });
});

describe('unique group names', () => {
  const unique = { policies: { uniqueGroupNames: true } };

  it('refuse a second group of the name, also at the same moment', async () => {
    const idp = await connect('end-users', 'authoritative', unique);
    const post = () => idp.scim('POST', '/Groups', { displayName: 'Only One' });
    const answers = await Promise.all([post(), post(), post(), post()]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body.scimType).toBe('uniqueness');
    const other = await group(idp, 'Another');
    expect((await patchGroup(idp, other, { op: 'replace', path: 'displayName', value: 'ONLY ONE' })).status).toBe(409);
    await group(await connect('end-users', 'authoritative', unique), 'Only One');
  });

  it('leave twins alone that were there before', async () => {
    const idp = await connect('end-users');
    const twins = [await group(idp, 'Twins'), await group(idp, 'twins')];
    await adminApi(booted, 'put', `/connections/${idp.connection.id}`, unique);
    const ada = await hire(idp);
    for (const twin of twins) expect((await add(idp, twin, ada)).status).toBe(204);
    expect((await idp.scim('POST', '/Groups', { displayName: 'TWINS' })).status).toBe(409);
  });
});

it('a PATCH is answered as the connection says', async () => {
  const idp = await connect('end-users', 'authoritative', { policies: { userPatchAnswer: 'no-content', groupPatchAnswer: 'resource' } });
  const ada = await hire(idp);
  expect((await idp.scim('PATCH', `/Users/${ada}`, { Operations: [{ op: 'replace', path: 'title', value: 'x' }] })).status).toBe(204);
  const id = await group(idp, 'Answered');
  expect(await add(idp, id, ada)).toMatchObject({ status: 200, body: { displayName: 'Answered', members: [{ value: ada }] } });
});

it('a first write takes over what the join rules match, and nothing else', async () => {
  const service = booted.strapi.plugin('users-permissions').service('user');
  const account = async (username: string): Promise<void> => service.add({ username, email: `${username}@before.example`, provider: 'local', confirmed: true });
  const idOf = async (idp: Inbound, userName: string): Promise<string> => {
    const found = await idp.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
    return found.body.Resources?.[0]?.id ?? '';
  };
  for (const name of ['never', 'byname', 'bymail', 'bypatch']) await account(name);
  const [never, byName, byMail] = await Promise.all([[], ['userName'], ['email']].map((joinBy) => connect('end-users', 'authoritative', { policies: { joinBy: joinBy as ('userName' | 'email')[] } })));
  if (!never || !byName || !byMail) throw new Error('No connections.');
  const id = await idOf(never, 'never');
  expect((await never.scim('PUT', `/Users/${id}`, { userName: 'never', title: 'x' })).status).toBe(403);
  expect((await never.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'x' }] })).status).toBe(403);
  expect((await byName.scim('PUT', `/Users/${await idOf(byName, 'byname')}`, { userName: 'BYNAME', title: 'x' })).status).toBe(200);
  expect((await byMail.scim('PUT', `/Users/${await idOf(byMail, 'bymail')}`, { userName: 'bymail', title: 'x' })).status).toBe(403);
  expect((await byMail.scim('PUT', `/Users/${await idOf(byMail, 'bymail')}`, { userName: 'other-name', emails: [{ value: 'bymail@BEFORE.example' }] })).status).toBe(200);
  expect((await byName.scim('PATCH', `/Users/${await idOf(byName, 'bypatch')}`, { Operations: [{ op: 'replace', path: 'title', value: 'x' }] })).status).toBe(200);
  const [row] = await operations(booted, `&search=byname&connectionId=${byName.connection.id}&operation=update`);
  expect(row?.message).toContain('Taken over');
});
