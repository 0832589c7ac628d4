/** What a full run asks of its stores where nobody changed: as much for a page of people as for one of them. */
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { roleKey } from '../../../server/src/domain/groups/choice';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

async function site(people: number): Promise<{ world: World; connection: Connection; target: MemoryDirectory }> {
  const world = createWorld();
  await world.sourceGroups.setRole(ROLES.editor, 'Editors');
  await world.sourceGroups.setRole(ROLES.author, 'Authors');
  const outbound = mergeOutbound(DEFAULT_OUTBOUND, { groups: { source: 'roles-and-groups' }, scope: { assignment: 'everyone', match: 'any', clauses: [{ attribute: 'userName', operator: 'starts-with', value: 'person' }] } });
  const { connection, target } = world.addTarget({ system: 'app', outbound });
  for (let index = 0; index < people; index += 1) await world.endUsers.addByHand({ userName: `person-${index}`, roleIds: [ROLES.editor] });
  await world.settle();
  target.forgetRequests();
  return { world, connection, target };
}

const run = async ({ world, connection }: Awaited<ReturnType<typeof site>>) => {
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'admin' });
  await world.finishRuns();
  await world.settle();
  return world.runs.get(id);
};

/** Calls of the stores that a run reads people from. */
function counted({ world }: Awaited<ReturnType<typeof site>>): () => number {
  const spies = [
    ...(['get', 'getMany', 'inboundOf', 'findByRemoteId'] as const).map((name) => jest.spyOn(world.links, name)),
    jest.spyOn(world.standings, 'getMany'),
    jest.spyOn(world.groups, 'groupsOf'),
    jest.spyOn(world.pushedMembers, 'noted'),
    jest.spyOn(world.endUsers, 'readUsers'),
    jest.spyOn(world.assignments, 'assigned'),
  ];
  return () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}

it('asks no more of forty people than of one, groups included', async () => {
  const costs: number[] = [];
  for (const people of [1, 40]) {
    const made = await site(people);
    // A role that nobody has is a group too, which the first run makes.
    await run(made);
    made.target.forgetRequests();
    const calls = counted(made);
    expect((await run(made))?.counts).toMatchObject({ examined: people, unchanged: people });
    expect(made.target.requests).toEqual([]);
    costs.push(calls());
  }
  expect(costs[0]).toBeGreaterThan(0);
  expect(costs[1]).toBe(costs[0]);
});

it('finds whose membership is noted wrongly', async () => {
  const made = await site(3);
  const { world, connection, target } = made;
  const [row] = world.pushedMembers.rows;
  if (row === undefined) throw new Error('Nobody is in a group.');
  await world.pushedMembers.follow(connection.id, row.localId, [roleKey(ROLES.author)], row.wantedId);
  expect((await run(made))?.counts).toMatchObject({ examined: 3 });
  expect(target.groups).toEqual({ Editors: ['person-0', 'person-1', 'person-2'], Authors: [] });
});
