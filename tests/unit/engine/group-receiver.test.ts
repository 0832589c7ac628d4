/** Groups that a provider pushes, and the roles they give. */
import { newLink } from '../../../server/src/engine/receive/adoption';
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { GroupReceiver } from '../../../server/src/engine/receive/group-receiver';
import { RoleAssignment } from '../../../server/src/engine/receive/role-assignment';
import type { MemoryLocalDirectory } from '../../helpers/memory/local-directory';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { contextOf, createWorld, ROLES, type World } from '../../helpers/memory/world';

const NOBODY = '00000000-0000-4000-8000-00000000dead';
const EDITORS = { groupName: 'Editors', roleId: ROLES.editor, priority: 1 };
const AUTHORS = { groupName: 'Authors', roleId: ROLES.author, priority: 5 };

let world: World;
let ctx: ScimRequestContext;
let [ada, bob, eve] = ['', '', ''];

beforeEach(async () => {
  world = createWorld();
  ({ ctx } = world.addProvider({ roleMappings: [EDITORS, AUTHORS] }));
  ada = await world.endUsers.addByHand({ userName: 'ada' });
  bob = await world.endUsers.addByHand({ userName: 'bob' });
  eve = await world.endUsers.addByHand({ userName: 'eve' });
});

const group = (displayName: string, ...members: string[]): Resource => ({ schemas: [], displayName, members: members.map((value) => ({ value })) });
const create = async (resource: Resource, by = ctx): Promise<string> => String((await world.service.create(by, 'Group', resource)).id);
const read = (id: string, by = ctx): Promise<Resource> => world.service.get(by, 'Group', id, { withoutMembers: false });
const put = (id: string, resource: Resource, by = ctx): Promise<Resource> => world.service.replace(by, 'Group', id, resource);
const patch = (id: string, operations: object[], by = ctx): Promise<Resource | null> =>
  world.service.modify(by, 'Group', id, parsePatchRequest({ Operations: operations }));
const remove = (id: string, by = ctx): Promise<void> => world.service.remove(by, 'Group', id);
const membersOf = async (id: string, by = ctx): Promise<string[]> => {
  const { members } = await read(id, by);
  return (members as { value: string }[]).map((member) => member.value).sort();
};
const rolesOf = async (id: string, directory: MemoryLocalDirectory = world.endUsers): Promise<number[]> => (await directory.readUser(id))?.roleIds ?? [];

describe('groups', () => {
  it('are created with their members, and shown with names and addresses', async () => {
    const id = await create({ ...group('Staff', ada, bob), externalId: 'g-1' });
    expect(await read(id)).toMatchObject({
      displayName: 'Staff',
      externalId: 'g-1',
      members: [
        { value: ada, display: 'ada', type: 'User', $ref: `${ctx.baseUrl}/Users/${ada}` },
        { value: bob, display: 'bob' },
      ],
      meta: { resourceType: 'Group', location: `${ctx.baseUrl}/Groups/${id}`, version: 'W/"1"' },
    });
    expect(world.log.records).toMatchObject([{ operation: 'create', outcome: 'success', objectType: 'Group', objectName: 'Staff', objectId: id, remoteId: 'g-1' }]);
    expect(await world.service.get(ctx, 'User', ada, { withoutMembers: false })).toMatchObject({ groups: [{ value: id, display: 'Staff', type: 'direct' }] });
  });

  it('are invisible and out of reach for every other connection', async () => {
    const other = world.addProvider();
    const id = await create(group('Staff', ada));
    await expect(read(id, other.ctx)).rejects.toMatchObject({ code: 'not-found' });
    await expect(put(id, group('x'), other.ctx)).rejects.toMatchObject({ code: 'not-found' });
    await expect(patch(id, [{ op: 'remove', path: 'members' }], other.ctx)).rejects.toMatchObject({ code: 'not-found' });
    await expect(remove(id, other.ctx)).rejects.toMatchObject({ code: 'not-found' });
    expect(await world.service.get(other.ctx, 'User', ada, { withoutMembers: false })).not.toHaveProperty('groups');
    expect(await membersOf(id)).toEqual([ada]);
  });

  it('may share a name, and may not share an externalId', async () => {
    await create({ ...group('Staff'), externalId: 'g-1' });
    await create(group('Staff'));
    await expect(create({ ...group('Other'), externalId: 'g-1' })).rejects.toMatchObject({ code: 'uniqueness' });
    expect(world.log.records.at(-1)).toMatchObject({ outcome: 'refused', errorCode: 'uniqueness', objectName: 'Other' });
    expect(await world.groups.count({ connectionId: ctx.connection.id })).toBe(2);
  });

  it('refuse members nobody knows, and leave nothing of the request behind', async () => {
    await expect(create(group('Editors', ada, NOBODY))).rejects.toMatchObject({ code: 'invalid-value', message: expect.stringContaining(NOBODY) });
    expect(await world.groups.count({ connectionId: ctx.connection.id })).toBe(0);
    expect(await rolesOf(ada)).toEqual([ROLES.authenticated]);
    expect(world.log.story).toEqual(['create refused']);
    const admin = await world.adminUsers.addByHand({ userName: 'root' });
    await expect(create(group('Editors', admin))).rejects.toMatchObject({ code: 'invalid-value' });
  });

  it('nest, but never in themselves', async () => {
    const inner = await create(group('Inner', ada));
    const outer = await create(group('Outer', inner));
    expect(await read(outer)).toMatchObject({ members: [{ value: inner, type: 'Group', display: 'Inner', $ref: `${ctx.baseUrl}/Groups/${inner}` }] });
    await expect(patch(outer, [{ op: 'add', path: 'members', value: [{ value: outer }] }])).rejects.toMatchObject({ code: 'invalid-value' });
    await remove(inner);
    expect(await membersOf(outer)).toEqual([]);
  });

  it('keep attributes nobody knows', async () => {
    const id = await create({ ...group('Staff'), schemas: ['urn:x'], 'urn:x': { colour: 'red' } });
    expect(await read(id)).toMatchObject({ 'urn:x': { colour: 'red' } });
    await patch(id, [{ op: 'replace', path: 'displayName', value: 'Renamed' }]);
    expect(await read(id)).toMatchObject({ displayName: 'Renamed', 'urn:x': { colour: 'red' } });
  });

  it('keeps its version when a member is renamed, and gets a new one when a member leaves', async () => {
    const id = await create(group('Staff', ada, bob));
    const before = await read(id);
    await world.service.modify(ctx, 'User', ada, parsePatchRequest({ Operations: [{ op: 'replace', path: 'userName', value: 'countess' }] }));
    const renamed = await read(id);
    expect(renamed.members).toMatchObject([{ value: ada, display: 'countess' }, { value: bob }]);
    expect(renamed.meta?.version).toBe(before.meta?.version);
    await patch(id, [{ op: 'remove', path: 'members[display eq "countess"]' }]);
    expect((await read(id)).meta?.version).not.toBe(before.meta?.version);
  });

  it('keep at most 64 kB of them, as users do', async () => {
    const id = await create(group('Staff', ada));
    const much = (attribute: string) => ({ op: 'add', path: attribute, value: 'x'.repeat(40_000) });
    await patch(id, [much('first')]);
    const before = await read(id);
    await expect(patch(id, [much('second')])).rejects.toMatchObject({ code: 'invalid-value' });
    await expect(create({ ...group('Other'), first: 'x'.repeat(40_000), second: 'x'.repeat(40_000) })).rejects.toMatchObject({ code: 'invalid-value' });
    expect(await read(id)).toEqual(before);
  });
});

describe('membership', () => {
  it('stays on a PUT without members, and ends with an empty list', async () => {
    const id = await create(group('Staff', ada, bob));
    await put(id, { schemas: [], displayName: 'Renamed' });
    expect(await membersOf(id)).toEqual([ada, bob].sort());
    expect((await read(id)).displayName).toBe('Renamed');
    await put(id, group('Renamed'));
    expect(await membersOf(id)).toEqual([]);
  });

  it('becomes what a PUT says', async () => {
    const id = await create(group('Staff', ada, bob));
    await put(id, group('Staff', bob, eve));
    expect(await membersOf(id)).toEqual([bob, eve].sort());
    expect(world.log.records.at(-1)?.message).toContain('1 member added, 1 removed');
  });

  it('loses only those that are named', async () => {
    const id = await create(group('Staff', ada, bob, eve));
    await patch(id, [{ op: 'remove', path: `members[value eq "${ada}"]` }]);
    expect(await membersOf(id)).toEqual([bob, eve].sort());
    await patch(id, [{ op: 'remove', path: 'members', value: [{ value: bob }] }]);
    expect(await membersOf(id)).toEqual([eve]);
    await patch(id, [{ op: 'remove', path: 'members', value: [{ value: NOBODY }] }]);
    expect(await membersOf(id)).toEqual([eve]);
    await patch(id, [{ op: 'remove', path: 'members' }]);
    expect(await membersOf(id)).toEqual([]);
  });

  it('is the same after the same PATCH twice', async () => {
    const id = await create(group('Editors'));
    for (let time = 0; time < 2; time += 1) await patch(id, [{ op: 'add', path: 'members', value: [{ value: ada }, { value: ada }] }]);
    expect(await membersOf(id)).toEqual([ada]);
    expect(world.log.records.filter((record) => record.operation === 'role-grant')).toHaveLength(1);
  });

  it('is not listed in the log, only counted', async () => {
    const id = await create(group('Staff', ada, bob, eve));
    await patch(id, [{ op: 'remove', path: 'members' }]);
    expect(JSON.stringify(world.log.records)).not.toContain(bob);
  });

  it('is undone as a whole where a part of the request is refused', async () => {
    const id = await create(group('Editors', ada));
    await expect(patch(id, [{ op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: [{ value: NOBODY }] }])).rejects.toMatchObject({ code: 'invalid-value' });
    expect(await membersOf(id)).toEqual([ada]);
    expect(await rolesOf(ada)).toEqual([ROLES.editor]);
  });
});

describe('roles of end users', () => {
  it('follow membership, whatever the case of the group’s name', async () => {
    const id = await create(group('EDITORS', ada));
    expect(await rolesOf(ada)).toEqual([ROLES.editor]);
    expect(await rolesOf(bob)).toEqual([ROLES.authenticated]);
    await patch(id, [{ op: 'add', path: 'members', value: [{ value: bob }] }]);
    expect(await rolesOf(bob)).toEqual([ROLES.editor]);
    expect(world.log.records.filter((record) => record.operation === 'role-grant')).toMatchObject([
      { objectId: ada, outcome: 'success', changes: [{ path: 'roles', before: [ROLES.authenticated], after: [ROLES.editor] }] },
      { objectId: bob },
    ]);
  });

  it('are those of the group with the highest priority, and of the next when it goes', async () => {
    const editors = await create(group('Editors', ada));
    const authors = await create(group('Authors', ada));
    expect(await rolesOf(ada)).toEqual([ROLES.author]);
    await remove(authors);
    expect(await rolesOf(ada)).toEqual([ROLES.editor]);
    await patch(editors, [{ op: 'remove', path: `members[value eq "${ada}"]` }]);
    expect(await rolesOf(ada)).toEqual([ROLES.authenticated]);
  });

  it('fall back to the role of the connection', async () => {
    const { ctx: named } = world.addProvider({ defaultRoleId: ROLES.reviewer, roleMappings: [EDITORS] });
    const id = await create(group('Editors', ada), named);
    await put(id, group('Editors'), named);
    expect(await rolesOf(ada)).toEqual([ROLES.reviewer]);
  });

  it('are taken from nobody but those who left', async () => {
    const id = await create(group('Editors', ada, bob));
    await patch(id, [{ op: 'remove', path: `members[value eq "${ada}"]` }]);
    expect(await rolesOf(ada)).toEqual([ROLES.authenticated]);
    expect(await rolesOf(bob)).toEqual([ROLES.editor]);
  });

  it('that a person chose by hand stay, and the log says so', async () => {
    await world.endUsers.editByHand(ada, { roleIds: [ROLES.reviewer] });
    const id = await create(group('Editors', ada));
    expect(await rolesOf(ada)).toEqual([ROLES.reviewer]);
    expect(world.log.records).toContainEqual(expect.objectContaining({ operation: 'role-grant', outcome: 'skipped', objectId: ada }));
    await remove(id);
    expect(await rolesOf(ada)).toEqual([ROLES.reviewer]);
  });

  it('that a person chose by hand after provisioning stay when the group is left', async () => {
    const id = await create(group('Editors', ada));
    await world.endUsers.editByHand(ada, { roleIds: [ROLES.reviewer] });
    await remove(id);
    expect(await rolesOf(ada)).toEqual([ROLES.reviewer]);
  });

  it('follow a group that is renamed into and out of the table', async () => {
    const id = await create(group('Staff', ada));
    expect(await rolesOf(ada)).toEqual([ROLES.authenticated]);
    await patch(id, [{ op: 'replace', path: 'displayName', value: 'Editors' }]);
    expect(await rolesOf(ada)).toEqual([ROLES.editor]);
    await patch(id, [{ op: 'replace', path: 'displayName', value: 'Authors' }]);
    expect(await rolesOf(ada)).toEqual([ROLES.author]);
    await put(id, { schemas: [], displayName: 'Staff' });
    expect(await rolesOf(ada)).toEqual([ROLES.authenticated]);
    expect(await world.grants.ofUsers([ada])).toEqual([]);
  });

  it('of one connection are not taken away by a group of another', async () => {
    const { ctx: other } = world.addProvider({ roleMappings: [EDITORS] });
    await create(group('Editors', ada));
    await remove(await create(group('Editors', ada), other), other);
    expect(await rolesOf(ada)).toEqual([ROLES.editor]);
  });

  it('tell the targets that the person changed', async () => {
    const { connection } = world.addTarget();
    await create(group('Editors', ada));
    expect(world.outbox.rows).toMatchObject([{ connectionId: connection.id, objectId: ada, origin: ctx.connection.system }]);
  });
});

describe('roles of admin users', () => {
  let admins: ScimRequestContext;
  let root: string;
  let kim: string;
  const adminRoles = (id: string): Promise<number[]> => rolesOf(id, world.adminUsers);

  beforeEach(async () => {
    const superAdmins = { groupName: 'Super', roleId: ROLES.superAdmin, priority: 9 };
    const both = { groupName: 'Both', roleId: ROLES.author, priority: 1 };
    ({ ctx: admins } = world.addProvider({ population: 'admin-users', roleMappings: [EDITORS, AUTHORS, superAdmins, both, { ...both, roleId: ROLES.editor }] }));
    root = await world.adminUsers.addByHand({ userName: 'root', roleIds: [ROLES.superAdmin] });
    kim = await world.adminUsers.addByHand({ userName: 'kim', roleIds: [ROLES.reviewer] });
    await approve(kim, root);
  });

  /** What a super admin does before a connection may manage an admin user. */
  const approve = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await world.links.save({ ...newLink(admins.connection, id), kept: { schemas: [] } });
  };

  it('are not given to an account that nobody approved', async () => {
    const stranger = await world.adminUsers.addByHand({ userName: 'stranger', roleIds: [ROLES.reviewer] });
    const id = await create(group('Editors', stranger), admins);
    expect(await membersOf(id, admins)).toEqual([stranger]);
    expect(await adminRoles(stranger)).toEqual([ROLES.reviewer]);
    expect(world.log.records).toContainEqual(expect.objectContaining({ outcome: 'refused', errorCode: 'not-adoptable', objectName: 'stranger' }));
  });

  it('are added by every group and taken back by the last that gave them', async () => {
    const both = await create(group('Both', kim), admins);
    const editors = await create(group('Editors', kim), admins);
    expect(await adminRoles(kim)).toEqual([ROLES.editor, ROLES.author, ROLES.reviewer]);
    await remove(both, admins);
    expect(await adminRoles(kim)).toEqual([ROLES.editor, ROLES.reviewer]);
    await remove(editors, admins);
    expect(await adminRoles(kim)).toEqual([ROLES.reviewer]);
    expect(world.log.records.filter((record) => record.operation === 'role-revoke')).toHaveLength(2);
  });

  it('never include super admin, and the attempt is in the log', async () => {
    await create(group('Super', kim), admins);
    expect(await adminRoles(kim)).toEqual([ROLES.reviewer]);
    expect(world.log.records).toContainEqual(
      expect.objectContaining({ operation: 'role-grant', outcome: 'refused', errorCode: 'protected', objectId: kim })
    );
  });

  it('of a super admin are never touched', async () => {
    const id = await create(group('Editors', root, kim), admins);
    expect(await adminRoles(root)).toEqual([ROLES.superAdmin]);
    expect(await adminRoles(kim)).toEqual([ROLES.editor, ROLES.reviewer]);
    await remove(id, admins);
    expect(await adminRoles(root)).toEqual([ROLES.superAdmin]);
    expect(world.log.records.filter((record) => record.objectId === root).every((record) => record.outcome === 'refused')).toBe(true);
  });

  it('that a person had before the group gave them stay when the group is left', async () => {
    const id = await world.adminUsers.addByHand({ userName: 'lee', roleIds: [ROLES.editor] });
    const editors = await create(group('Editors', id), admins);
    await remove(editors, admins);
    expect(await adminRoles(id)).toEqual([ROLES.editor]);
  });

  it('are taken only from the person whom the group gave them, also in one batch', async () => {
    const lee = await world.adminUsers.addByHand({ userName: 'lee' });
    await approve(lee);
    const withTable = (roleId: number): ScimRequestContext => contextOf({ ...admins.connection, roleMappings: [{ ...EDITORS, roleId }] } satisfies Connection);
    // The table changed between the two: the group gave Kim one role and Lee another.
    const staff = await create(group('Editors', kim), withTable(ROLES.editor));
    await patch(staff, [{ op: 'add', path: 'members', value: [{ value: lee }] }], withTable(ROLES.author));
    await world.adminUsers.editByHand(lee, { roleIds: [ROLES.editor, ROLES.author] });
    await patch(staff, [{ op: 'remove', path: 'members' }], admins);
    expect(await adminRoles(kim)).toEqual([ROLES.reviewer]);
    expect(await adminRoles(lee)).toEqual([ROLES.editor]);
  });
});

describe('versions', () => {
  it('guard writes: another version is refused with 412 and changes nothing', async () => {
    const id = await create(group('Staff', ada));
    const { version } = (await read(id)).meta ?? {};
    const stale = { ifMatch: [String(version)] };
    await world.service.replace(ctx, 'Group', id, group('Staff', ada, bob), stale);
    const before = world.log.records.length;
    await expect(world.service.replace(ctx, 'Group', id, group('Other'), stale)).rejects.toMatchObject({ status: 412 });
    await expect(world.service.modify(ctx, 'Group', id, parsePatchRequest({ Operations: [{ op: 'remove', path: 'members' }] }), stale)).rejects.toMatchObject({ status: 412 });
    await expect(world.service.remove(ctx, 'Group', id, stale)).rejects.toMatchObject({ status: 412 });
    expect(await membersOf(id)).toEqual([ada, bob].sort());
    expect(world.log.records.slice(before).map((record) => record.outcome)).toEqual(['refused', 'refused', 'refused']);
    await world.service.remove(ctx, 'Group', id, { ifMatch: '*' });
    await expect(read(id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('rise when a member is deleted', async () => {
    const id = await create(group('Staff', ada));
    const user = await world.endUsers.readUser(ada);
    if (user) await world.endUsers.removeUser(user);
    expect((await read(id)).meta).toMatchObject({ version: 'W/"2"' });
  });
});

describe('many members', () => {
  it('are never read as a whole to change some, all or none of them', async () => {
    const id = await create(group('Editors', ada, bob, eve));
    const receiver = new GroupReceiver(world.receiveDeps);
    const whole = jest.spyOn(world.groups, 'members');
    await world.service.modify(ctx, 'Group', id, parsePatchRequest({ Operations: [{ op: 'remove', path: `members[value eq "${ada}"]` }] }));
    await receiver.replace(ctx, id, group('Editors', eve), { ifMatch: null });
    await receiver.replace(ctx, id, group('Authors'), { ifMatch: null });
    await receiver.remove(ctx, id, { ifMatch: null });
    expect(whole).not.toHaveBeenCalled();
    for (const person of [ada, bob, eve]) expect(await rolesOf(person)).toEqual([ROLES.authenticated]);
  });


  it('get their roles in batches, each once', async () => {
    const ids: string[] = [];
    await world.database.run(async () => {
      for (let number = 0; number < 501; number += 1) ids.push(await world.endUsers.addByHand({ userName: `user-${number}` }));
    });
    const asked: number[] = [];
    const watched = Object.assign(Object.create(world.endUsers) as typeof world.endUsers, {
      readUsers: (batch: string[]) => {
        asked.push(batch.length);
        return Promise.resolve([]);
      },
    });
    const roles = new RoleAssignment({ ...world.receiveDeps, directoryOf: () => watched });
    const editors = await world.groups.create(ctx.connection.id, { displayName: 'Editors', externalId: null, kept: null });
    await world.groups.addMembers(editors, ids.map((id) => ({ type: 'User', id })));
    await roles.membersChanged(ctx, editors, ids);
    expect(asked).toEqual([500, 1]);
  });
});
