/** Whatever both sides hold: a plan that is done makes them equal, a second one is empty, and an undo brings back what was. */
import fc from 'fast-check';
import { GUARDED_KINDS } from '../../../server/src/contracts/guard';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { diffResources } from '../../../server/src/domain/diff/diff';
import { DEFAULT_GUARD, mergeGuard } from '../../../server/src/domain/guard/limits';
import { mapResource } from '../../../server/src/domain/mapping/mapping';
import { presentUser } from '../../../server/src/domain/resource/present';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { Run } from '../../../server/src/domain/run/run';
import { generic } from '../../../server/src/providers/generic';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

const UNLIMITED = mergeGuard(DEFAULT_GUARD, { limits: Object.fromEntries(GUARDED_KINDS.map((kind) => [kind, { count: null, percent: null }])) });

interface Person {
  active: boolean;
  /** The application has somebody of this name already; with other values. */
  there: boolean;
}

type Change = { do: 'mail' | 'toggle' | 'remove' | 'rename'; who: number } | { do: 'add'; active: boolean } | { do: 'vanish'; who: number };

const person: fc.Arbitrary<Person> = fc.record({ active: fc.boolean(), there: fc.boolean() });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('mail' as const, 'toggle' as const, 'remove' as const, 'rename' as const), who: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), active: fc.boolean() }) }
);

interface Site {
  world: World;
  target: MemoryDirectory;
  connection: Connection;
  people: string[];
}

async function siteOf(people: Person[], leftOver: number): Promise<Site> {
  const world = createWorld();
  const { target, connection } = world.addTarget({ guard: UNLIMITED });
  const ids: string[] = [];
  for (const [index, { active, there }] of people.entries()) {
    if (there) target.put({ userName: `user-${index}`, title: 'Theirs', emails: [{ value: `old-${index}@x.example` }] });
    ids.push(await world.endUsers.addByHand({ userName: `user-${index}`, email: `user-${index}@x.example`, active }));
  }
  for (let index = 0; index < leftOver; index += 1) target.put({ userName: `other-${index}` });
  return { world, target, connection, people: ids };
}

async function play({ world, people }: Site, changes: Change[]): Promise<void> {
  for (const [index, event] of changes.entries()) {
    if (event.do === 'add') people.push(await world.endUsers.addByHand({ userName: `late-${index}`, email: `late-${index}@x.example`, active: event.active }));
    else {
      const user = await world.endUsers.readUser(people[event.who % people.length] ?? '');
      if (user === null) continue;
      if (event.do === 'remove') await world.endUsers.removeUser(user);
      if (event.do === 'mail') await world.endUsers.editByHand(user.ref, { email: `mail-${index}@x.example` });
      if (event.do === 'rename') await world.endUsers.editByHand(user.ref, { userName: `renamed-${index}` });
      if (event.do === 'toggle') await world.endUsers.editByHand(user.ref, { active: user.resource.active === false });
    }
  }
}

async function run({ world, connection }: Site, input: { dryRun?: boolean } = {}): Promise<Run> {
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin', ...input });
  const done = await finished(world, id);
  // The application had people that nobody was linked to: the first look waits.
  return done.adoption && done.state === 'waiting' && input.dryRun !== true ? approved(world, done) : done;
}

async function finished(world: World, id: number): Promise<Run> {
  await world.finishRuns();
  const run = await world.runs.get(id);
  if (run === null) throw new Error('The run is gone.');
  return run;
}

async function approved(world: World, run: Run): Promise<Run> {
  await world.runService.approve(run, 'admin');
  return finished(world, run.id);
}

/** The application holds of everybody in Strapi what the mapping makes, each once; who was there before and is nobody's stays. */
async function expectEqual({ world, target }: Site, leftOver: number): Promise<void> {
  const users = await world.endUsers.pageUsers(0, 1_000);
  const held = new Map(target.users.map((user) => [String(user.externalId), user]));
  for (const user of users) {
    const wanted = mapResource(generic.outbound.mapping, presentUser(user.resource, null, user.ref), null).resource;
    const there = held.get(user.ref);
    if (there === undefined) expect(wanted.active).toBe(false);
    else expect(diffResources(wanted, { ...wanted, ...pick(there, Object.keys(wanted)) })).toEqual([]);
    held.delete(user.ref);
  }
  held.delete('undefined');
  expect([...held.values()]).toEqual([]);
  expect(target.users.filter((user) => String(user.userName).startsWith('other-'))).toHaveLength(leftOver);
}

const pick = (resource: Resource, names: string[]): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, resource[name]]));

/** What the application holds, by name, without its own ids. */
const stateOf = (target: MemoryDirectory): Record<string, unknown> =>
  Object.fromEntries(target.users.map(({ id: _id, meta: _meta, schemas: _schemas, ...rest }) => [String(rest.userName), rest]).sort(([left], [right]) => String(left).localeCompare(String(right))));

it('a plan that is done makes both sides equal, and a second one is empty and asks for nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(person, { maxLength: 8 }), fc.nat(3), fc.array(change, { maxLength: 12 }), async (people, leftOver, changes) => {
      const site = await siteOf(people, leftOver);
      await run(site);
      await expectEqual(site, leftOver);
      await play(site, changes);
      const plan = await run(site, { dryRun: true });
      if (plan.state === 'waiting') expect((await approved(site.world, plan)).state).toBe('done');
      await site.world.settle();
      await expectEqual(site, leftOver);

      site.target.forgetRequests();
      const second = await run(site);
      expect([second.state, second.counts.planned]).toEqual(['done', expect.objectContaining({ create: 0, update: 0, deactivate: 0, reactivate: 0, delete: 0, link: 0 })]);
      expect(site.target.requests.filter(({ method }) => method !== 'find' && method !== 'list')).toEqual([]);
      expect(site.world.errors).toEqual([]);
    }),
    { numRuns: 80 }
  );
});

it('an undo brings back what the application held before the run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 8 }), fc.array(change, { maxLength: 12 }), async (people, changes) => {
      const site = await siteOf(people, 1);
      await run(site);
      await site.world.settle();
      const before = stateOf(site.target);
      await play(site, changes);
      const plan = await run(site, { dryRun: true });
      const done = plan.state === 'waiting' ? await approved(site.world, plan) : plan;
      const items = (await site.world.runs.itemCounts([done.id])).get(done.id);
      expect(items).toMatchObject({ failed: 0, stale: 0 });
      const undo = await finished(site.world, (await site.world.runService.undo(done, site.connection, 'admin')).id);
      if (undo.state === 'waiting') await approved(site.world, undo);
      expect(stateOf(site.target)).toEqual(before);
    }),
    { numRuns: 80 }
  );
});

it('a dry run writes nothing at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 6 }), fc.array(change, { maxLength: 8 }), async (people, changes) => {
      const site = await siteOf(people, 1);
      await run(site);
      await play(site, changes);
      const before = { target: stateOf(site.target), log: site.world.log.records.length, outbox: site.world.outbox.rows, standings: site.world.standings.rows };
      await site.world.runService.start({ connection: site.connection, trigger: 'on-demand', cycle: 'full', actor: 'admin', dryRun: true });
      await site.world.runWorker.drain(() => false);
      expect({ target: stateOf(site.target), log: site.world.log.records.length, outbox: site.world.outbox.rows, standings: site.world.standings.rows }).toEqual(before);
    }),
    { numRuns: 60 }
  );
});
