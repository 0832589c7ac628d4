/** The first look at both sides pairs who is here with who is there, and writes nothing until somebody approved it. */
import { createWorld } from '../../helpers/memory/world';

async function outbound() {
  const world = createWorld();
  const { connection, target } = world.addTarget();
  for (const userName of ['ada', 'bob', 'eva']) await world.endUsers.addByHand({ userName });
  // Only the run sends anything.
  for (const marker of await world.outbox.claim('gone', 10, 1, [])) await world.outbox.complete(marker, 'gone');
  const run = async () => {
    const { id } = await world.runService.start({ connection, trigger: 'scheduled', cycle: 'full', actor: 'admin' });
    await world.finishRuns();
    const found = await world.runs.get(id);
    if (found === null) throw new Error('The run is gone.');
    return found;
  };
  return { world, connection, target, run };
}

it('of an application that has people waits, with what it paired', async () => {
  const { world, target, run } = await outbound();
  target.put({ userName: 'ada', title: 'Theirs' });
  for (const userName of ['bob', 'another']) target.overwrite(target.put({ userName }), { userName: 'bob' });
  target.forgetRequests();
  const first = await run();
  expect(first).toMatchObject({ state: 'waiting', adoption: true, dryRun: false, counts: { pairings: { matched: 1, new: 1, disputed: 1 } } });
  expect(first.reasons.join()).toContain('1 matched, 1 new, 0 left over, 1 disputed');
  expect(target.writes).toEqual([]);
  const items = await world.runs.items(first.id, [], 0, 10);
  expect(items.map(({ objectName, pairing }) => [objectName, pairing]).sort()).toEqual([['ada', 'matched'], ['bob', 'disputed'], ['eva', 'new']]);
  await world.runService.approve(first, 'admin');
  await world.finishRuns();
  expect(target.users.map(({ userName }) => userName).sort()).toEqual(['ada', 'bob', 'bob', 'eva']);
  // From then on it is a run like any other.
  expect(await run()).toMatchObject({ state: 'done', adoption: false });
});

it('of an empty application goes on by itself', async () => {
  const { target, run } = await outbound();
  expect(await run()).toMatchObject({ state: 'done', adoption: true, counts: { pairings: { new: 3 } } });
  expect(target.users).toHaveLength(3);
});
