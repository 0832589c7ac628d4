/**
 * Whatever happens to people in Strapi, and whatever the targets and the database do meanwhile: once it is calm, the
 * targets hold exactly what Strapi holds, everybody once.
 */
import fc from 'fast-check';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { diffResources } from '../../../server/src/domain/diff/diff';
import { mapResource } from '../../../server/src/domain/mapping/mapping';
import { presentUser } from '../../../server/src/domain/resource/present';
import { generic } from '../../../server/src/providers/generic';
import type { Fault, MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

const CODES = ['target-unavailable', 'target-rate-limited', 'target-auth', 'target-unexpected', 'internal'] as const;

type Step =
  | { do: 'add'; active: boolean; again: boolean }
  | { do: 'rename' | 'mail' | 'toggle' | 'remove' | 'touch'; who: number }
  | { do: 'vanish'; who: number }
  | { do: 'fail'; code: (typeof CODES)[number]; lost: boolean; how: 'any' | 'write' }
  | { do: 'uncommitted' | 'unlogged' | 'die' }
  | { do: 'drain'; ms: number };

const who = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), active: fc.boolean(), again: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('rename' as const, 'mail' as const, 'toggle' as const, 'remove' as const, 'touch' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('vanish' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fail' as const), code: fc.constantFrom(...CODES), lost: fc.boolean(), how: fc.constantFrom('any' as const, 'write' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('uncommitted' as const, 'unlogged' as const, 'die' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('drain' as const), ms: fc.nat(90_000) }) }
);

async function play(world: World, target: MemoryDirectory, steps: Step[]): Promise<void> {
  const people: string[] = [];
  const free: string[] = [];
  let names = 0;
  const fresh = (): string => `user-${(names += 1)}`;
  const delivery = world.delivery({ parallel: 2 });
  for (const event of steps) {
    switch (event.do) {
      case 'add': {
        // Somebody new may get the name of somebody who left.
        const userName = (event.again ? free.pop() : undefined) ?? fresh();
        people.push(await world.endUsers.addByHand({ userName, active: event.active, email: `${fresh()}@x.example` }));
        break;
      }
      case 'fail': {
        const error = new ProvisioningError(event.code, 'On purpose.');
        const fault: Fault = event.lost ? { lost: error } : error;
        target.failOnce(fault, (request) => event.how === 'any' || ['create', 'update', 'delete'].includes(request.method));
        break;
      }
      case 'uncommitted':
        await faultInDelivery(world, () => world.database.failCommitOnce(new Error('killed')), delivery);
        break;
      case 'unlogged':
        world.log.failOnce((operation) => operation.direction === 'outbound');
        break;
      case 'die':
        await world.outbox.claim('dead', 2, 60_000, []);
        break;
      case 'drain':
        world.clock.advance(event.ms);
        await delivery.drain(() => false);
        break;
      default:
        await change(world, target, people[event.who % Math.max(1, people.length)], event.do, fresh, free);
    }
  }
}

/** A commit that fails is one of the delivery's, never one of a person's own changes. */
async function faultInDelivery(world: World, arrange: () => void, delivery: ReturnType<World['delivery']>): Promise<void> {
  arrange();
  await delivery.drain(() => false);
  await world.database.run(async () => undefined).catch(() => undefined);
}

async function change(world: World, target: MemoryDirectory, id: string | undefined, what: string, fresh: () => string, free: string[]): Promise<void> {
  const user = id === undefined ? null : await world.endUsers.readUser(id);
  if (user === null) return;
  if (what === 'rename') await world.endUsers.editByHand(user.ref, { userName: fresh() });
  if (what === 'mail') await world.endUsers.editByHand(user.ref, { email: `${fresh()}@x.example` });
  if (what === 'toggle') await world.endUsers.editByHand(user.ref, { active: user.resource.active === false });
  if (what === 'touch') await world.changes.usersChanged('end-users', [user.ref]);
  if (what === 'remove') {
    free.push(String(user.resource.userName));
    await world.endUsers.removeUser(user);
  }
  if (what === 'vanish') {
    // The target loses somebody; the next change of the person brings it to light.
    const [link] = await world.links.ofObject('User', user.ref);
    if (!link?.remoteId) return;
    target.drop(link.remoteId);
    await world.endUsers.editByHand(user.ref, { email: `${fresh()}@x.example` });
  }
}

/** What the mapping makes of Strapi's people; somebody inactive may be missing, but is never active at the target. */
async function expectInStep(world: World, target: MemoryDirectory): Promise<void> {
  const users = await world.endUsers.pageUsers(0, 1_000);
  const expected = new Map(users.map((user) => [user.ref, mapResource(generic.outbound.mapping, presentUser(user.resource, null, user.ref), null).resource]));
  const held = target.users;
  expect(held.map((user) => user.userName).sort()).toEqual([...new Set(held.map((user) => user.userName))].sort());
  expect(new Set(held.map((user) => user.externalId)).size).toBe(held.length);
  for (const user of held) {
    const wanted = expected.get(String(user.externalId));
    expect(wanted && diffResources(wanted, user)).toEqual([]);
    expected.delete(String(user.externalId));
  }
  expect([...expected.values()].filter((missing) => missing.active !== false)).toEqual([]);
}

it('ends in step after any storm, with nothing left to do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = createWorld();
      const { target } = world.addTarget();
      await play(world, target, steps);

      target.failWhile(null);
      await world.settle();
      expect(world.outbox.rows).toEqual([]);
      await expectInStep(world, target);
    }),
    { numRuns: 150 }
  );
});

it('makes no request at all once it is in step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = createWorld();
      const { target } = world.addTarget();
      await play(world, target, steps);
      await world.settle();
      target.forgetRequests();
      const known = (await world.endUsers.pageUsers(0, 1_000)).filter((user) => target.users.some((remote) => remote.externalId === user.ref));
      await world.changes.usersChanged('end-users', known.map((user) => user.ref));
      await world.settle();
      expect(target.requests).toEqual([]);
    }),
    { numRuns: 60 }
  );
});

it('tells in the log of every object that was made, changed or deleted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = createWorld();
      const { target } = world.addTarget();
      await play(world, target, steps);
      await world.settle();
      for (const user of target.users) {
        const rows = world.log.records.filter((record) => record.objectId === user.externalId);
        expect(rows.some((record) => ['success', 'skipped'].includes(record.outcome))).toBe(true);
      }
      const claimed = world.log.records.filter((record) => record.operation === 'create' && record.outcome === 'success');
      const made = target.writes.filter((request) => request.method === 'create');
      expect(claimed.length).toBeLessThanOrEqual(made.length);
    }),
    { numRuns: 60 }
  );
});
