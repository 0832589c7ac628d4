/** A run has one owner, however slow the application is to answer. */
import { createWorld } from '../../helpers/memory/world';

const LEASE_MS = 60_000;

it('keeps its lease while a page is planned that takes longer than the lease', async () => {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  for (let index = 0; index < 150; index += 1) await world.endUsers.addByHand({ userName: `user-${index}` });
  const began = world.clock.now();
  const taken: string[] = [];
  target.during(async () => {
    world.clock.advance(1_000);
    if ((await world.runs.claim('another instance', LEASE_MS)) !== null) taken.push(`after ${world.clock.now() - began} ms`);
  });
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin', dryRun: true });
  await world.finishRuns();
  expect(world.clock.now() - began).toBeGreaterThan(2 * LEASE_MS);
  expect(taken).toEqual([]);
  expect(await world.runs.get(id)).toMatchObject({ state: 'waiting', counts: { examined: 150 } });
});

it('leaves a run alone that was cancelled while its page was planned', async () => {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  for (let index = 0; index < 100; index += 1) await world.endUsers.addByHand({ userName: `user-${index}` });
  const run = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin', dryRun: true });
  let asked = 0;
  target.during(async () => {
    world.clock.advance(1_000);
    asked += 1;
    if (asked === 10) await world.runService.cancel(run, 'admin');
  });
  await world.finishRuns();
  expect(await world.runs.get(run.id)).toMatchObject({ state: 'cancelled', attempts: 0 });
  expect(await world.runs.items(run.id, [], 0, 10)).toEqual([]);
  // Noticed when the lease is renewed, not at the end of the page; what comes behind is delivery, of the people's own changes.
  expect(target.requests.findIndex(({ method }) => method === 'create')).toBeLessThan(60);
});
