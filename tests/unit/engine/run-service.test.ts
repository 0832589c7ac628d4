/** A changed connection replaces whatever run of it is under way, at whatever moment it is stopped. */
import { createWorld } from '../../helpers/memory/world';

it('a run that goes on to its next state while it is being stopped is stopped all the same', async () => {
  const world = createWorld();
  const { connection } = world.addTarget();
  const first = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin' });
  const move = world.runs.move.bind(world.runs);
  let isFirst = true;
  jest.spyOn(world.runs, 'move').mockImplementation(async (run, to, fields) => {
    // The worker is faster by a moment.
    if (isFirst) await move(run, 'applying');
    isFirst = false;
    return move(run, to, fields);
  });
  const second = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin', replaces: true });
  expect([(await world.runs.get(first.id))?.state, second.state]).toEqual(['cancelled', 'planning']);
});
