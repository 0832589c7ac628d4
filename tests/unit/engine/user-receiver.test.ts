/** What a provider may do with users: POST, PUT, PATCH, DELETE, adoption and what is refused. */
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ADA: Resource = { schemas: [], userName: 'ada', externalId: 'e-1', title: 'Boss', emails: [{ value: 'ada@x.example', primary: true }] };

let world: World;
let ctx: ScimRequestContext;
let admins: ScimRequestContext;

beforeEach(() => {
  world = createWorld();
  ({ ctx } = world.addProvider({ name: 'Okta' }));
  ({ ctx: admins } = world.addProvider({ population: 'admin-users' }));
});

const create = async (resource: Resource = ADA, by = ctx): Promise<string> => String((await world.service.create(by, 'User', resource)).id);
const read = (id: string, by = ctx): Promise<Resource> => world.service.get(by, 'User', id, { withoutMembers: false });
const put = (id: string, resource: Resource, by = ctx): Promise<Resource> => world.service.replace(by, 'User', id, resource);
const patch = (id: string, ...operations: object[]): Promise<Resource | null> =>
  world.service.modify(ctx, 'User', id, parsePatchRequest({ Operations: operations }));
const remove = (id: string, by = ctx): Promise<void> => world.service.remove(by, 'User', id);
const linkOf = (id: string, by = ctx) => world.links.get(by.connection.id, 'User', id);

describe('POST', () => {
  it('creates the account and gives back everything that was sent', async () => {
    const created = await world.service.create(ctx, 'User', { ...ADA, [ENTERPRISE]: { department: 'R' } });
    expect(created).toMatchObject({ ...ADA, schemas: expect.any(Array), active: true, [ENTERPRISE]: { department: 'R' } });
    expect(created.meta).toMatchObject({ resourceType: 'User', location: `${ctx.baseUrl}/Users/${created.id}`, version: 'W/"1"' });
    expect(await world.endUsers.readUser(String(created.id))).toMatchObject({ resource: { userName: 'ada', active: true }, roleIds: [ROLES.authenticated] });
    expect(world.log.records).toMatchObject([{ operation: 'create', outcome: 'success', objectId: created.id, objectName: 'ada', remoteId: 'e-1', actor: 'Token 1' }]);
  });

  it('gives the role the connection names, else the one of the site; admin users get none', async () => {
    const named = world.addProvider({ defaultRoleId: ROLES.author });
    expect((await world.endUsers.readUser(await create(ADA, named.ctx)))?.roleIds).toEqual([ROLES.author]);
    expect((await world.adminUsers.readUser(await create(ADA, admins)))?.roleIds).toEqual([]);
  });

  it('creates somebody inactive where that is asked for', async () => {
    expect(await read(await create({ ...ADA, active: false }))).toMatchObject({ active: false });
  });

  it.each([
    ['the userName, in another case', { userName: 'ADA' }],
    ['the e-mail address', { userName: 'eva', emails: [{ value: 'ADA@x.example' }] }],
    ['a userName that is somebody’s address', { userName: 'Ada@x.example' }],
    ['the externalId', { userName: 'eva', externalId: 'e-1' }],
  ])('refuses %s of another account with 409 and leaves nothing behind', async (_case, fields) => {
    await create();
    const before = await world.endUsers.countUsers();
    await expect(create({ schemas: [], ...fields })).rejects.toMatchObject({ code: 'uniqueness' });
    expect(await world.endUsers.countUsers()).toBe(before);
    expect(world.log.records.at(-1)).toMatchObject({ operation: 'create', outcome: 'refused', errorCode: 'uniqueness', objectName: fields.userName });
  });

  it('refuses an address that is somebody’s userName', async () => {
    await create({ schemas: [], userName: 'ada@x.example' });
    await expect(create({ schemas: [], userName: 'eva', emails: [{ value: 'ada@x.example' }] })).rejects.toMatchObject({ code: 'uniqueness' });
  });

  it('lets two connections use the same externalId', async () => {
    await create();
    const other = world.addProvider();
    await expect(create({ schemas: [], userName: 'eva', externalId: 'e-1' }, other.ctx)).resolves.toBeDefined();
  });

  it('never keeps, shows or logs a password', async () => {
    const id = await create({ ...ADA, password: 'hunter2' });
    expect(JSON.stringify([await read(id), await linkOf(id), world.log.records])).not.toContain('hunter2');
  });

  it('says which attributes were not taken', async () => {
    await world.service.create({ ...ctx, dropped: ['password'] }, 'User', ADA);
    expect(world.log.records[0]?.steps[0]?.message).toContain('password');
  });

  it('gives a deleted person who comes back a new id', async () => {
    const first = await create();
    await remove(first);
    const second = await create();
    expect(second).not.toBe(first);
    await expect(read(first)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leaves nothing behind where the log cannot be written', async () => {
    world.log.failOnce((operation) => operation.outcome === 'success');
    await expect(create()).rejects.toThrow();
    expect(await world.endUsers.countUsers()).toBe(0);
    expect(world.log.story).toEqual(['create failed']);
  });
});

describe('PUT', () => {
  it('replaces, and clears what this connection wrote and now leaves out', async () => {
    const id = await create();
    const replaced = await put(id, { schemas: [], userName: 'ada.l', externalId: 'e-2', emails: [{ value: 'l@x.example' }] });
    expect(replaced).toMatchObject({ userName: 'ada.l', externalId: 'e-2', emails: [{ value: 'l@x.example' }] });
    expect(replaced).not.toHaveProperty('title');
    expect(replaced.meta).toMatchObject({ version: 'W/"2"' });
    expect(await read(id)).toEqual(replaced);
  });

  it.each([true, false])('never changes active %p by leaving it out', async (active) => {
    const id = await create({ ...ADA, active });
    expect(await put(id, { ...ADA, title: 'Chief' })).toMatchObject({ active, title: 'Chief' });
  });

  it('never changes roles', async () => {
    const id = await create();
    await world.endUsers.editByHand(id, { roleIds: [ROLES.editor] });
    await put(id, { schemas: [], userName: 'ada' });
    expect((await world.endUsers.readUser(id))?.roleIds).toEqual([ROLES.editor]);
  });

  it('never takes away roles that were written by leaving them out', async () => {
    const roles = [{ value: 'Editors' }];
    const id = await create({ ...ADA, roles });
    expect(await put(id, ADA)).toMatchObject({ roles });
    expect(await patch(id, { op: 'remove', path: 'roles' })).not.toHaveProperty('roles');
  });

  it('clears the address it wrote', async () => {
    const id = await create();
    expect(await put(id, { schemas: [], userName: 'ada' })).not.toHaveProperty('emails');
  });

  it('keeps an address it never wrote, however often it sends none', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    for (const title of ['one', 'two', 'three']) {
      const shown = await put(id, { schemas: [], userName: 'ada', title });
      expect(shown.emails).toMatchObject([{ value: 'ada@x.example' }]);
    }
  });

  it('keeps an address it never wrote, also after a PATCH of something else', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    await patch(id, { op: 'replace', path: 'title', value: 'Boss' });
    expect((await put(id, { schemas: [], userName: 'ada', title: 'Chief' })).emails).toMatchObject([{ value: 'ada@x.example' }]);
  });

  it('keeps the name of an admin user that was given in Strapi and never by this connection', async () => {
    const id = await create({ schemas: [], userName: 'root', externalId: 'e-9' }, admins);
    await world.adminUsers.editByHand(id, { name: { givenName: 'Ro', familyName: 'Ot' } });
    expect(await put(id, { schemas: [], userName: 'root', externalId: 'e-9', title: 'Boss' }, admins)).toMatchObject({ name: { givenName: 'Ro' } });
  });

  it('writes nothing and says so where nothing differs', async () => {
    const id = await create();
    const again = await put(id, ADA);
    expect(again.meta).toMatchObject({ version: 'W/"1"' });
    expect(world.log.records.at(-1)).toMatchObject({ outcome: 'skipped' });
  });

  it('shows and overwrites what was changed in Strapi meanwhile', async () => {
    const id = await create();
    await world.endUsers.editByHand(id, { email: 'hand@x.example' });
    expect((await read(id)).emails).toMatchObject([{ value: 'hand@x.example' }]);
    expect((await put(id, ADA)).emails).toMatchObject([{ value: 'ada@x.example' }]);
  });

  it('refuses names and ids of others, and leaves everything as it was', async () => {
    const id = await create();
    await create({ schemas: [], userName: 'eva', externalId: 'e-2' });
    const before = await read(id);
    await expect(put(id, { ...ADA, userName: 'EVA', title: 'new' })).rejects.toMatchObject({ code: 'uniqueness' });
    await expect(put(id, { ...ADA, externalId: 'e-2', title: 'new' })).rejects.toMatchObject({ code: 'uniqueness' });
    expect(await read(id)).toEqual(before);
    expect(world.log.story.slice(-2)).toEqual(['update refused', 'update refused']);
  });

  it('answers not-found for ids nobody has, nobody has any more, or another population has', async () => {
    const gone = await create();
    await remove(gone);
    const admin = await create(ADA, admins);
    for (const id of ['nobody', gone, admin]) {
      await expect(put(id, ADA)).rejects.toMatchObject({ code: 'not-found' });
      await expect(patch(id, { op: 'add', path: 'title', value: 'x' })).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove(id)).rejects.toMatchObject({ code: 'not-found' });
    }
  });
});

describe('PATCH', () => {
  it('changes what it names and nothing else', async () => {
    const id = await create();
    const changed = await patch(id, { op: 'replace', path: 'title', value: 'Chief' }, { op: 'add', path: 'name.givenName', value: 'Ada' });
    expect(changed).toMatchObject({ userName: 'ada', title: 'Chief', name: { givenName: 'Ada' }, emails: [{ value: 'ada@x.example' }], externalId: 'e-1' });
    expect(world.log.records.at(-1)).toMatchObject({
      operation: 'update',
      changes: expect.arrayContaining([{ path: 'title', before: 'Boss', after: 'Chief' }]),
    });
  });

  it('deactivates and reactivates', async () => {
    const id = await create();
    expect(await patch(id, { op: 'replace', value: { active: false } })).toMatchObject({ active: false });
    expect((await world.endUsers.readUser(id))?.resource.active).toBe(false);
    await patch(id, { op: 'replace', path: 'active', value: true });
    expect(world.log.story).toEqual(['create success', 'deactivate success', 'reactivate success']);
  });

  it('is refused as a whole where one operation cannot be applied', async () => {
    const id = await create();
    const before = await read(id);
    await expect(patch(id, { op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'id', value: 'other' })).rejects.toMatchObject({ status: 400 });
    expect(await read(id)).toEqual(before);
    expect(world.log.records.at(-1)).toMatchObject({ operation: 'update', outcome: 'refused', objectName: 'ada' });
  });

  it('refuses more than 64 kB of attributes, and leaves everything as it was', async () => {
    const id = await create();
    const before = await read(id);
    await expect(patch(id, { op: 'replace', path: 'title', value: 'x'.repeat(70_000) })).rejects.toMatchObject({ code: 'invalid-value' });
    expect(await read(id)).toEqual(before);
  });
});

describe('DELETE', () => {
  it('removes the account with its link, memberships and grants', async () => {
    const { ctx: okta } = world.addProvider({ roleMappings: [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }] });
    const id = await create(ADA, okta);
    const group = await world.service.create(okta, 'Group', { schemas: [], displayName: 'Editors', members: [{ value: id }] });
    await remove(id, okta);
    expect(await world.endUsers.readUser(id)).toBeNull();
    expect(await world.links.ofObject('User', id)).toEqual([]);
    expect(await world.grants.ofUsers([id])).toEqual([]);
    expect(await world.service.get(okta, 'Group', String(group.id), { withoutMembers: false })).toMatchObject({ members: [] });
    expect(world.log.records.at(-1)).toMatchObject({ operation: 'delete', outcome: 'success', objectId: id, objectName: 'ada' });
  });

  it('frees the names for the next account', async () => {
    await remove(await create());
    await expect(create()).resolves.toBeDefined();
  });

  it('is refused for an account this connection never provisioned', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await expect(remove(id)).rejects.toMatchObject({ code: 'not-adoptable' });
    expect(await world.endUsers.readUser(id)).not.toBeNull();
    expect(world.log.records).toMatchObject([{ operation: 'delete', outcome: 'refused', errorCode: 'not-adoptable', objectName: 'ada' }]);
  });
});

describe('accounts that existed before', () => {
  it('are shown, and nothing of them is anybody’s', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    expect(await read(id)).toMatchObject({ userName: 'ada', active: true });
    expect(await linkOf(id)).toBeNull();
  });

  it('of end users are adopted by the first write', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await put(id, ADA);
    expect(await linkOf(id)).toMatchObject({ externalId: 'e-1', state: 'linked' });
    expect(world.log.records[0]?.steps[2]).toMatchObject({ name: 'join', message: expect.stringContaining('taken over') });
    await expect(remove(id)).resolves.toBeUndefined();
  });

  it('are adopted by the first write also where it changes nothing', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await put(id, { schemas: [], userName: 'ada', active: true });
    expect(await linkOf(id)).not.toBeNull();
  });

  it('of another provider are not taken from it', async () => {
    const { ctx: entra } = world.addProvider();
    const id = await create(ADA, entra);
    for (const write of [put(id, ADA), patch(id, { op: 'replace', path: 'active', value: false }), remove(id)]) {
      await expect(write).rejects.toMatchObject({ code: 'linked-elsewhere' });
    }
    expect(await linkOf(id)).toBeNull();
    expect(await read(id, entra)).toMatchObject({ active: true });
  });

  it('do not show one provider what another wrote', async () => {
    const { ctx: entra } = world.addProvider();
    const id = await create(ADA, entra);
    expect(await read(id)).not.toHaveProperty('title');
    expect(await read(id)).not.toHaveProperty('externalId');
  });

  it('of admin users are never adopted', async () => {
    const id = await world.adminUsers.addByHand({ userName: 'root' });
    await expect(put(id, ADA, admins)).rejects.toMatchObject({ code: 'not-adoptable' });
    await expect(remove(id, admins)).rejects.toMatchObject({ code: 'not-adoptable' });
    expect((await world.adminUsers.readUser(id))?.resource.userName).toBe('root');
  });

  it('that targets know are adopted: a link of a target is no provider’s', async () => {
    world.addTarget();
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await world.settle();
    await expect(put(id, ADA)).resolves.toMatchObject({ title: 'Boss' });
  });
});

describe('protected accounts', () => {
  it('are neither changed, deactivated nor deleted, and every attempt is in the log', async () => {
    const id = await create({ schemas: [], userName: 'root', externalId: 'e-9' }, admins);
    await world.adminUsers.editByHand(id, { roleIds: [ROLES.superAdmin] });
    const before = await world.adminUsers.readUser(id);
    const off = parsePatchRequest({ Operations: [{ op: 'replace', path: 'active', value: false }] });
    await expect(put(id, { schemas: [], userName: 'renamed' }, admins)).rejects.toMatchObject({ code: 'protected' });
    await expect(world.service.modify(admins, 'User', id, off)).rejects.toMatchObject({ code: 'protected' });
    await expect(remove(id, admins)).rejects.toMatchObject({ code: 'protected' });
    expect(await world.adminUsers.readUser(id)).toEqual(before);
    expect(world.log.records.slice(-3)).toMatchObject([
      { operation: 'update', outcome: 'refused', errorCode: 'protected' },
      { operation: 'deactivate', outcome: 'refused', errorCode: 'protected' },
      { operation: 'delete', outcome: 'refused', errorCode: 'protected' },
    ]);
  });
});

it('marks every write for the targets, with the system it came from', async () => {
  const { connection } = world.addTarget();
  const { ctx: hr } = world.addProvider({ system: 'hr' });
  const id = await create(ADA, hr);
  expect(world.outbox.rows).toMatchObject([{ connectionId: connection.id, objectId: id, origin: 'hr' }]);
  expect(world.changes.wakes).toBe(1);
});

it('marks nothing and wakes nobody for a write that was rolled back', async () => {
  world.addTarget();
  world.log.failOnce((operation) => operation.outcome === 'success');
  await expect(create()).rejects.toThrow();
  expect(world.outbox.rows).toEqual([]);
  expect(world.changes.wakes).toBe(0);
});
