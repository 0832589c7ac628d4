/** A run that is paused or taken over at an awkward moment. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import { createWorld } from '../../helpers/memory/world';

it('what a worker has just taken up when its run is paused is done once the run goes on', async () => {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  for (const userName of ['ada', 'bob']) await world.endUsers.addByHand({ userName });
  // Only the run sends anything.
  for (const marker of await world.outbox.claim('gone', 10, 1, [])) await world.outbox.complete(marker, 'gone');
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin' });
  await world.runWorker.drain(() => false);
  const approved = world.runs.approved.bind(world.runs);
  jest.spyOn(world.runs, 'approved').mockImplementationOnce(async (item) => {
    const run = await world.runs.get(id);
    if (run !== null) await world.runService.pause(run);
    return approved(item);
  });
  await world.delivery().drain(() => false);
  expect((await world.runs.itemCounts([id])).get(id)).toMatchObject({ planned: 2, sent: 0 });
  const paused = await world.runs.get(id);
  if (paused !== null) await world.runService.resume(paused);
  await world.finishRuns();
  expect((await world.runs.itemCounts([id])).get(id)).toMatchObject({ done: 2, stale: 0 });
  expect(target.users.map(({ userName }) => userName).sort()).toEqual(['ada', 'bob']);
});

it('whoever lost a run to another instance does not fail it', async () => {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  await world.endUsers.addByHand({ userName: 'ada' });
  target.failWhile(() => new ProvisioningError('target-unavailable', 'Down.'));
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin' });
  let takenOver = false;
  target.during(async () => {
    const run = await world.runs.get(id);
    // At its last attempt it takes longer than its lease.
    if (run === null || run.attempts < 15) return;
    world.clock.advance(60_001);
    takenOver = (await world.runs.claim('another instance', 600_000)) !== null;
  });
  for (let round = 0; round < 40 && !takenOver; round += 1) {
    const next = await world.runWorker.drain(() => false);
    world.clock.advanceTo(next ?? world.clock.now() + 1_000);
  }
  expect(takenOver).toBe(true);
  expect((await world.runs.get(id))?.state).toBe('planning');
});
