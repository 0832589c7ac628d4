/** Groups of an outbound connection in plans: shown, judged, done exactly, taken back. */
import fc from 'fast-check';
import type { GroupPolicy } from '../../../server/src/contracts/scope';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { roleKey } from '../../../server/src/domain/groups/choice';
import { mergeGuard } from '../../../server/src/domain/guard/limits';
import type { Run } from '../../../server/src/domain/run/run';
import { NO_LIMITS } from '../../helpers/guard';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const EDITOR = roleKey(ROLES.editor);

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(async () => {
  world = createWorld();
  await world.sourceGroups.setRole(ROLES.editor, 'Editors');
  await world.sourceGroups.setRole(ROLES.author, 'Authors');
  ({ target, connection } = world.addTarget({ system: 'app', outbound: mergeOutbound(DEFAULT_OUTBOUND, { groups: { source: 'roles' } }) }));
});

const add = (userName: string, ...roleIds: number[]) => world.endUsers.addByHand({ userName, roleIds });
/** Behind everybody's back, so that only a run finds it. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  await work();
  for (const marker of await world.outbox.claim('nobody', 1_000, 1, [])) await world.outbox.complete(marker, 'nobody');
}
const roles = (id: string, ...roleIds: number[]) => quietly(() => world.endUsers.editByHand(id, { roleIds }));
async function plan(input: { dryRun?: boolean; selection?: string[] } = {}): Promise<Run> {
  const { selection } = input;
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: selection === undefined ? 'full' : 'selection', actor: 'admin', dryRun: true, ...input });
  return ended(id);
}
const run = () => plan({ dryRun: false });
async function ended(id: number): Promise<Run> {
  await world.finishRuns();
  const made = await world.runs.get(id);
  if (made === null) throw new Error('The run is gone.');
  return made;
}
async function approved(made: Run): Promise<Run> {
  await world.runService.approve(made, 'admin');
  return ended(made.id);
}
const undone = async (made: Run): Promise<Run> => ended((await world.runService.undo(made, connection, 'admin')).id);
/** With the names of the members that it shows. */
const groupsOf = async ({ id }: Run) => {
  const names = new Map((await world.endUsers.pageUsers(0, 1_000)).map(({ ref, resource }) => [ref, resource.userName]));
  const named = (ids: string[] = []) => ids.map((one) => names.get(one));
  const items = (await world.runs.items(id, [], 0, 1_000)).filter(({ objectType }) => objectType === 'Group');
  return items.map((item) => ({ ...item, members: item.members == null ? null : { ...item.members, addedSample: named(item.members.addedSample), removedSample: named(item.members.removedSample) } }));
};
const states = async ({ id }: Run) => Object.fromEntries(Object.entries((await world.runs.itemCounts([id])).get(id) ?? {}).filter(([, count]) => count > 0));
const groups = (): Record<string, string[]> => target.groups;
const rows = () => world.log.records.filter(({ objectType }) => objectType === 'Group').map(({ operation, runId, message }) => [operation, runId, message]);
async function configure(policy: Partial<GroupPolicy>): Promise<void> {
  connection = world.connections.put({ ...connection, outbound: mergeOutbound(connection.outbound ?? DEFAULT_OUTBOUND, { groups: policy }) });
}

/** Two editors, in step. */
async function inStep(): Promise<string[]> {
  let ids: string[] = [];
  await quietly(async () => {
    ids = [await add('ada', ROLES.editor), await add('bob', ROLES.editor), await add('eve', ROLES.author)];
  });
  await run();
  expect(groups()).toEqual({ Editors: ['ada', 'bob'], Authors: ['eve'] });
  target.forgetRequests();
  return ids;
}

it('a dry run shows groups that would be made, with how many members and some names, and nothing is sent', async () => {
  await quietly(async () => {
    await add('ada', ROLES.editor);
    await add('bob', ROLES.editor);
  });
  const made = await plan();
  expect(made).toMatchObject({ state: 'waiting', counts: { planned: { create: 2 }, groups: { planned: { create: 2 }, membersAdded: 2, membersRemoved: 0 } } });
  expect(await groupsOf(made)).toMatchObject([
    { objectId: EDITOR, objectName: 'Editors', kind: 'create', members: { added: 2, removed: 0, addedSample: ['ada', 'bob'], removedSample: [] } },
    { objectName: 'Authors', kind: 'create', members: { added: 0 } },
  ]);
  expect([target.writes, world.pushedMembers.rows]).toEqual([[], []]);
  const done = await approved(made);
  expect([done.state, await states(done), groups()]).toEqual(['done', { done: 4 }, { Editors: ['ada', 'bob'], Authors: [] }]);
  expect(rows()).toEqual(expect.arrayContaining([['create', made.id, 'Created. Added 2 members.']]));
  target.forgetRequests();
  expect(await run()).toMatchObject({ state: 'done', counts: { groups: { planned: { create: 0, update: 0 } } } });
  expect(target.writes).toEqual([]);
});

it('members that move are one change of each group, sent by its own item and once', async () => {
  const [, bob] = await inStep();
  await roles(String(bob), ROLES.author);
  const made = await plan();
  expect(made.counts.groups).toMatchObject({ planned: { update: 2 }, membersAdded: 1, membersRemoved: 1 });
  expect((await groupsOf(made)).map(({ objectName, members, changes }) => [objectName, members?.addedSample, members?.removedSample, changes.map(({ path }) => path)])).toEqual([
    ['Editors', [], ['bob'], ['members.removed']],
    ['Authors', ['bob'], [], ['members.added']],
  ]);
  const done = await approved(made);
  expect([await states(done), groups()]).toEqual([{ done: 3 }, { Editors: ['ada'], Authors: ['bob', 'eve'] }]);
  expect(target.writes.map(({ method }) => method)).toEqual(['updateMembers', 'updateMembers']);
});

it('also where only some people are looked at', async () => {
  const [ada, bob] = await inStep();
  await roles(String(ada), ROLES.author);
  await roles(String(bob), ROLES.author);
  const made = await plan({ selection: [String(bob)] });
  expect(made.counts.groups).toMatchObject({ planned: { update: 2 }, membersAdded: 1, membersRemoved: 1 });
  await approved(made);
  expect(groups()).toEqual({ Editors: ['ada'], Authors: ['bob', 'eve'] });
});

it('a group whose members changed after the plan is out of date, and what people changed is sent as it is', async () => {
  const [ada, bob] = await inStep();
  await roles(String(bob), ROLES.author);
  const made = await plan();
  await world.endUsers.editByHand(String(ada), { roleIds: [ROLES.author] });
  await world.settle();
  expect(groups()).toEqual({ Editors: ['bob'], Authors: ['ada', 'eve'] });
  const done = await approved(made);
  expect((await groupsOf(done)).length).toBe(2);
  await world.settle();
  expect(groups()).toEqual({ Editors: [], Authors: ['ada', 'bob', 'eve'] });

  const kay = await add('kay', ROLES.editor);
  await world.settle();
  await roles(kay, ROLES.author);
  const second = await plan();
  await quietly(() => world.sourceGroups.setRole(ROLES.editor, 'Redaktion'));
  expect(await states(await approved(second))).toEqual({ done: 2, stale: 1 });
  await world.settle();
  expect(groups()).toEqual({ Redaktion: [], Authors: ['ada', 'bob', 'eve', 'kay'] });
});

it('the guard counts members who are removed, and groups that are deleted', async () => {
  const [ada, bob] = await inStep();
  connection = world.connections.put({ ...connection, guard: mergeGuard(NO_LIMITS, { limits: { 'member-remove': { count: 1, percent: 0 }, delete: { count: 0, percent: 0 } } }) });
  await roles(String(ada), ROLES.author);
  await roles(String(bob), ROLES.author);
  const made = await run();
  expect(made).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'member-remove', wanted: 2, allowed: 1 }] });
  expect(groups()).toEqual({ Editors: ['ada', 'bob'], Authors: ['eve'] });
  await world.runService.cancel(made, 'admin');
  await configure({ source: 'roles', only: [roleKey(ROLES.author)], whenNotChosen: 'delete' });
  const second = await run();
  expect(second.verdicts.map(({ kind, wanted }) => [kind, wanted])).toContainEqual(['delete', 1]);
  expect((await groupsOf(second))[0]).toMatchObject({ objectName: 'Editors', kind: 'delete', risks: ['delete'] });
  expect(Object.keys(groups())).toEqual(['Editors', 'Authors']);
  await approved(second);
  expect(groups()).toEqual({ Authors: ['ada', 'bob', 'eve'] });
});

it('a run that is cancelled on its way leaves what people changed in groups to delivery', async () => {
  const [, bob] = await inStep();
  await roles(String(bob), ROLES.author);
  const made = await plan();
  await world.runService.approve(made, 'admin');
  await world.runWorker.drain(() => false);
  await world.delivery().drain(() => false);
  expect(groups()).toEqual({ Editors: ['ada', 'bob'], Authors: ['eve'] });
  const present = await world.runs.get(made.id);
  await world.runService.cancel(present ?? made, 'admin');
  await world.settle();
  expect(groups()).toEqual({ Editors: ['ada'], Authors: ['bob', 'eve'] });
});

it('a group that the application refuses fails alone', async () => {
  const [, bob] = await inStep();
  await roles(String(bob), ROLES.author);
  await quietly(() => world.sourceGroups.setRole(ROLES.editor, 'Redaktion'));
  target.failWhile(({ method, resource }) => (method === 'update' && resource?.displayName === 'Redaktion' ? new ProvisioningError('target-rejected', 'No.') : null));
  const made = await run();
  expect([made.state, await states(made)]).toEqual(['done', { done: 2, failed: 1 }]);
  expect(groups().Authors).toEqual(['bob', 'eve']);
});

describe('undo', () => {
  it('brings members and names back', async () => {
    const [, bob] = await inStep();
    await roles(String(bob), ROLES.author);
    await quietly(() => world.sourceGroups.setRole(ROLES.editor, 'Redaktion'));
    const done = await run();
    expect(groups()).toEqual({ Redaktion: ['ada'], Authors: ['bob', 'eve'] });
    const back = await undone(done);
    expect(back).toMatchObject({ state: 'waiting', counts: { groups: { planned: { update: 2 }, membersAdded: 1, membersRemoved: 1 } } });
    const after = await approved(back);
    expect([await states(after), groups()]).toEqual([{ done: 2 }, { Editors: ['ada', 'bob'], Authors: ['eve'] }]);
  });

  it('deletes a group that was made, and makes one that was deleted with its members', async () => {
    const ids = await inStep();
    expect(ids).toHaveLength(3);
    await quietly(() => world.sourceGroups.setRole(ROLES.reviewer, 'Reviewers'));
    const made = await run();
    expect(groups().Reviewers).toEqual([]);
    await approved(await undone(made));
    expect(Object.keys(groups())).toEqual(['Editors', 'Authors']);

    await configure({ source: 'roles', only: [roleKey(ROLES.author)], whenNotChosen: 'delete' });
    const deleted = await run();
    expect(Object.keys(groups())).toEqual(['Authors']);
    await approved(await undone(deleted));
    expect(groups()).toEqual({ Editors: ['ada', 'bob'], Authors: ['eve'] });
  });

  it('lists what was changed since as a conflict', async () => {
    await inStep();
    await quietly(() => world.sourceGroups.setRole(ROLES.editor, 'Redaktion'));
    const done = await run();
    await world.sourceGroups.setRole(ROLES.editor, 'Newsroom');
    await world.settle();
    const back = await undone(done);
    expect([await states(back), groups().Newsroom]).toEqual([{ conflict: 1 }, ['ada', 'bob']]);
  });
});

it('whoever gets or loses which role: a plan that is done makes the groups equal, a second one is empty, an undo brings them back', async () => {
  const moves = fc.array(fc.record({ who: fc.nat(4), to: fc.constantFrom(ROLES.editor, ROLES.author, ROLES.reviewer), leaves: fc.boolean() }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(moves, async (list) => {
      world = createWorld();
      await world.sourceGroups.setRole(ROLES.editor, 'Editors');
      await world.sourceGroups.setRole(ROLES.author, 'Authors');
      ({ target, connection } = world.addTarget({ system: 'app', outbound: mergeOutbound(DEFAULT_OUTBOUND, { groups: { source: 'roles' } }) }));
      const ids: string[] = [];
      await quietly(async () => {
        for (let index = 0; index < 5; index += 1) ids.push(await add(`user-${index}`, index % 2 === 0 ? ROLES.editor : ROLES.author));
      });
      await run();
      const before = groups();
      const of = new Map(ids.map((id, index) => [id, index % 2 === 0 ? ROLES.editor : (ROLES.author as number)]));
      for (const { who, to } of list) {
        of.set(String(ids[who]), to);
        await roles(String(ids[who]), to);
      }
      const made = await plan();
      const done = made.state === 'waiting' ? await approved(made) : made;
      const named = (role: number) => ids.flatMap((id, index) => (of.get(id) === role ? [`user-${index}`] : []));
      expect(groups()).toEqual({ Editors: named(ROLES.editor), Authors: named(ROLES.author) });
      expect(Object.keys(await states(done))).toEqual(list.length === 0 || made.state !== 'waiting' ? [] : ['done']);
      target.forgetRequests();
      const second = await run();
      expect([second.state, target.writes]).toEqual(['done', []]);
      const back = await undone(done);
      if (back.state === 'waiting') await approved(back);
      expect(groups()).toEqual(before);
      expect(world.errors).toEqual([]);
    }),
    { numRuns: 40 }
  );
});
