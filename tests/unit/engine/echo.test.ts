/** A provider and an application of the same organisation's system: what one wrote is not sent to the other. */
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let world: World;
let ctx: ScimRequestContext;
let own: MemoryDirectory;
let ownConnection: Connection;
let other: MemoryDirectory;

beforeEach(() => {
  world = createWorld();
  ({ ctx } = world.addProvider({ system: 'hr' }));
  ({ target: own, connection: ownConnection } = world.addTarget({ system: 'hr' }));
  ({ target: other } = world.addTarget({ system: 'crm' }));
});

const ADA: Resource = { schemas: [], userName: 'ada', externalId: 'hr-7', title: 'Boss', emails: [{ value: 'Ada@X.example' }] };

async function received(): Promise<string> {
  // The system has the person: it is the one who sends them.
  own.put({ userName: 'ada', active: true, title: 'Boss', emails: [{ value: 'Ada@X.example' }] });
  const { id } = await world.service.create(ctx, 'User', ADA);
  await world.settle();
  return String(id);
}

it('makes no request to the system that created the person, and sends them to the others', async () => {
  await received();
  expect(own.requests).toEqual([]);
  expect(other.user('ada')).toMatchObject({ title: 'Boss' });
});

it('writes nothing to the system that created the person', async () => {
  await received();
  expect(own.writes).toEqual([]);
  expect(world.outbox.rows).toEqual([]);
});

it('makes no request for changes of the same system, and remembers them', async () => {
  const id = await received();
  own.forgetRequests();
  await world.service.replace(ctx, 'User', id, { ...ADA, title: 'Chief', active: false });
  await world.settle();
  expect(own.requests).toEqual([]);
  expect((await world.links.get(ownConnection.id, 'User', id))?.snapshot).toMatchObject({ title: 'Chief', active: false });
  expect(other.user('ada')).toMatchObject({ title: 'Chief', active: false });
});

it('sends a later change of Strapi to the system, and only that', async () => {
  const id = await received();
  await world.endUsers.editByHand(id, { active: false });
  await world.settle();
  expect(own.writes).toHaveLength(1);
  expect(own.user('ada')).toMatchObject({ active: false, title: 'Boss' });
  expect(own.users).toHaveLength(1);
});

it('sends the result back where Strapi made something else of it', async () => {
  const id = await received();
  own.forgetRequests();
  // A person corrects the address between the request and its delivery: two sources, neither is spared.
  await world.service.replace(ctx, 'User', id, { ...ADA, title: 'Chief' });
  await world.endUsers.editByHand(id, { email: 'other@x.example' });
  await world.settle();
  expect(own.user('ada')?.emails).toEqual([expect.objectContaining({ value: 'other@x.example' })]);
});

it.each([true, false])('sends what Strapi changed back (active %p) before the change of the system was delivered', async (active) => {
  const id = await received();
  await world.endUsers.editByHand(id, { active });
  await world.settle();
  // The system changes its own copy and says so; a person changes it back in Strapi at once.
  const copy = own.user('ada');
  own.overwrite(String(copy?.id), { active: !active });
  await world.service.replace(ctx, 'User', id, { ...ADA, active: !active });
  await world.endUsers.editByHand(id, { active });
  await world.settle();
  expect(own.user('ada')).toMatchObject({ active });
});

it.each([true, false])('remembers what the system wrote also where Strapi held it already (active %p)', async (active) => {
  const id = await received();
  await world.endUsers.editByHand(id, { active });
  await world.settle();
  // Both sides make the same change, then a person takes it back, all before anything is delivered.
  await world.endUsers.editByHand(id, { active: !active });
  own.overwrite(String(own.user('ada')?.id), { active: !active });
  await world.service.replace(ctx, 'User', id, { ...ADA, active: !active });
  await world.endUsers.editByHand(id, { active });
  await world.settle();
  expect(own.user('ada')).toMatchObject({ active });
});

it('a PATCH of the system says nothing of what Strapi changed and has not sent yet', async () => {
  const id = await received();
  await world.endUsers.editByHand(id, { active: false });
  const copy = own.user('ada');
  own.overwrite(String(copy?.id), { title: 'Chief' });
  await world.service.modify(ctx, 'User', id, parsePatchRequest({ Operations: [{ op: 'replace', path: 'title', value: 'Chief' }] }));
  await world.settle();
  expect(own.user('ada')).toMatchObject({ active: false, title: 'Chief' });
});

it('a PATCH of the system that says what Strapi changed as well, and a person takes back before it is sent', async () => {
  const id = await received();
  await world.endUsers.editByHand(id, { active: false });
  own.overwrite(String(own.user('ada')?.id), { active: false });
  await world.service.modify(ctx, 'User', id, parsePatchRequest({ Operations: [{ op: 'replace', path: 'active', value: false }] }));
  await world.endUsers.editByHand(id, { active: true });
  await world.settle();
  expect(own.user('ada')).toMatchObject({ active: true });
});

it('sends what differs from what was received, although the system is its origin', async () => {
  const id = await received();
  await world.endUsers.editByHand(id, { email: 'other@x.example' });
  await world.outbox.complete(...(await claimed(id)));
  await world.origin.run({ system: 'hr' }, () => world.changes.usersChanged('end-users', [id]));
  await world.settle();
  expect(own.user('ada')?.emails).toEqual([expect.objectContaining({ value: 'other@x.example' })]);
});

it('does not send a deletion back, and deletes at the others', async () => {
  const id = await received();
  own.forgetRequests();
  await world.service.remove(ctx, 'User', id);
  await world.settle();
  expect(own.requests).toEqual([]);
  expect(other.users).toEqual([]);
  expect(await world.links.ofObject('User', id)).toEqual([]);
  expect(world.outbox.rows).toEqual([]);
});

describe('somebody whom the system has no more', () => {
  it('is not made again by a change made here at the same moment, and is gone once the system says so', async () => {
    const id = await received();
    await world.endUsers.editByHand(id, { email: 'ada@y.example' });
    await world.settle();
    own.drop(String(own.user('ada')?.id));
    await world.endUsers.editByHand(id, { email: 'ada@z.example' });
    await world.delivery().drain(() => false);
    expect(own.users).toEqual([]);
    const waits = { connectionId: ownConnection.id, state: 'pending', errorCode: 'conflict', message: expect.stringContaining('nobody is made again') };
    expect(world.outbox.rows).toEqual([expect.objectContaining(waits)]);
    await world.service.remove(ctx, 'User', id);
    await world.settle();
    expect([own.users, other.users, world.outbox.rows]).toEqual([[], [], []]);
  });

  it('is set aside for a person where the system never says anything', async () => {
    const id = await received();
    own.drop(String(own.user('ada')?.id));
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    expect(own.writes.filter(({ method }) => method === 'create')).toEqual([]);
    expect(world.outbox.rows).toEqual([expect.objectContaining({ objectId: id, state: 'failed', errorCode: 'conflict' })]);
  });
});

it('finds whom the system calls by a UUID under another name', async () => {
  // As another Strapi does, which sends the id it has for the person.
  const uuid = own.put({ userName: 'ada', active: true, emails: [{ value: 'Ada@X.example' }] }, 'a2b4c6d8-0000-4000-8000-00000000000a');
  const { id } = await world.service.create(ctx, 'User', { ...ADA, externalId: uuid });
  await world.settle();
  own.overwrite(uuid, { userName: 'countess' });
  await world.endUsers.delete('User', String(id));
  await world.settle();
  expect(own.users).toEqual([]);
});

it('lets the system delete whom it has from here, and only them', async () => {
  const id = await world.endUsers.addByHand({ userName: 'grace', email: 'grace@x.example' });
  await world.settle();
  const unsent = await world.endUsers.addByHand({ userName: 'mary', email: 'mary@x.example', active: false });
  await world.settle();
  own.drop(String(own.user('grace')?.id));
  own.forgetRequests();
  await world.service.remove(ctx, 'User', id);
  await expect(world.service.remove(ctx, 'User', unsent)).rejects.toMatchObject({ code: 'not-adoptable' });
  await world.settle();
  expect((await world.endUsers.pageUsers(0, 10)).map((user) => user.resource.userName)).toEqual(['mary']);
  expect(own.requests).toEqual([]);
  expect(other.users).toEqual([]);
});

it('sends a deletion in Strapi to the system', async () => {
  const id = await received();
  await world.endUsers.delete('User', id);
  await world.settle();
  expect(own.users).toEqual([]);
});

it('sends what only Strapi changed, although another system wrote the person', async () => {
  const id = await received();
  await world.origin.run({ system: 'crm' }, () => world.endUsers.editByHand(id, { userName: 'ada.l' }));
  await world.settle();
  expect(own.users.map((user) => user.userName)).toEqual(['ada.l']);
});

it('does not take for an echo what another system wrote about the person', async () => {
  // `crm` never wrote Ada; it only puts her into a group that gives a role. Its own copy must still be made.
  const { ctx: crm } = world.addProvider({ system: 'crm', roleMappings: [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }] });
  const { id } = await world.service.create(ctx, 'User', { ...ADA, [ENTERPRISE]: { department: 'R' } });
  const late = world.addTarget({ system: 'crm' });
  await world.service.create(crm, 'Group', { schemas: [], displayName: 'Editors', members: [{ value: String(id) }] });
  await world.settle();
  expect(late.target.user('ada')).toMatchObject({ title: 'Boss' });
});

async function claimed(id: string) {
  const markers = await world.outbox.claim('test', 10, 1, []);
  const marker = markers.find((item) => item.connectionId === ownConnection.id && item.objectId === id);
  if (marker === undefined) throw new Error('There is no marker.');
  for (const item of markers) if (item !== marker) await world.outbox.complete(item, 'test');
  return [marker, 'test'] as const;
}
