/** The worker: faults of targets and databases, leases, waiting, and that nothing is done twice or lost. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { ErrorCode } from '../../../server/src/contracts/error-codes';
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(() => {
  world = createWorld();
  ({ target, connection } = world.addTarget());
});

const never = (): boolean => false;
const fault = (code: ErrorCode, options: { retryAfterMs?: number } = {}): ProvisioningError => new ProvisioningError(code, `Failed with ${code}.`, options);
const addUser = (userName: string): Promise<string> => world.endUsers.addByHand({ userName });

describe('a target in trouble', () => {
  it('waits as long as a 429 asks for, with everything that is for this target', async () => {
    const quiet = world.addTarget();
    target.failOnce(fault('target-rate-limited', { retryAfterMs: 30_000 }));
    await addUser('ada');
    await addUser('bob');
    const delivery = world.delivery();
    const next = await delivery.drain(never);
    expect(target.requests).toHaveLength(1);
    expect(quiet.target.users).toHaveLength(2);
    expect(next).toBe(world.clock.now() + 30_000);

    world.clock.advance(29_999);
    await delivery.drain(never);
    expect(target.requests).toHaveLength(1);
    world.clock.advance(1);
    expect(await delivery.drain(never)).toBeNull();
    expect(target.users.map((user) => user.userName).sort()).toEqual(['ada', 'bob']);
  });

  it.each<ErrorCode>(['target-auth', 'target-unavailable', 'target-unexpected', 'target-rate-limited'])('keeps the change through %s and sends it afterwards', async (code) => {
    target.failOnce(fault(code));
    await addUser('ada');
    await addUser('bob');
    const delivery = world.delivery();
    const next = await delivery.drain(never);
    expect(target.requests).toHaveLength(1);
    expect(world.log.records).toMatchObject([{ outcome: 'failed', errorCode: code, operation: 'create' }]);
    expect(next).toBeGreaterThan(world.clock.now());
    await world.settle(delivery);
    expect(target.users).toHaveLength(2);
  });

  it('goes on at once when a person has corrected the connection', async () => {
    target.failOnce(fault('target-auth', { retryAfterMs: 3_600_000 }));
    await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    await delivery.unblock(connection.id);
    await addUser('bob');
    await delivery.drain(never);
    expect(target.user('bob')).toBeDefined();
  });

  it('says in the log that the credential cannot be read, and sends nothing', async () => {
    world.targets.setReadable(connection.id, false);
    const id = await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(target.requests).toEqual([]);
    expect(world.log.records).toMatchObject([{ outcome: 'failed', errorCode: 'credential-unreadable', objectId: id }]);
    world.targets.setReadable(connection.id, true);
    await world.settle(delivery);
    expect(target.users).toHaveLength(1);
  });

  it('waits longer with every attempt, and counts them in the log', async () => {
    target.failWhile(() => fault('target-unavailable'));
    await addUser('ada');
    const delivery = world.delivery();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const next = (await delivery.drain(never)) ?? 0;
      waits.push(next - world.clock.now());
      world.clock.advanceTo(next);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
    expect(world.log.records.map((record) => record.attempts)).toEqual([1, 2, 3, 4, 5]);
  });

  it('stops where the data is refused, until the person changes', async () => {
    target.failOnce(fault('target-rejected'));
    const id = await addUser('ada');
    await addUser('bob');
    const delivery = world.delivery();
    expect(await delivery.drain(never)).toBeNull();
    expect(target.users.map((user) => user.userName)).toEqual(['bob']);
    expect(world.outbox.rows).toMatchObject([{ objectId: id, state: 'failed', errorCode: 'target-rejected' }]);
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle(delivery);
    expect(target.user('ada.l')).toBeDefined();
  });
});

describe('a paused connection', () => {
  it('collects changes and sends them when it goes on', async () => {
    world.connections.put({ ...connection, enabled: false });
    const id = await addUser('ada');
    const delivery = world.delivery();
    expect(await delivery.drain(never)).toBeNull();
    expect(target.requests).toEqual([]);
    expect(world.outbox.rows).toMatchObject([{ objectId: id, attempts: 0 }]);
    world.connections.put({ ...connection, enabled: true });
    await delivery.drain(never);
    expect(target.users).toHaveLength(1);
  });

  it('that was removed leaves nothing behind', async () => {
    await addUser('ada');
    world.connections.remove(connection.id);
    expect(await world.delivery().drain(never)).toBeNull();
    expect(world.outbox.rows).toEqual([]);
    expect(world.log.records).toEqual([]);
  });
});

describe('409', () => {
  it('looks again and links what it finds', async () => {
    target.put({ userName: 'ada', active: true });
    target.searchable = false;
    const id = await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(world.log.records).toMatchObject([{ outcome: 'refused', errorCode: 'uniqueness' }]);
    target.searchable = true;
    await world.settle(delivery);
    expect(target.users).toMatchObject([{ userName: 'ada', externalId: id }]);
    expect(await world.links.get(connection.id, 'User', id)).toMatchObject({ remoteId: 'c1-1' });
  });

  it('gives up after some more looks, until the person changes', async () => {
    target.put({ userName: 'ada' });
    target.searchable = false;
    await addUser('ada');
    await world.settle();
    expect(target.writes.length).toBeGreaterThan(1);
    expect(target.writes.length).toBeLessThan(20);
    expect(world.outbox.rows).toMatchObject([{ state: 'failed', errorCode: 'uniqueness' }]);
  });

  it('looks again also where other failures came before it', async () => {
    target.put({ userName: 'ada', active: true });
    target.searchable = false;
    target.failOnce(fault('target-unavailable'));
    const id = await addUser('ada');
    const delivery = world.delivery();
    world.clock.advanceTo((await delivery.drain(never)) ?? 0);
    await delivery.drain(never);
    target.searchable = true;
    await world.settle(delivery);
    expect(await world.links.get(connection.id, 'User', id)).toMatchObject({ remoteId: 'c1-1' });
  });
});

describe('names that change hands', () => {
  it('are taken at the target as soon as they are free there', async () => {
    const [ada, bob] = [await addUser('ada'), await addUser('bob')];
    await world.settle();
    for (let time = 0; time < 4; time += 1) target.failOnce(fault('internal'), (request) => request.ref === 'c1-1');
    await world.endUsers.editByHand(ada, { userName: 'ada.l' });
    await world.endUsers.editByHand(bob, { userName: 'ada' });
    await world.settle();
    expect(target.users.map((user) => user.userName)).toEqual(['ada.l', 'ada']);
  });

  it('of a deleted person become an account of its own, also where the deletion comes late', async () => {
    const first = await addUser('ada');
    await world.settle();
    for (let time = 0; time < 4; time += 1) target.failOnce(fault('internal'), (request) => request.method === 'delete');
    await world.endUsers.delete('User', first);
    const second = await addUser('ada');
    await world.settle();
    expect(target.users).toMatchObject([{ userName: 'ada', externalId: second }]);
    expect(target.writes.filter((request) => request.method === 'update')).toEqual([]);
  });
});

describe('changes while a delivery is under way', () => {
  it('are sent too', async () => {
    const id = await addUser('ada');
    let changed = false;
    target.during(async (request) => {
      if (request.method !== 'create' || changed) return;
      changed = true;
      await world.endUsers.editByHand(id, { userName: 'ada.l' });
    });
    await world.settle();
    expect(target.users.map((user) => user.userName)).toEqual(['ada.l']);
    expect(target.writes.map((request) => request.method)).toEqual(['create', 'update']);
  });

  it('are sent also where the delivery was refused', async () => {
    const id = await addUser('ada');
    target.failOnce(fault('target-rejected'), (request) => request.method === 'create');
    target.during(async (request) => {
      if (request.method !== 'create') return;
      target.during(null);
      await world.endUsers.editByHand(id, { userName: 'ada.l' });
    });
    await world.settle();
    expect(target.users.map((user) => user.userName)).toEqual(['ada.l']);
  });

  it('that delete the person win', async () => {
    const id = await addUser('ada');
    target.during(async (request) => {
      if (request.method !== 'create') return;
      target.during(null);
      await world.endUsers.delete('User', id);
    });
    await world.settle();
    expect(target.users).toEqual([]);
    expect(await world.links.ofObject('User', id)).toEqual([]);
  });
});

describe('nothing is done twice', () => {
  it('ends with one object after a crash between the write at the target and the memory of it', async () => {
    world.database.failCommitOnce(new Error('killed'), () => target.users.length > 0);
    const id = await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(target.users).toHaveLength(1);
    expect((await world.links.get(connection.id, 'User', id))?.state).not.toBe('linked');
    expect(world.log.story).toEqual(['create failed']);
    await world.settle(delivery);
    expect(target.users).toHaveLength(1);
    expect(target.writes.filter((request) => request.method === 'create')).toHaveLength(1);
    expect(await world.links.get(connection.id, 'User', id)).toMatchObject({ remoteId: 'c1-1' });
  });

  it('ends with one object where the log could not be written, and does not say it is done', async () => {
    world.log.failOnce((operation) => operation.outcome === 'success');
    const id = await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(world.log.story).toEqual(['create failed']);
    expect((await world.links.get(connection.id, 'User', id))?.state).not.toBe('linked');
    expect(world.outbox.rows).toHaveLength(1);
    await world.settle(delivery);
    expect(target.writes.filter((request) => request.method === 'create')).toHaveLength(1);
    expect(await world.links.get(connection.id, 'User', id)).toMatchObject({ state: 'linked' });
  });

  it('ends with one object where the answer to the creation was lost', async () => {
    target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'create');
    await addUser('ada');
    await world.settle();
    expect(target.users).toHaveLength(1);
    expect(target.writes.filter((request) => request.method === 'create')).toHaveLength(1);
  });

  it('ends the same where the answer to a change or a deletion was lost', async () => {
    const id = await addUser('ada');
    await world.settle();
    target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'update');
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle();
    expect(target.users.map((user) => user.userName)).toEqual(['ada.l']);
    target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'delete');
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.users).toEqual([]);
    expect(world.outbox.rows).toEqual([]);
  });

  it('sends the change of a worker that died holding it', async () => {
    await addUser('ada');
    await world.outbox.claim('dead', 10, 60_000, []);
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(target.requests).toEqual([]);
    world.clock.advance(60_001);
    await delivery.drain(never);
    expect(target.users).toHaveLength(1);
  });

  it('does not let a worker that lost its lease overwrite what a faster one remembered', async () => {
    const id = await addUser('ada');
    await world.settle();
    await world.endUsers.editByHand(id, { userName: 'ada.old' });
    const [slow, fast] = [world.delivery({ owner: 'slow' }), world.delivery({ owner: 'fast' })];
    target.during(async () => {
      target.during(null);
      world.clock.advance(60_001);
      await world.endUsers.editByHand(id, { userName: 'ada.new' });
      await fast.drain(never);
    });
    await slow.drain(never);
    expect((await world.links.get(connection.id, 'User', id))?.snapshot).toMatchObject({ userName: 'ada.new' });
  });

  it('shares the work between two workers without doing any of it twice', async () => {
    for (let number = 0; number < 20; number += 1) await addUser(`user-${number}`);
    const workers = [world.delivery({ owner: 'a', parallel: 3 }), world.delivery({ owner: 'b', parallel: 3 })];
    await Promise.all(workers.map((worker) => worker.drain(never)));
    expect(target.users).toHaveLength(20);
    expect(target.writes).toHaveLength(20);
    expect(world.log.records).toHaveLength(20);
  });
});

describe('a creation whose answer was lost', () => {
  const losses: [string, () => void][] = [
    ['on the way', () => target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'create')],
    ['by a crash before it was remembered', () => world.database.failCommitOnce(new Error('killed'), () => target.users.length > 0)],
    ['because it could not be logged', () => world.log.failOnce((operation) => operation.outcome === 'success')],
  ];

  it.each(losses)('%s is deleted at the target when the person is deleted before the next attempt', async (_case, lose) => {
    const id = await addUser('ada');
    lose();
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(target.users).toHaveLength(1);
    await world.endUsers.delete('User', id);
    await world.settle(delivery);
    expect(target.users).toEqual([]);
  });

  it.each(losses)('%s is deactivated at the target when the person is deactivated before the next attempt', async (_case, lose) => {
    const id = await addUser('ada');
    lose();
    const delivery = world.delivery();
    await delivery.drain(never);
    await world.endUsers.editByHand(id, { active: false });
    await world.settle(delivery);
    expect(target.users.filter((user) => user.active !== false)).toEqual([]);
  });

  it.each(losses)('%s ends with one object when the person is renamed before the next attempt', async (_case, lose) => {
    const id = await addUser('ada');
    lose();
    const delivery = world.delivery();
    await delivery.drain(never);
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle(delivery);
    expect(target.users).toMatchObject([{ userName: 'ada.l', active: true }]);
  });

  it('ends with one object when the person is renamed, also where the application keeps no externalId', async () => {
    target.unknown = ['externalId'];
    const id = await addUser('ada');
    target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'create');
    const delivery = world.delivery();
    await delivery.drain(never);
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle(delivery);
    expect(target.users).toMatchObject([{ userName: 'ada.l' }]);
  });

  it('does not cost somebody else their account', async () => {
    target.failOnce(fault('target-unavailable'), (request) => request.method === 'create');
    const id = await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    target.put({ userName: 'ada', externalId: 'somebody-else', active: true });
    await world.endUsers.delete('User', id);
    await world.settle(delivery);
    expect(target.users).toMatchObject([{ externalId: 'somebody-else' }]);
  });
});

describe('a change whose answer was lost', () => {
  const isUpdate = (request: { method: string }): boolean => request.method === 'update';
  const losses: [string, (done: () => boolean) => void][] = [
    ['on the way', () => target.failOnce({ lost: fault('target-unavailable') }, isUpdate)],
    ['by a crash before it was remembered', (done) => world.database.failCommitOnce(new Error('killed'), done)],
    ['because it could not be logged', () => world.log.failOnce((operation) => operation.outcome === 'success')],
  ];

  it.each(losses)('%s is taken back at the target when it is taken back in Strapi', async (_case, lose) => {
    const id = await addUser('ada');
    await world.settle();
    await world.endUsers.editByHand(id, { active: false });
    lose(() => target.users.every((user) => user.active === false));
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(target.user('ada')).toMatchObject({ active: false });
    await world.endUsers.editByHand(id, { active: true });
    await world.settle(delivery);
    expect(target.user('ada')).toMatchObject({ active: true });
  });

  it.each(losses)('%s never leaves somebody active who is not', async (_case, lose) => {
    const id = await addUser('ada');
    await world.settle();
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    await world.endUsers.editByHand(id, { active: true });
    lose(() => target.users.every((user) => user.active === true));
    const delivery = world.delivery();
    await delivery.drain(never);
    await world.endUsers.editByHand(id, { active: false });
    await world.settle(delivery);
    expect(target.user('ada')).toMatchObject({ active: false });
  });

  it('is remembered with what the application has of its own', async () => {
    const id = await addUser('ada');
    await world.settle();
    await target.update('User', 'c1-1', { schemas: [] }, [{ path: 'title', before: null, after: 'Boss' }]);
    await world.endUsers.editByHand(id, { active: false });
    target.failOnce({ lost: fault('target-unavailable') }, isUpdate);
    await world.settle();
    await world.endUsers.editByHand(id, { userName: 'ada.l' });
    await world.settle();
    expect(target.users).toMatchObject([{ userName: 'ada.l', active: false, title: 'Boss' }]);
  });
});

describe('the worker itself', () => {
  it('takes no new work once it is stopping, and finishes what it began', async () => {
    await addUser('ada');
    await addUser('bob');
    let stopping = false;
    target.during((request) => {
      if (request.method === 'create') stopping = true;
    });
    await world.delivery().drain(() => stopping);
    expect(target.users).toHaveLength(1);
    expect(world.outbox.rows).toMatchObject([{ leaseOwner: null }]);
  });

  it('reports what it did not expect, and tries again', async () => {
    const bug = new TypeError('undefined is not a function');
    target.failOnce(bug);
    await addUser('ada');
    const delivery = world.delivery();
    await delivery.drain(never);
    expect(world.errors).toEqual([bug]);
    expect(world.log.records).toMatchObject([{ outcome: 'failed', errorCode: 'internal' }]);
    expect(world.log.records[0]?.message).not.toContain('undefined');
    await world.settle(delivery);
    expect(target.users).toHaveLength(1);
  });

  it('survives a database that fails while it notes a failure', async () => {
    target.failOnce(fault('target-unavailable'));
    await addUser('ada');
    const broken = { ...world.outbox, retry: () => Promise.reject(new Error('database gone')) };
    const outbox = Object.assign(Object.create(world.outbox) as typeof world.outbox, { retry: broken.retry });
    await world.delivery({}, { outbox }).drain(never);
    expect(world.errors).toMatchObject([{ message: 'database gone' }]);
    await world.settle();
    expect(target.users).toHaveLength(1);
  });

  it('never works on more objects at a time than it may', async () => {
    for (let number = 0; number < 12; number += 1) await addUser(`user-${number}`);
    let running = 0;
    let most = 0;
    target.during(async (request) => {
      if (request.method !== 'create') return;
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      running -= 1;
    });
    await world.delivery({ parallel: 4 }).drain(never);
    expect(most).toBe(4);
    expect(target.users).toHaveLength(12);
  });
});

it('somebody whom the application denied for a moment, and who is deleted before that was cleared up, is deleted there', async () => {
  const id = await addUser('ada');
  await world.settle();
  await world.endUsers.editByHand(id, { email: 'new@x.example' });
  target.failOnce(new ProvisioningError('not-found', 'The application does not know it.'), (request) => request.method === 'update');
  target.failOnce(fault('target-unavailable'), (request) => request.method === 'find');
  const delivery = world.delivery();
  await delivery.drain(never);
  const user = await world.endUsers.readUser(id);
  if (user !== null) await world.endUsers.removeUser(user);
  await world.settle(delivery);
  expect(target.users).toEqual([]);
});
