/** One person, one target: what is sent, what is found, what is remembered. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import type { Connection } from '../../../server/src/domain/connection/connection';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(() => {
  world = createWorld();
  ({ target, connection } = world.addTarget({ system: 'slack' }));
});

const emailOf = (user: Resource | undefined): unknown => (user?.emails as { value: string }[] | undefined)?.[0]?.value;
const linkOf = (id: string) => world.links.get(connection.id, 'User', id);
/** A person that is in step with the target, and a target that has seen nothing yet. */
async function inStep(userName = 'ada'): Promise<string> {
  const id = await world.endUsers.addByHand({ userName, email: `${userName}@x.example` });
  await world.settle();
  target.forgetRequests();
  return id;
}
async function touch(id: string): Promise<void> {
  await world.outbox.mark([connection.id], 'User', [id], null);
}

describe('creating', () => {
  it('creates the person with the SCIM id as externalId, and remembers the link', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    await world.settle();
    expect(target.users).toHaveLength(1);
    expect(target.user('ada')).toMatchObject({ externalId: id, active: true });
    expect(emailOf(target.user('ada'))).toBe('ada@x.example');
    expect(await linkOf(id)).toMatchObject({ remoteId: 'c1-1', state: 'linked' });
    expect(world.outbox.rows).toEqual([]);
    expect(world.log.records).toMatchObject([
      { operation: 'create', outcome: 'success', objectName: 'ada', objectId: id, remoteId: 'c1-1', trigger: 'real-time', direction: 'outbound' },
    ]);
    expect(world.log.records[0]?.steps.map((step) => step.name)).toEqual(['read', 'scope', 'join', 'map', 'diff', 'guard', 'apply']);
  });

  it('never sends a placeholder address', async () => {
    await world.endUsers.addByHand({ userName: 'ada' });
    await world.settle();
    expect(target.user('ada')).not.toHaveProperty('emails');
  });

  it('never creates somebody who is inactive, and does as soon as they are active', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada', active: false });
    await world.settle();
    expect(target.requests).toEqual([]);
    expect(await linkOf(id)).toBeNull();
    await world.endUsers.editByHand(id, { active: true });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: true });
  });

  it('makes no request for somebody who was deleted before the target ever knew them', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.requests).toEqual([]);
    expect(world.outbox.rows).toEqual([]);
  });

  it('sends every target its own copy', async () => {
    const other = world.addTarget();
    await world.endUsers.addByHand({ userName: 'ada' });
    await world.settle();
    expect([target.users.length, other.target.users.length]).toEqual([1, 1]);
  });

  it('sends admin users to connections of admin users only', async () => {
    const admins = world.addTarget({ population: 'admin-users' });
    await world.adminUsers.addByHand({ userName: 'root', name: { givenName: 'Ro' }, roleIds: [ROLES.editor] });
    await world.settle();
    expect(target.users).toEqual([]);
    expect(admins.target.user('root')).toMatchObject({ name: { givenName: 'Ro' } });
  });
});

describe('updating', () => {
  it('sends exactly what changed', async () => {
    const id = await inStep();
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle();
    expect(target.requests).toMatchObject([{ method: 'update', ref: 'c1-1', changes: [{ path: 'userName', before: 'ada', after: 'ada.l' }] }]);
    expect(target.users.map((user) => user.userName)).toEqual(['ada.l']);
    expect((await linkOf(id))?.snapshot).toMatchObject({ userName: 'ada.l' });
  });

  it('makes no request and no row for a person that did not change', async () => {
    const id = await inStep();
    const rows = world.log.records.length;
    await touch(id);
    await world.settle();
    expect(target.requests).toEqual([]);
    expect(world.log.records).toHaveLength(rows);
    expect(world.outbox.rows).toEqual([]);
  });

  it('makes no request for a change of what is not sent', async () => {
    const id = await inStep();
    await world.endUsers.editByHand(id, { roleIds: [ROLES.editor] });
    await world.settle();
    expect(target.requests).toEqual([]);
  });

  it('deactivates and reactivates, and calls it by its name', async () => {
    const id = await inStep();
    await world.endUsers.editByHand(id, { active: false, userName: 'ada.old' });
    await world.settle();
    expect(target.user('ada.old')).toMatchObject({ active: false });
    await world.endUsers.editByHand(id, { active: true });
    await world.settle();
    expect(target.user('ada.old')).toMatchObject({ active: true });
    expect(world.log.story).toEqual(['create success', 'deactivate success', 'reactivate success']);
  });

  it('takes a value away where it was removed in Strapi', async () => {
    const id = await inStep();
    await world.endUsers.editByHand(id, { email: 'x@users.invalid' });
    await world.settle();
    expect(target.user('ada')).not.toHaveProperty('emails');
  });

  it('leaves alone what only the application has', async () => {
    const id = await inStep();
    await target.update('User', 'c1-1', { schemas: [] }, [{ path: 'theme', before: null, after: 'dark' }]);
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle();
    expect(target.user('ada.l')).toMatchObject({ theme: 'dark' });
  });
});

describe('deleting', () => {
  it('deletes the person at the target and forgets the link', async () => {
    const id = await inStep();
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.users).toEqual([]);
    expect(target.requests).toMatchObject([{ method: 'delete', ref: 'c1-1' }]);
    expect(await linkOf(id)).toBeNull();
    expect(world.log.records.at(-1)).toMatchObject({ operation: 'delete', outcome: 'success', objectName: 'ada', remoteId: 'c1-1' });
  });

  it('is done where the person is gone already', async () => {
    const id = await inStep();
    target.drop('c1-1');
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(world.outbox.rows).toEqual([]);
    expect(await linkOf(id)).toBeNull();
  });

  it('also deletes a person the system wrote itself, whose id there was never learnt', async () => {
    const id = await inStep();
    const link = await linkOf(id);
    if (link === null) throw new Error('Not linked.');
    await world.links.save({ ...link, remoteId: null, state: 'assumed' });
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.users).toEqual([]);
  });

  it('that was searched for by name never hits the person who has the name by now', async () => {
    const gone = await inStep();
    const link = await linkOf(gone);
    if (link === null) throw new Error('Not linked.');
    await world.links.save({ ...link, remoteId: null, state: 'assumed' });
    target.drop('c1-1');
    await world.endUsers.delete('User', gone);
    // The system itself has somebody new under the old name, and has told Strapi.
    target.put({ userName: 'ada', active: true });
    const id = await world.origin.run({ system: 'slack' }, () => world.endUsers.addByHand({ userName: 'ada', email: 'new@x.example' }));
    await world.links.save({ ...link, localId: id, remoteId: null, state: 'assumed' });
    await world.settle();
    expect(target.requests.filter((request) => request.method === 'delete')).toEqual([]);
    expect(target.user('ada')).toMatchObject({ active: true });
  });

  it('never says that somebody was deleted for whom nothing was asked of the target', async () => {
    const id = await inStep();
    const link = await linkOf(id);
    if (link === null) throw new Error('Not linked.');
    await world.links.save({ ...link, remoteId: null, state: 'assumed' });
    await world.endUsers.delete('User', id);
    await world.settle();
    const claimed = world.log.records.some((record) => record.operation === 'delete' && record.outcome === 'success');
    expect(claimed).toBe(target.requests.some((request) => request.method === 'delete'));
  });
});

describe('matching what is there already', () => {
  it('matches by userName without regard to case, links it and sends only what differs', async () => {
    target.put({ userName: 'ADA', active: true, title: 'Boss' });
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    await world.settle();
    expect(target.users).toHaveLength(1);
    expect(target.users[0]).toMatchObject({ userName: 'ada', externalId: id, title: 'Boss' });
    expect(await linkOf(id)).toMatchObject({ remoteId: 'c1-1' });
    expect(target.requests.map((request) => request.method)).toEqual(['find', 'find', 'update']);
  });

  it('matches by externalId first', async () => {
    target.put({ userName: 'other' });
    const id = await world.endUsers.addByHand({ userName: 'ada', active: false });
    target.put({ userName: 'ada.old', externalId: id });
    await world.endUsers.editByHand(id, { active: true });
    await world.settle();
    expect(await linkOf(id)).toMatchObject({ remoteId: 'c1-2' });
    expect(target.users.map((user) => user.userName)).toEqual(['other', 'ada']);
  });

  it('writes nothing where both sides agree, links it and says so', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    target.put({ userName: 'ada', active: true, externalId: id, title: 'Boss' });
    await world.settle();
    expect(target.writes).toEqual([]);
    expect(await linkOf(id)).toMatchObject({ remoteId: 'c1-1', state: 'linked' });
    expect(world.log.records).toMatchObject([{ outcome: 'skipped', objectName: 'ada' }]);
  });

  it('keeps the values Strapi does not have, also on the next change', async () => {
    target.put({ userName: 'ada', active: true, title: 'Boss', [ENTERPRISE]: { department: 'R&D' } });
    const id = await world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    await world.settle();
    await world.endUsers.editByHand(id, { email: 'ada@y.example' });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ title: 'Boss', [ENTERPRISE]: { department: 'R&D' } });
  });

  it('makes no request for a matched person that did not change since', async () => {
    target.put({ userName: 'ada', active: true, title: 'Boss' });
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await world.settle();
    target.forgetRequests();
    await touch(id);
    await world.settle();
    expect(target.requests).toEqual([]);
  });

  it('keeps the parts of a complex attribute that Strapi does not have', async () => {
    const { ctx } = world.addProvider();
    target.put({ userName: 'ada', active: true, name: { middleName: 'M' }, [ENTERPRISE]: { department: 'R&D' } });
    await world.service.create(ctx, 'User', { schemas: [], userName: 'ada', name: { givenName: 'Ada' }, [ENTERPRISE]: { costCenter: '7' } });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ name: { givenName: 'Ada', middleName: 'M' }, [ENTERPRISE]: { department: 'R&D', costCenter: '7' } });
  });

  it('touches nobody where two objects match', async () => {
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    target.put({ userName: 'one', externalId: id });
    target.put({ userName: 'two', externalId: id });
    await world.settle();
    expect(target.writes).toEqual([]);
    expect(world.outbox.rows).toMatchObject([{ state: 'failed', errorCode: 'disputed' }]);
    expect(world.log.records).toMatchObject([{ operation: 'create', outcome: 'failed', errorCode: 'disputed', objectName: 'ada' }]);
  });

  it('never takes over an object of the target that belongs to another account', async () => {
    const ada = await inStep('ada');
    // Ada is renamed, the target does not hear of it yet, and somebody else gets the name.
    target.failOnce(new ProvisioningError('target-rejected', 'Not now.'), (request) => request.method === 'update');
    await world.endUsers.editByHand(ada, { userName: 'ada.l' });
    await world.settle();
    await world.endUsers.addByHand({ userName: 'ada', email: 'new@x.example' });
    const delivery = world.delivery();
    for (let round = 0; round < 5; round += 1) {
      await delivery.drain(() => false);
      world.clock.advance(60_000);
    }
    const present = target.users.find((user) => user.id === 'c1-1');
    expect(present?.externalId).toBe(ada);
    expect(emailOf(present)).toBe('ada@x.example');
  });
});

describe('objects that vanish', () => {
  it('creates a person again that the target has lost', async () => {
    const id = await inStep();
    target.drop('c1-1');
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle();
    expect(target.users).toMatchObject([{ userName: 'ada.l', externalId: id }]);
    expect(await linkOf(id)).toMatchObject({ remoteId: 'c1-2' });
    expect(world.outbox.rows).toEqual([]);
    expect(world.log.story).toEqual(['create success', 'update refused', 'create success']);
  });

  it('does not create a person again that is inactive by now', async () => {
    const id = await inStep();
    target.drop('c1-1');
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    expect(target.users).toEqual([]);
    expect(world.outbox.rows).toEqual([]);
    expect(await linkOf(id)).toBeNull();
  });

  it('never creates an inactive person, also where the system was thought to have them', async () => {
    const id = await inStep();
    const link = await linkOf(id);
    if (link === null) throw new Error('Not linked.');
    await world.links.save({ ...link, remoteId: null, state: 'assumed' });
    target.drop('c1-1');
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    expect(target.users).toEqual([]);
  });
});
