/** Who takes part in a connection, and what becomes of those who leave it. */
import type { LeavingRule, OutboundPoliciesInput, Scope } from '../../../server/src/contracts/scope';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import type { Directory } from '../../../server/src/ports/directory';
import { leaveGroups } from '../../../server/src/engine/push/target-groups';
import { wakeLeavers } from '../../../server/src/engine/push/wake-leavers';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const DAY = 24 * 60 * 60 * 1_000;
const EDITORS: Scope = { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'role', operator: 'equals', value: ROLES.editor }] };
const OUT = 'Out of scope: “role equals 2” does not hold.';

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(() => {
  world = createWorld();
});

function connect(input: OutboundPoliciesInput = {}): void {
  ({ target, connection } = world.addTarget({ system: 'slack', outbound: mergeOutbound(DEFAULT_OUTBOUND, { scope: EDITORS, ...input }) }));
}
const rule = (action: LeavingRule['action'], graceDays = 0): LeavingRule => ({ action, graceDays });
const touch = (id: string) => world.outbox.mark([connection.id], 'User', [id], null);
const linkOf = (id: string) => world.links.get(connection.id, 'User', id);
const last = () => world.log.records.at(-1);
const wake = () => wakeLeavers({ ...world, unitOfWork: world.database }, () => false);
async function editor(userName = 'ada'): Promise<string> {
  const id = await world.endUsers.addByHand({ userName, roleIds: [ROLES.editor] });
  await world.settle();
  target.forgetRequests();
  return id;
}
async function leave(id: string): Promise<void> {
  await world.endUsers.editByHand(id, { roleIds: [ROLES.author] });
  await world.settle();
}
async function comeBack(id: string): Promise<void> {
  await world.endUsers.editByHand(id, { roleIds: [ROLES.editor] });
  await world.settle();
}
/** As a change of the connection's rules, which marks everybody. */
async function change(input: OutboundPoliciesInput, id: string): Promise<void> {
  connection = world.connections.put({ ...connection, outbound: mergeOutbound(DEFAULT_OUTBOUND, { scope: EDITORS, ...input }) });
  await touch(id);
  await world.settle();
}

describe('scope', () => {
  it('keeps out who is outside, without a request, and says why once', async () => {
    connect();
    const id = await world.endUsers.addByHand({ userName: 'ada', roleIds: [ROLES.author] });
    await world.settle();
    expect(target.requests).toEqual([]);
    expect(last()).toMatchObject({ operation: 'create', outcome: 'skipped', message: OUT, objectName: 'ada' });
    expect(last()?.steps.map(({ name, outcome }) => [name, outcome])).toEqual([['read', 'ok'], ['scope', 'skipped']]);
    await touch(id);
    await world.settle();
    expect(world.log.records).toHaveLength(1);
    await comeBack(id);
    expect(target.user('ada')).toMatchObject({ active: true });
    expect(world.standings.rows).toEqual([]);
    expect(last()?.steps[1]).toMatchObject({ name: 'scope', message: 'In scope: the clauses hold.' });
  });

  it('never disables somebody else who has the name in Strapi at an application that was given another one', async () => {
    connect();
    const stranger = await target.create('User', { schemas: [], userName: 'ada', active: true });
    const id = await world.endUsers.addByHand({ userName: 'ada', roleIds: [ROLES.author] });
    await world.links.save({
      connectionId: connection.id, objectType: 'User', localId: id, remoteId: null, externalId: null, kept: null,
      snapshot: { schemas: [], userName: 'a.lovelace', active: true }, hash: null, state: 'assumed',
    });
    await touch(id);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: true });
    expect((await target.read('User', stranger.ref))?.resource).toEqual(stranger.resource);
  });

  it('disables who leaves, sends nothing else of them, and enables who comes back', async () => {
    connect();
    const id = await editor();
    await world.endUsers.editByHand(id, { roleIds: [ROLES.author], userName: 'ada.secret' });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
    expect(target.requests).toMatchObject([{ method: 'update', changes: [{ path: 'active', after: false }] }]);
    expect(last()).toMatchObject({ operation: 'deactivate', outcome: 'success', message: `Deactivated. ${OUT}` });
    target.forgetRequests();
    const rows = world.log.records.length;
    await touch(id);
    await world.settle();
    expect([target.requests, world.log.records.length]).toEqual([[], rows]);
    await comeBack(id);
    expect(target.user('ada.secret')).toMatchObject({ active: true });
    expect(last()).toMatchObject({ operation: 'reactivate', outcome: 'success' });
    await leave(id);
    expect(target.user('ada.secret')).toMatchObject({ active: false });
  });

  it('takes a person who left out also where the system itself made the change', async () => {
    connect();
    const id = await editor();
    await world.endUsers.editByHand(id, { roleIds: [ROLES.author] });
    await world.outbox.mark([connection.id], 'User', [id], 'slack');
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
  });

  it('of assigned people only', async () => {
    connect({ scope: { ...EDITORS, assignment: 'assigned', clauses: [] } });
    const id = await editor();
    expect(target.users).toEqual([]);
    expect(last()?.message).toBe('Out of scope: not assigned to this connection.');
    await world.assignments.assign(connection.id, [id]);
    await touch(id);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: true });
    await world.assignments.unassign(connection.id, [id]);
    await touch(id);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
  });

  it('by membership, also through groups, and hears of each change of a group', async () => {
    const provider = world.addProvider();
    const create = async (fields: object): Promise<string> => String((await world.service.create(provider.ctx, 'Group', { schemas: [], ...fields })).id);
    const group = await create({ displayName: 'Inner' });
    const outer = await create({ displayName: 'Outer', members: [{ value: group, type: 'Group' }] });
    connect({ scope: { ...EDITORS, clauses: [{ attribute: 'group', operator: 'member-of', value: [outer] }] } });
    const id = await editor();
    expect(target.users).toEqual([]);
    const members = (operation: Record<string, unknown>) => world.service.modify(provider.ctx, 'Group', group, parsePatchRequest({ Operations: [operation] }));
    await members({ op: 'add', path: 'members', value: [{ value: id }] });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: true });
    await members({ op: 'remove', path: `members[value eq "${id}"]` });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
  });
});

describe('who leaves', () => {
  it.each<[LeavingRule['action'], (id: string) => Promise<void>]>([
    ['delete', async (id) => {
      expect(target.users).toEqual([]);
      expect(await linkOf(id)).toBeNull();
      expect(last()).toMatchObject({ operation: 'delete', outcome: 'success', message: `Deleted. ${OUT}` });
    }],
    ['nothing', async (id) => {
      expect(target.requests).toEqual([]);
      expect(await linkOf(id)).not.toBeNull();
      expect(last()).toMatchObject({ outcome: 'skipped', message: `${OUT} So the account at the application stays as it is.` });
    }],
    ['unlink', async (id) => {
      expect(target.user('ada')).toMatchObject({ active: true });
      expect(await linkOf(id)).toBeNull();
      expect(last()).toMatchObject({ outcome: 'success', message: expect.stringContaining('no longer linked') });
    }],
  ])('%s: once, with the reason; who is back takes part again', async (action, look) => {
    connect({ leaving: { outOfScope: rule(action) } });
    const id = await editor();
    await leave(id);
    await look(id);
    const [requests, rows] = [target.requests.length, world.log.records.length];
    await touch(id);
    await world.settle();
    expect([target.requests.length, world.log.records.length]).toEqual([requests, rows]);
    await comeBack(id);
    expect(target.users).toMatchObject([{ userName: 'ada', active: true }]);
  });

  it('blocked and deleted have rules of their own', async () => {
    connect({ leaving: { blocked: rule('nothing'), deleted: rule('disable') } });
    const id = await editor();
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    expect(target.requests).toEqual([]);
    expect(last()).toMatchObject({ outcome: 'skipped', message: 'Blocked in Strapi. So the account at the application stays as it is.' });
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
    expect(last()).toMatchObject({ operation: 'deactivate', message: 'Deactivated. The account no longer exists in Strapi.' });
    expect(await linkOf(id)).toBeNull();
    expect(world.standings.rows).toEqual([]);
  });

  it('a deletion that is only a deactivation is sent again where nobody knows whether it arrived', async () => {
    connect({ leaving: { deleted: rule('disable') } });
    const id = await editor();
    target.failOnce(new Error('lost'), (request) => request.method === 'update');
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
  });

  it('leaves every group at the application', async () => {
    const groups = new Map([['g1', ['u1', 'u2']], ['g2', ['u1']], ['g3', ['u1']]]);
    const directory = {
      find: async (_type: string, _attribute: string, value: string) =>
        [...groups].filter(([, members]) => members.includes(value)).slice(0, 2).map(([ref, members]) => ({ ref, resource: { schemas: [], members: members.map((member) => ({ value: member })) } })),
      update: async (_type: string, ref: string, desired: { members?: { value: string }[] }, changes: { path: string }[]) => {
        expect(changes).toEqual([{ path: 'members[value eq "u1"]', before: 'u1', after: null }]);
        groups.set(ref, desired.members?.map(({ value }) => value) ?? []);
        return { ref, resource: { schemas: [] } };
      },
    } as unknown as Directory;
    expect((await leaveGroups(directory, 'u1')).left).toBe(3);
    expect([...groups.values()]).toEqual([['u2'], [], []]);
    const stubborn = { ...directory, update: async () => ({ ref: 'g1', resource: { schemas: [] } }) } as unknown as Directory;
    await expect(leaveGroups(stubborn, 'u2')).rejects.toMatchObject({ code: 'target-rejected' });
  });
});

describe('grace', () => {
  beforeEach(() => connect({ leaving: { outOfScope: rule('disable', 7), blocked: rule('disable', 2), deleted: rule('delete', 3) } }));

  it('waits, is carried out by the job, and only once', async () => {
    const id = await editor();
    await leave(id);
    expect(target.requests).toEqual([]);
    expect(last()).toMatchObject({ outcome: 'skipped', message: expect.stringMatching(/does not hold\. On \d{4}-\d\d-\d\d the account at the application is disabled\.$/) });
    world.clock.advance(6 * DAY);
    await touch(id);
    await world.settle();
    expect([await wake(), target.requests.length]).toEqual([0, 0]);
    world.clock.advance(DAY);
    // A crash after this leaves the marker: it and the note are one transaction.
    expect([await wake(), await wake()]).toEqual([1, 0]);
    expect(world.outbox.rows).toHaveLength(1);
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
    expect(last()).toMatchObject({ operation: 'deactivate', message: `Deactivated. ${OUT}` });
  });

  it('is cancelled for who comes back, and counts anew', async () => {
    const id = await editor();
    await leave(id);
    world.clock.advance(5 * DAY);
    await comeBack(id);
    expect(last()).toMatchObject({ outcome: 'success', message: expect.stringMatching(/Cancelled: the person is back\.$/) });
    expect(world.standings.rows).toEqual([]);
    await leave(id);
    world.clock.advance(5 * DAY);
    expect(await wake()).toBe(0);
    world.clock.advance(2 * DAY);
    expect(await wake()).toBe(1);
  });

  it('of a blocked person ends once, and a deleted one is deleted after their own time', async () => {
    const id = await editor();
    await world.endUsers.editByHand(id, { active: false });
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: true });
    world.clock.advance(2 * DAY);
    await wake();
    await world.settle();
    expect(target.user('ada')).toMatchObject({ active: false });
    await touch(id);
    await world.settle();
    expect(world.log.story).toEqual(['create success', 'update skipped', 'deactivate success']);
    await world.endUsers.delete('User', id);
    await world.settle();
    expect(target.users).toHaveLength(1);
    world.clock.advance(3 * DAY);
    await wake();
    await world.settle();
    expect(target.users).toEqual([]);
    expect(world.standings.rows).toEqual([]);
  });

  it('follows a changed number of days and a changed action', async () => {
    const id = await editor();
    await leave(id);
    world.clock.advance(3 * DAY);
    await change({ leaving: { outOfScope: rule('delete', 2) } }, id);
    expect(target.users).toEqual([]);
  });
});

describe('switches', () => {
  it.each<[keyof typeof DEFAULT_OUTBOUND.switches, string, (id: string) => Promise<void>]>([
    ['update', 'Updates', (id) => world.endUsers.editByHand(id, { userName: 'ada.l' })],
    ['deactivate', 'Deactivations', (id) => world.endUsers.editByHand(id, { active: false })],
    ['deactivate', 'Deactivations', (id) => world.endUsers.editByHand(id, { roleIds: [ROLES.author] })],
    ['delete', 'Deletions', (id) => world.endUsers.delete('User', id)],
  ])('%s off: skipped, told once, done when it is on again', async (name, words, happens) => {
    connect({ switches: { [name]: false } });
    const id = await editor();
    await happens(id);
    await world.settle();
    expect(target.writes).toEqual([]);
    expect(last()).toMatchObject({ outcome: 'skipped', message: `${words} are switched off in this connection.` });
    expect(last()?.steps.at(-1)).toMatchObject({ name: 'guard', outcome: 'skipped' });
    const rows = world.log.records.length;
    await touch(id);
    await world.settle();
    expect(world.log.records).toHaveLength(rows);
    await change({}, id);
    expect(target.writes).toHaveLength(1);
    expect(last()?.outcome).toBe('success');
  });

  it('create off: nobody is made, who is there is still matched and updated', async () => {
    connect({ switches: { create: false } });
    target.put({ userName: 'bob' });
    await editor('ada');
    expect(target.users).toHaveLength(1);
    expect(last()).toMatchObject({ operation: 'create', outcome: 'skipped', message: 'Creations are switched off in this connection.' });
    const id = await editor('bob');
    expect(await linkOf(id)).toMatchObject({ state: 'linked' });
  });
});

it('a connection without rules of its own remembers nothing and asks nothing more', async () => {
  ({ target, connection } = world.addTarget());
  const asked = jest.spyOn(world.standings, 'get');
  const id = await editor();
  await world.endUsers.editByHand(id, { active: false });
  await world.settle();
  await world.endUsers.delete('User', id);
  await world.settle();
  expect(asked).not.toHaveBeenCalled();
  expect(world.standings.rows).toEqual([]);
});
