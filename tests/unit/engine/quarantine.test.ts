/** A target that keeps failing: one change at a time tries it, ever more slowly, until one goes through. */
import fc from 'fast-check';
import { ERROR_CATALOGUE, type ErrorCode } from '../../../server/src/contracts/error-codes';
import { ERROR_CLASSES } from '../../../server/src/contracts/failure';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { classOf } from '../../../server/src/domain/failure/classes';
import { DEFAULT_RETRY_TIMES, isTargetWide, OWN_ATTEMPTS } from '../../../server/src/engine/push/backoff';
import { afterFailure } from '../../../server/src/engine/push/breaker';
import type { Delivery } from '../../../server/src/engine/push/delivery';
import type { TargetHealth } from '../../../server/src/ports/target-health';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

const HOUR = 3_600_000;
const never = (): boolean => false;
const fault = (code: ErrorCode, retryAfterMs?: number): ProvisioningError =>
  new ProvisioningError(code, `Failed with ${code}.`, retryAfterMs === undefined ? {} : { retryAfterMs });

let world: World;
let target: MemoryDirectory;
let connection: Connection;
let delivery: Delivery;

beforeEach(() => {
  world = createWorld();
  ({ target, connection } = world.addTarget());
  delivery = world.delivery();
});

const addUser = (userName: string): Promise<string> => world.endUsers.addByHand({ userName });
const health = (): TargetHealth | undefined => world.health.rows.get(connection.id);

/** Tries as often as the delivery itself says, and answers the pauses in between. */
async function tries(times: number, worker = delivery): Promise<number[]> {
  const pauses: number[] = [];
  for (let attempt = 0; attempt < times; attempt += 1) {
    const next = (await worker.drain(never)) ?? 0;
    pauses.push(next - world.clock.now());
    world.clock.advanceTo(next);
  }
  return pauses;
}

it('is quarantined after failures in a row over a time, and probed up to once an hour', async () => {
  target.failWhile(() => fault('target-unavailable'));
  for (const name of ['ada', 'bob', 'eve']) await addUser(name);
  await tries(8);
  expect(health()?.quarantinedSince).toBeNull();
  await tries(1);
  expect(health()).toMatchObject({ code: 'target-unavailable', reason: 'Failed with target-unavailable.' });
  expect(health()?.quarantinedSince).not.toBeNull();
  expect(world.alerts.told).toEqual([`entered ${connection.id}`]);
  target.forgetRequests();
  const pauses = await tries(8);
  expect(Math.max(...pauses)).toBe(HOUR / 2);
  expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
  // One change at a time, however many wait.
  expect(target.requests).toHaveLength(8);
  expect(world.alerts.told).toHaveLength(1);
});

it('leaves by itself with the first success, and everything goes through', async () => {
  target.failWhile(() => fault('target-unavailable'));
  for (const name of ['ada', 'bob', 'eve']) await addUser(name);
  await tries(12);
  target.failWhile(null);
  await delivery.drain(never);
  expect(health()).toBeUndefined();
  expect(target.users).toHaveLength(3);
  expect(world.outbox.rows).toEqual([]);
  expect(world.alerts.told).toEqual([`entered ${connection.id}`, `left ${connection.id}`]);
});

it('leaves also where the target answered and there was nothing to do', async () => {
  const id = await addUser('ada');
  target.failWhile((request) => (request.method === 'create' ? { lost: fault('target-unavailable') } : fault('target-unavailable')));
  target.failOnce({ lost: fault('target-unavailable') }, (request) => request.method === 'create');
  await tries(12);
  expect(health()?.quarantinedSince).not.toBeNull();
  target.put({ userName: 'ada', externalId: id, active: true });
  target.failWhile(null);
  await world.settle(delivery);
  expect(health()).toBeUndefined();
  expect(target.users).toHaveLength(1);
});

it('leaves also where the target answered with a refusal of this object', async () => {
  target.failWhile(() => fault('target-unavailable'));
  await addUser('ada');
  await tries(12);
  target.failWhile((request) => (request.method === 'create' ? fault('target-rejected') : null));
  await delivery.drain(never);
  expect(health()).toBeUndefined();
  expect(world.outbox.rows).toMatchObject([{ state: 'failed', errorCode: 'target-rejected' }]);
});

it('is remembered over a restart, and shared by instances', async () => {
  target.failWhile(() => fault('target-auth'));
  await addUser('ada');
  await tries(5);
  expect(health()?.quarantinedSince).not.toBeNull();
  target.forgetRequests();
  const before = health();
  world.health.rows.set(connection.id, { ...(before as TargetHealth), blockedUntil: world.clock.now() + 1_000 });
  await addUser('bob');
  expect(await world.delivery({ owner: 'another' }).drain(never)).toBe(world.clock.now() + 1_000);
  expect(target.requests).toEqual([]);
});

it('is tried at once when a person asks, and stays where that fails', async () => {
  target.failWhile(() => fault('target-auth'));
  await addUser('ada');
  await tries(10);
  const since = health()?.quarantinedSince;
  world.clock.advance(1);
  await addUser('bob');
  target.forgetRequests();
  await delivery.drain(never);
  await delivery.unblock(connection.id);
  await delivery.drain(never);
  expect(target.requests.length).toBeGreaterThan(0);
  expect(health()?.quarantinedSince).toBe(since);
  target.failWhile(null);
  await delivery.unblock(connection.id);
  await delivery.drain(never);
  expect(target.users).toHaveLength(2);
});

it('is not for who only asks to slow down', async () => {
  target.failWhile(() => fault('target-rate-limited', 60_000));
  await addUser('ada');
  await tries(30);
  expect(health()).toMatchObject({ quarantinedSince: null, failures: 30 });
});

it('does not hold up other connections', async () => {
  const other = world.addTarget();
  target.failWhile(() => fault('target-unavailable'));
  await addUser('ada');
  await tries(3);
  expect(other.target.users).toHaveLength(1);
});

it('a success that began before the failure does not open what a Retry-After closed', async () => {
  await addUser('ada');
  await addUser('bob');
  let calls = 0;
  target.failWhile((request) => (request.method === 'create' && (calls += 1) === 1 ? fault('target-rate-limited', 30_000) : null));
  await world.delivery({ parallel: 2 }).drain(never);
  expect(health()?.blockedUntil).toBe(world.clock.now() + 30_000);
});

it('an answer does not open what another instance closed meanwhile', async () => {
  target.failOnce(fault('target-unavailable'));
  await addUser('ada');
  await tries(1);
  const until = world.clock.now() + 60_000;
  // While this one tries it, another is told to wait for a minute.
  target.during(() => void world.health.rows.set(connection.id, { ...(health() as TargetHealth), blockedUntil: until }));
  await delivery.drain(never);
  expect(target.users).toHaveLength(1);
  expect(health()?.blockedUntil).toBe(until);
});

it('a target that is well costs no write beside its changes', async () => {
  await addUser('ada');
  const change = jest.spyOn(world.health, 'change');
  await world.settle(delivery);
  expect(target.users).toHaveLength(1);
  expect(change).not.toHaveBeenCalled();
});

describe('an object that breaks the target', () => {
  it('is set aside once others went through often enough meanwhile', async () => {
    const id = await addUser('poison');
    target.failWhile((request) => (request.resource?.userName === 'poison' ? fault('target-unavailable') : null));
    for (let round = 0; round < 40; round += 1) {
      await addUser(`user-${round}`);
      const next = await delivery.drain(never);
      world.clock.advanceTo(next ?? world.clock.now() + HOUR);
      await delivery.drain(never);
    }
    await world.settle(delivery);
    expect(world.outbox.rows).toMatchObject([{ objectId: id, state: 'failed', errorCode: 'target-unavailable', message: expect.stringContaining('set aside') as string }]);
    expect(target.users).toHaveLength(40);
  });

  it('is not set aside by an outage, however often it failed before', async () => {
    const id = await addUser('nearly');
    await addUser('other');
    target.failWhile(() => fault('target-unavailable'));
    const [row] = world.outbox.rows.filter((marker) => marker.objectId === id);
    const [marker] = await world.outbox.claim('w', 1, 1, []);
    if (row === undefined || marker === undefined) throw new Error('Nothing was claimed.');
    await world.outbox.retry({ ...marker, blamed: OWN_ATTEMPTS - 1 }, 'w', world.clock.now(), { code: 'target-unavailable', message: 'x' }, true);
    world.health.rows.set(connection.id, afterFailure(null, connection.id, { code: 'target-unavailable', message: 'x', retryAfterMs: undefined }, world.clock.now(), 0, DEFAULT_RETRY_TIMES));
    await tries(10);
    expect(world.outbox.rows.map(({ state }) => state)).toEqual(['pending', 'pending']);
  });

  it('is never blamed for the trouble of the whole target, however long that lasts', async () => {
    await addUser('ada');
    target.failWhile(() => fault('target-unavailable'));
    await tries(60);
    expect(world.outbox.rows).toMatchObject([{ state: 'pending', attempts: 60, blamed: 1 }]);
    // Nor does the long wait count against it when its name is taken for a moment.
    target.failWhile(null);
    target.failOnce(fault('uniqueness'), (request) => request.method === 'create');
    await world.settle(delivery);
    expect(target.users).toHaveLength(1);
  });
});

describe('paused between two objects', () => {
  it('nothing more is sent, and nothing is lost: what changes meanwhile, and who is deleted', async () => {
    const ids = [await addUser('ada'), await addUser('bob'), await addUser('eve')];
    target.during(() => void world.connections.put({ ...connection, enabled: false }));
    await delivery.drain(never);
    target.during(null);
    expect(target.users.map((user) => user.userName)).toEqual(['ada']);
    await world.endUsers.editByHand(ids[0] ?? '', { userName: 'ada.l' });
    await addUser('zoe');
    world.clock.advance(HOUR);
    expect(await delivery.drain(never)).toBeNull();
    expect(target.users.map((user) => user.userName)).toEqual(['ada']);
    world.connections.put({ ...connection, enabled: true });
    await world.settle(delivery);
    expect(target.users.map((user) => user.userName).sort()).toEqual(['ada.l', 'bob', 'eve', 'zoe']);
  });

  it('a target in trouble is not tried while it is paused', async () => {
    target.failWhile(() => fault('target-unavailable'));
    await addUser('ada');
    await tries(2);
    world.connections.put({ ...connection, enabled: false });
    target.forgetRequests();
    world.clock.advance(HOUR);
    expect(await delivery.drain(never)).toBeNull();
    expect(target.requests).toEqual([]);
  });
});

describe('the breaker', () => {
  const wide = ([...ERROR_CATALOGUE.keys()] as ErrorCode[]).filter(isTargetWide);

  it('never opens earlier than the target asked, never pauses longer than an hour beyond it, and never forgets since when', () => {
    const failure = fc.record({ code: fc.constantFrom(...wide), message: fc.constant('x'), retryAfterMs: fc.option(fc.nat(HOUR), { nil: undefined }) });
    const step = fc.record({ failure, after: fc.nat(HOUR), random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let now = 0;
        let state: TargetHealth | null = null;
        for (const { failure: next, after, random } of steps) {
          now += after;
          const before: TargetHealth | null = state;
          state = afterFailure(before, 1, next, now, random, DEFAULT_RETRY_TIMES);
          expect(state.blockedUntil).toBeGreaterThanOrEqual(Math.max(now + (next.retryAfterMs ?? 0), before?.blockedUntil ?? 0));
          expect(state.blockedUntil - now).toBeLessThanOrEqual(HOUR);
          expect(state.failingSince).toBe(before?.failingSince ?? now);
          if (before !== null && before.quarantinedSince !== null) expect(state.quarantinedSince).toBe(before.quarantinedSince);
          if (before !== null && now < before.blockedUntil) expect(state.failures).toBe(before.failures);
        }
      })
    );
  });
});

it('every error code has a class', () => {
  for (const code of ERROR_CATALOGUE.keys()) expect(ERROR_CLASSES).toContain(classOf(code as ErrorCode));
  expect(new Set([...ERROR_CATALOGUE.keys()].map((code) => classOf(code as ErrorCode)))).toEqual(new Set(ERROR_CLASSES));
});

describe('one person by hand', () => {
  const byHand = async (id: string) => {
    await world.outbox.mark([connection.id], 'User', [id], null);
    return delivery.deliverNow(connection, id, { id: null, trigger: 'on-demand', actor: 'ann' });
  };

  it('is not sent while the application has to be left alone; the change waits and is told so', async () => {
    target.failWhile(() => fault('target-rate-limited', 60_000));
    await addUser('ada');
    await delivery.drain(never);
    target.failWhile(null);
    target.forgetRequests();
    const bob = await addUser('bob');
    await expect(byHand(bob)).rejects.toMatchObject({ code: 'target-rate-limited', message: expect.stringContaining('Not sent yet') });
    expect(target.requests).toEqual([]);
    expect(world.outbox.rows.map(({ state }) => state)).toEqual(['pending', 'pending']);
    world.clock.advanceTo(health()?.blockedUntil ?? 0);
    // The time is over: this one tries it, and opens it for all.
    await byHand(bob);
    expect(health()).toBeUndefined();
    await delivery.drain(never);
    expect(target.users).toHaveLength(2);
  });

  it('is not sent while the connection is paused', async () => {
    const ada = await addUser('ada');
    connection = world.connections.put({ ...connection, enabled: false });
    await expect(byHand(ada)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('paused') });
    expect(target.requests).toEqual([]);
    expect(world.outbox.rows).toHaveLength(1);
  });
});
