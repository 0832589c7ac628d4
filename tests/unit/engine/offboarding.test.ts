/** People are taken out of every system at once, and stay out; people of a group are moved from one application to another. */
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import { DEFAULT_GUARD } from '../../../server/src/domain/guard/limits';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Transition, TransitionItem } from '../../../server/src/domain/transition/transition';
import type { OffboardPeople } from '../../../server/src/engine/transition/transition-service';
import type { OutboundPoliciesInput } from '../../../server/src/contracts/scope';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

let world: World;
let slack: { connection: Connection; target: MemoryDirectory };
let github: { connection: Connection; target: MemoryDirectory };

beforeEach(() => {
  world = createWorld();
});

const application = (system: string, outbound: OutboundPoliciesInput = {}, fields: Partial<Connection> = {}) =>
  world.addTarget({ name: system, system, outbound: mergeOutbound(DEFAULT_OUTBOUND, outbound), ...fields });
const add = async (userName: string, fields: object = {}): Promise<string> => {
  const id = await world.endUsers.addByHand({ userName, ...fields });
  await world.settle();
  return id;
};
const drain = () => world.transitionWorker.drain(() => false);
/** Until neither has anything left to do by itself. */
const work = async (): Promise<void> => {
  for (let round = 0; round < 6; round += 1) {
    await drain();
    await world.settle();
  }
};
const offboard = async (ids: string[], fields: Partial<OffboardPeople> = {}): Promise<Transition> => {
  const { id } = await world.transitionService.offboard({ population: 'end-users', ids, account: 'block', action: null, comment: '', actor: 'boss@example.com', ...fields });
  await drain();
  return now(id);
};
const now = async (id: number): Promise<Transition> => {
  const transition = await world.transitions.get(id);
  if (transition === null) throw new Error('It is gone.');
  return transition;
};
const itemsOf = (id: number): Promise<TransitionItem[]> => world.transitions.items(id, { limit: 1_000 });
const table = async (id: number) => (await itemsOf(id)).map(({ system, step, state, message }) => `${system} ${step} ${state}: ${message}`);
const approve = async (transition: Transition): Promise<void> => {
  await world.transitionService.approve(transition, 'chief@example.com');
  await work();
};
const at = ({ target }: { target: MemoryDirectory }) => target.users.map(({ userName, active }) => `${String(userName)}${active === false ? ' (off)' : ''}`);

describe('offboarding', () => {
  beforeEach(() => {
    slack = application('Slack');
    github = application('GitHub', { leaving: { blocked: { action: 'delete', graceDays: 30 } } });
  });

  it('plans each system by its own rule and sends nothing; approved, it is done, and the receipt tells by whose word', async () => {
    const [ada, bob] = [await add('ada'), await add('bob')];
    const plan = await offboard([ada]);
    expect(plan.state).toBe('planned');
    expect(await table(plan.id)).toEqual(['Slack out planned: Is deactivated.', 'GitHub out planned: Is deleted.', 'Strapi account planned: The account is blocked, its sessions end.']);
    expect((await itemsOf(plan.id))[1]?.warnings).toEqual(['The rule of the connection gives people some days. This is done at once.']);
    expect([at(slack), at(github)]).toEqual([['ada', 'bob'], ['ada', 'bob']]);
    const rows = world.log.records.length;

    await approve(plan);
    expect([at(slack), at(github)]).toEqual([['ada (off)', 'bob'], ['bob']]);
    expect(await now(plan.id)).toMatchObject({ state: 'complete', approvedBy: 'chief@example.com' });
    expect(await table(plan.id)).toEqual([
      'Slack out done: Deactivated. Offboarded by chief@example.com.',
      'GitHub out done: Deleted. Offboarded by chief@example.com.',
      'Strapi account done: The account was blocked, its sessions ended.',
    ]);
    const told = world.log.records.slice(rows);
    expect(told.map(({ connectionName, operation, actor, correlationId }) => [connectionName, operation, actor, correlationId])).toEqual(
      expect.arrayContaining([
        ['Slack', 'deactivate', 'chief@example.com', plan.correlationId],
        ['GitHub', 'delete', 'chief@example.com', plan.correlationId],
        ['Strapi', 'deactivate', 'chief@example.com', plan.correlationId],
      ])
    );
    expect(world.transitionStates.map(({ state }) => state)).toEqual(['planned', 'complete']);
    expect((await world.endUsers.readUser(ada))?.resource.active).toBe(false);
    expect((await world.endUsers.readUser(bob))?.resource.active).not.toBe(false);
  });

  it('who stays in Strapi stays out all the same: no change and no run brings them back until they are let in', async () => {
    const ada = await add('ada');
    await approve(await offboard([ada], { account: 'nothing', action: 'disable' }));
    expect([at(slack), at(github)]).toEqual([['ada (off)'], ['ada (off)']]);
    await world.endUsers.editByHand(ada, { name: { givenName: 'Ada' } });
    await world.settle();
    await world.runService.start({ connection: slack.connection, trigger: 'on-demand', cycle: 'full', actor: 'test' });
    await world.finishRuns();
    await world.settle();
    expect(at(slack)).toEqual(['ada (off)']);
    // The run forgot nothing either, and what comes later is no news.
    const rows = world.log.records.length;
    await world.outbox.mark([slack.connection.id], 'User', [ada], null);
    await world.settle();
    expect(world.log.records.length).toBe(rows);

    expect(await world.transitionService.letIn(slack.connection.id, [ada])).toBe(1);
    await world.settle();
    expect([at(slack), at(github)]).toEqual([['ada'], ['ada (off)']]);
  });

  it('nobody is made anew in an application that had not heard of them yet', async () => {
    const later = application('Later', {}, { enabled: false });
    const ada = await world.endUsers.addByHand({ userName: 'ada' });
    await world.delivery().drain(() => false);
    const plan = await offboard([ada], { account: 'nothing', action: 'disable' });
    await world.transitionService.approve(plan, 'chief@example.com');
    await drain();
    await world.delivery().drain(() => false);
    await drain();
    expect((await now(plan.id)).state).toBe('complete');
    expect(await table(plan.id)).toContain('Later out done: Not known to this application.');
    world.connections.put({ ...later.connection, enabled: true });
    await world.settle();
    expect(later.target.users).toEqual([]);
  });

  it('what fails stays open and visible, and the account is not deleted before the rest is done', async () => {
    const ada = await add('ada');
    github.target.failWhile(() => new ProvisioningError('target-unavailable', 'No answer.'));
    const plan = await offboard([ada], { account: 'delete', action: 'delete' });
    await world.transitionService.approve(plan, 'chief@example.com');
    await drain();
    await world.delivery().drain(() => false);
    await drain();
    expect(at(slack)).toEqual([]);
    expect(await table(plan.id)).toEqual(['Slack out done: Deleted. Offboarded by chief@example.com.', 'GitHub out open: No answer.', 'Strapi account waiting: Blocked. The rest is done when the person is out of every system.']);
    expect((await world.endUsers.readUser(ada))?.resource.active).toBe(false);
    github.target.failWhile(null);
    await work();
    expect(at(github)).toEqual([]);
    expect((await now(plan.id)).state).toBe('complete');
    expect(await world.endUsers.readUser(ada)).toBeNull();
  });

  it('refuses protected people with the reason, at once and again when it is done', async () => {
    const boss = await world.adminUsers.addByHand({ userName: 'boss', roleIds: [ROLES.superAdmin] });
    await expect(offboard([boss], { population: 'admin-users' })).rejects.toThrow('boss is a super admin');
    const ada = await add('ada');
    const plan = await offboard([ada]);
    world.endUsers.breakGlass = new Set(['ada']);
    await expect(world.transitionService.approve(plan, 'chief@example.com')).rejects.toThrow('break-glass');
    expect((await now(plan.id)).state).toBe('planned');
  });

  it('is no matter of the guard, which counts nothing of it either', async () => {
    slack.connection = world.connections.put({ ...slack.connection, guard: { ...DEFAULT_GUARD, limits: { ...DEFAULT_GUARD.limits, deactivate: { count: 0, percent: 0 } } } });
    const ids = [await add('ada'), await add('bob'), await add('cy')];
    await approve(await offboard(ids, { account: 'nothing', action: 'disable' }));
    expect(at(slack)).toEqual(['ada (off)', 'bob (off)', 'cy (off)']);
    expect(world.alerts.holds).toEqual([]);
  });

  it('cancelled in the middle, who is not out yet stays', async () => {
    const ada = await add('ada');
    github.target.failWhile(() => new ProvisioningError('target-unavailable', 'No answer.'));
    const plan = await offboard([ada], { account: 'nothing', action: 'delete' });
    await world.transitionService.approve(plan, 'chief@example.com');
    await drain();
    await world.delivery().drain(() => false);
    await world.transitionService.cancel(await now(plan.id));
    github.target.failWhile(null);
    await work();
    expect([at(slack), at(github)]).toEqual([[], ['ada']]);
    expect((await table(plan.id)).map((line) => line.split(':')[0])).toEqual(['Slack out done', 'GitHub out cancelled', 'Strapi account done']);
  });

  it('cancelled, who could not be taken out is sent as they are now', async () => {
    const ada = await add('ada');
    github.target.failWhile(() => new ProvisioningError('target-rejected', 'Not this one.'));
    const plan = await offboard([ada], { account: 'nothing', action: 'delete' });
    await world.endUsers.editByHand(ada, { userName: 'augusta' });
    await approve(plan);
    expect((await table(plan.id)).map((line) => line.split(':')[0])).toEqual(['Slack out done', 'GitHub out open', 'Strapi account done']);
    github.target.failWhile(null);
    await work();
    expect(at(github)).toEqual(['ada']);
    await world.transitionService.cancel(await now(plan.id));
    await work();
    expect(at(github)).toEqual(['augusta']);
  });

  it('let in while it is still open, that system is not done, and neither is the whole complete', async () => {
    const ada = await add('ada');
    github.target.failWhile(() => new ProvisioningError('target-unavailable', 'No answer.'));
    const plan = await offboard([ada], { account: 'nothing', action: 'delete' });
    await world.transitionService.approve(plan, 'chief@example.com');
    await drain();
    await world.delivery().drain(() => false);
    await world.transitionService.letIn(github.connection.id, [ada]);
    github.target.failWhile(null);
    await work();
    expect([at(slack), at(github)]).toEqual([[], ['ada']]);
    expect((await now(plan.id)).state).toBe('cancelled');
  });

  it('an undo of an older run brings nobody back', async () => {
    const ada = await add('ada');
    const change = await world.runService.start({ connection: slack.connection, trigger: 'on-demand', cycle: 'full', actor: 'test' });
    await world.finishRuns();
    await world.endUsers.editByHand(ada, { name: { givenName: 'Ada' } });
    await world.settle();
    await approve(await offboard([ada], { account: 'nothing', action: 'disable' }));
    const run = await world.runs.get(change.id);
    if (run === null) throw new Error('No run.');
    const undo = await world.runService.undo(run, slack.connection, 'test');
    await world.finishRuns();
    expect((await world.runs.items(undo.id, ['planned', 'done'], 0, 10)).length).toBe(0);
    expect(at(slack)).toEqual(['ada (off)']);
  });

  it('a marker that was cleared away is made again', async () => {
    const ada = await add('ada');
    const plan = await offboard([ada]);
    await world.transitionService.approve(plan, 'chief@example.com');
    await drain();
    for (;;) {
      const [marker] = await world.outbox.claim('thief', 1, 1_000, []);
      if (marker === undefined) break;
      await world.outbox.complete(marker, 'thief');
    }
    world.clock.advanceTo(world.clock.now() + 120_000);
    await work();
    expect((await now(plan.id)).state).toBe('complete');
  });
});

describe('a move', () => {
  beforeEach(() => {
    slack = application('Slack');
    github = application('GitHub', { scope: { assignment: 'assigned', match: 'all', clauses: [] } });
  });
  const move = async (): Promise<Transition> => {
    const { id } = await world.transitionService.move({ from: slack.connection, to: github.connection, group: null, role: ROLES.editor, action: 'delete', comment: '', actor: 'boss@example.com' });
    await drain();
    return now(id);
  };

  it('shows both halves, is done there first, and leaves only whoever arrived; undone, all is as before', async () => {
    const [ada] = [await add('ada', { roleIds: [ROLES.editor] }), await add('bob', { roleIds: [ROLES.editor] }), await add('cy', { roleIds: [ROLES.author] })];
    const plan = await move();
    expect(await table(plan.id)).toEqual(['GitHub in planned: Is created.', 'Slack out planned: Is deleted.', 'GitHub in planned: Is created.', 'Slack out planned: Is deleted.']);
    github.target.failWhile(({ method, resource }) => (method === 'create' && resource?.userName === 'bob' ? new ProvisioningError('target-rejected', 'No.') : null));
    await approve(plan);
    expect([at(slack), at(github)]).toEqual([['bob', 'cy'], ['ada']]);
    expect((await now(plan.id)).state).toBe('running');
    expect((await table(plan.id)).slice(2)).toEqual(['GitHub in open: No.', 'Slack out waiting: Is deleted.']);
    github.target.failWhile(null);
    await world.transitionService.retry(await now(plan.id));
    await work();
    expect([at(slack), at(github)]).toEqual([['cy'], ['ada', 'bob']]);
    expect((await now(plan.id)).state).toBe('complete');
    expect([...(await world.assignments.assigned(github.connection.id, [ada]))]).toEqual([ada]);

    const { id } = await world.transitionService.undo(await now(plan.id), 'boss@example.com');
    await drain();
    await approve(await now(id));
    expect((await now(id)).state).toBe('complete');
    expect([at(slack).sort(), at(github)]).toEqual([['ada', 'bob', 'cy'], []]);
    expect([...(await world.assignments.assigned(github.connection.id, [ada]))]).toEqual([]);
  });

  it('who is not in the scope of the other application stays where they are', async () => {
    github.connection = world.connections.put({ ...github.connection, outbound: mergeOutbound(DEFAULT_OUTBOUND, { scope: { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'userName', operator: 'equals', value: 'nobody' }] } }) });
    await add('ada', { roleIds: [ROLES.editor] });
    const plan = await move();
    await approve(plan);
    expect([at(slack), at(github)]).toEqual([['ada'], []]);
    expect(await table(plan.id)).toEqual([expect.stringMatching(/^GitHub in failed: Out of scope/), 'Slack out waiting: Is deleted.']);
  });
});
