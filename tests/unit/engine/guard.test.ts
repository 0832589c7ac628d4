/** What is pushed one by one: counted over an hour, held over the limit, let through by a person. */
import type { GuardPolicyInput } from '../../../server/src/contracts/guard';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { DEFAULT_GUARD, mergeGuard } from '../../../server/src/domain/guard/limits';
import { approveHold, dismissHold } from '../../../server/src/engine/guard/decide-hold';
import { PushedGuard } from '../../../server/src/engine/guard/pushed-guard';
import { ProviderService } from '../../../server/src/engine/receive/provider-service';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';
import type { MemoryDirectory } from '../../helpers/memory/directory';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HELD = { code: 'guard-held' };
const inactive = parsePatchRequest({ Operations: [{ op: 'replace', path: 'active', value: false }] });

let world: World;
let ctx: ScimRequestContext;
let connection: Connection;

function provider(guard: GuardPolicyInput = {}, fields: Partial<Connection> = {}): void {
  ({ ctx, connection } = world.addProvider({ ...fields, guard: mergeGuard(DEFAULT_GUARD, guard) }));
}
const create = async (userName: string, fields: object = {}): Promise<string> => String((await world.service.create(ctx, 'User', { schemas: [], userName, ...fields })).id);
const people = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await create(`p${index}`));
  return ids;
};
const deactivate = (id: string | undefined) => world.service.modify(ctx, 'User', String(id), inactive);
const remove = (id: string | undefined) => world.service.remove(ctx, 'User', String(id));
const isActive = async (id: string | undefined): Promise<boolean> => (await world.endUsers.readUser(String(id)))?.resource.active !== false;
const holds = () => world.holds.list(connection.id);
const rows = (operation: string) => world.log.records.filter((row) => row.operation === operation && row.errorCode === 'guard-held');

beforeEach(() => {
  world = createWorld();
});

describe('a provider', () => {
  it('may deactivate two of ten within an hour; the third is held, changed nothing and alerted once', async () => {
    provider();
    const ids = await people(10);
    await deactivate(ids[0]);
    await deactivate(ids[1]);
    const before = world.log.records.length;
    await expect(deactivate(ids[2])).rejects.toMatchObject({ ...HELD, status: 503, headers: { 'Retry-After': '900' }, message: expect.stringContaining('3 people would be deactivated within an hour, of 10 linked; without approval 2 may be.') });
    await expect(deactivate(ids[3])).rejects.toMatchObject(HELD);
    for (let again = 0; again < 10; again += 1) await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
    expect(await Promise.all(ids.slice(0, 4).map(isActive))).toEqual([false, false, true, true]);
    // The start of the hold, and one row for each of the two.
    expect(world.log.records.slice(before).map(({ objectName, outcome, errorCode }) => [objectName, outcome, errorCode])).toEqual([
      [null, 'refused', 'guard-held'], ['p2', 'refused', 'guard-held'], ['p3', 'refused', 'guard-held'],
    ]);
    expect(world.alerts.holds).toMatchObject([{ connectionId: connection.id, verdict: { kind: 'deactivate', wanted: 3, allowed: 2, linked: 10 } }]);
    expect(await holds()).toMatchObject([{ kind: 'deactivate', state: 'held', waiting: 2, attempts: 12 }]);
    expect((await world.holds.objects(connection.id, 'deactivate', 0, 10)).results).toMatchObject([
      { objectId: ids[2], name: 'p2', asked: 'Deactivated.', attempts: 11 }, { objectId: ids[3], attempts: 1 },
    ]);
  });

  it('is told by 429 where it is Okta, which comes back for that one', async () => {
    provider({ limits: { delete: { count: 0, percent: 0 } } }, { preset: 'okta' });
    await expect(remove(await create('ada'))).rejects.toMatchObject({ ...HELD, status: 429, headers: { 'Retry-After': '900' } });
  });

  it('may do more where more people are linked, and again an hour later', async () => {
    provider();
    const ids = await people(40);
    for (const id of ids.slice(0, 4)) await remove(id);
    world.clock.advance(HOUR + MINUTE);
    for (const id of ids.slice(4, 6)) await remove(id);
    // Ten percent of those who were there when the hour began: still of 36, not of 34.
    await remove(ids[6]);
    await expect(remove(ids[7])).rejects.toMatchObject(HELD);
  });

  it('stays held when the hour is over: trying again must not wipe the site hour by hour', async () => {
    provider();
    const ids = await people(10);
    for (const id of ids.slice(0, 2)) await deactivate(id);
    await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
    for (let hours = 0; hours < 5; hours += 1) {
      world.clock.advance(2 * HOUR);
      await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
    }
    // Everything else goes on.
    await create('new');
    await remove(ids[9]);
  });

  it('holds after a restart too, and in another instance', async () => {
    provider();
    const ids = await people(10);
    for (const id of ids.slice(0, 2)) await deactivate(id);
    const other = new PushedGuard({ ...world, unitOfWork: world.database, window: world.guardWindow });
    const service = new ProviderService({ ...world.receiveDeps, guard: other }, world.reads);
    await expect(service.modify(ctx, 'User', String(ids[2]), inactive)).rejects.toMatchObject(HELD);
  });

  it.each([10, 100])('stops a wave of parallel requests on %d people at the limit', async (count) => {
    provider();
    const ids = await people(count);
    const answers = await Promise.allSettled(ids.map((id) => deactivate(id)));
    const allowed = Math.max(2, count / 10);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(allowed);
    expect((await Promise.all(ids.map(isActive))).filter((active) => !active)).toHaveLength(allowed);
    expect(world.alerts.holds).toHaveLength(1);
  });

  it('does not count what failed or changed nothing', async () => {
    provider();
    const ids = await people(10);
    await deactivate(ids[0]);
    for (let again = 0; again < 5; again += 1) {
      await deactivate(ids[0]);
      await expect(remove('nobody')).rejects.toMatchObject({ code: 'not-found' });
    }
    await deactivate(ids[1]);
    await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
  });

  it('may change people without a limit, unless the connection has one', async () => {
    provider({ limits: { update: { count: 1, percent: null } } });
    const [id] = await people(1);
    const title = (value: string) => world.service.modify(ctx, 'User', String(id), parsePatchRequest({ Operations: [{ op: 'replace', path: 'title', value }] }));
    await title('A');
    await expect(title('B')).rejects.toMatchObject(HELD);
  });
});

describe('a first load', () => {
  it('is free until an hour passes without a creation; then 50, or half of those who are linked', async () => {
    provider();
    await people(120);
    world.clock.advance(50 * MINUTE);
    for (let index = 0; index < 40; index += 1) await create(`later${index}`);
    world.clock.advance(50 * MINUTE);
    for (let index = 0; index < 60; index += 1) await create(`last${index}`);
    world.clock.advance(HOUR + MINUTE);
    // 220 are linked.
    for (let index = 0; index < 110; index += 1) await create(`new${index}`);
    await expect(create('one-more')).rejects.toMatchObject(HELD);
    expect(await holds()).toMatchObject([{ kind: 'create', verdict: { wanted: 111, allowed: 110, linked: 220 } }]);
  });

  it('is not stopped at 51 because it began slowly', async () => {
    provider();
    await people(40);
    world.clock.advance(59 * MINUTE);
    for (let index = 0; index < 100; index += 1) await create(`b${index}`);
  });

  it('is none where the connection does not want it', async () => {
    provider({ freeFirstLoad: false, limits: { create: { count: 3, percent: 50 } } });
    await people(3);
    await expect(create('fourth')).rejects.toMatchObject(HELD);
    expect((await world.holds.objects(connection.id, 'create', 0, 10)).results).toMatchObject([{ objectId: null, name: 'fourth', asked: 'Created.' }]);
  });
});

describe('an approval', () => {
  const approve = () => approveHold(connection, 'deactivate', 'ann@x.example', world.decideHold);

  it('lets exactly those through, once, within a day', async () => {
    provider();
    const ids = await people(10);
    for (const id of ids.slice(0, 2)) await deactivate(id);
    for (const id of ids.slice(2, 6)) await expect(deactivate(id)).rejects.toMatchObject(HELD);
    expect(await approve()).toBe(4);
    expect(world.log.records.at(-1)).toMatchObject({ operation: 'deactivate', outcome: 'skipped', actor: 'ann@x.example', message: expect.stringContaining('4 held objects') });
    world.clock.advance(HOUR / 2);
    for (const id of ids.slice(2, 5)) await deactivate(id);
    // Nobody else, and nobody twice: a new hold.
    await expect(deactivate(ids[6])).rejects.toMatchObject(HELD);
    await world.service.modify(ctx, 'User', String(ids[2]), parsePatchRequest({ Operations: [{ op: 'replace', path: 'active', value: true }] }));
    await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
    expect(world.alerts.holds).toHaveLength(2);
    // The last one that was approved still may, during the new hold; a day later nobody may.
    await deactivate(ids[5]);
    expect(await holds()).toMatchObject([{ state: 'held', waiting: 2, approved: 0 }]);
    expect(await approve()).toBe(2);
    world.clock.advance(24 * HOUR);
    for (const id of ids.slice(7, 9)) await deactivate(id);
    await expect(deactivate(ids[6])).rejects.toMatchObject(HELD);
  });

  it('knows again who was to be created by the name', async () => {
    provider({ freeFirstLoad: false, limits: { create: { count: 0, percent: 0 } } });
    await expect(create('Ada')).rejects.toMatchObject(HELD);
    await approveHold(connection, 'create', 'ann', world.decideHold);
    await create('ADA');
    await expect(create('eva')).rejects.toMatchObject(HELD);
  });

  it('says where nothing is held', async () => {
    provider();
    expect([await approve(), await dismissHold(connection, 'deactivate', 'ann', world.decideHold)]).toEqual([null, false]);
  });

  it('is not needed once the hold is dismissed: counting starts again', async () => {
    provider();
    const ids = await people(10);
    for (const id of ids.slice(0, 2)) await deactivate(id);
    await expect(deactivate(ids[2])).rejects.toMatchObject(HELD);
    expect(await dismissHold(connection, 'deactivate', 'ann', world.decideHold)).toBe(true);
    expect(await holds()).toEqual([]);
    for (const id of ids.slice(2, 4)) await deactivate(id);
    await expect(deactivate(ids[4])).rejects.toMatchObject(HELD);
  });
});

describe('roles', () => {
  const table = [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }];
  const member = (id: string) => ({ value: id });
  const add = (group: string, ids: string[]) => world.service.modify(ctx, 'Group', group, parsePatchRequest({ Operations: [{ op: 'add', path: 'members', value: ids.map(member) }] }));
  const roleOf = async (id: string | undefined) => (await world.endUsers.readUser(String(id)))?.roleIds[0];

  it('of more people than the limit are held as a whole, with each person in the list', async () => {
    provider({}, { roleMappings: table });
    const ids = await people(30);
    const group = String((await world.service.create(ctx, 'Group', { schemas: [], displayName: 'Editors' })).id);
    await add(group, ids.slice(0, 4));
    await expect(add(group, ids.slice(4, 10))).rejects.toMatchObject({ ...HELD, status: 503, message: expect.stringContaining('10 people would be given a role they did not have') });
    expect(await Promise.all([ids[0], ids[3], ids[4], ids[9]].map(roleOf))).toEqual([ROLES.editor, ROLES.editor, ROLES.authenticated, ROLES.authenticated]);
    expect((await world.service.get(ctx, 'Group', group, { withoutMembers: false })).members).toHaveLength(4);
    expect(await holds()).toMatchObject([{ kind: 'role-grant', waiting: 6 }]);
    expect((await world.holds.objects(connection.id, 'role-grant', 0, 10)).results[0]).toMatchObject({ objectId: ids[4], name: 'p4', asked: `Gets the role ${ROLES.editor}.` });
    // Who is in the group already gets nothing new; leaving it and its other writes are free.
    await add(group, ids.slice(0, 2));
    await world.service.modify(ctx, 'Group', group, parsePatchRequest({ Operations: [{ op: 'remove', path: `members[value eq "${ids[0]}"]` }] }));
    expect(await roleOf(ids[0])).toBe(ROLES.authenticated);
    await approveHold(connection, 'role-grant', 'ann', world.decideHold);
    await add(group, ids.slice(4, 10));
    expect(await roleOf(ids[9])).toBe(ROLES.editor);
  });

  it('named by a new person count too, and an approval finds the person by the name', async () => {
    provider({ limits: { 'role-grant': { count: 1, percent: 0 } } }, { roleMappings: table });
    const roles = [{ value: 'Editors' }];
    await create('ada', { roles });
    await expect(create('eva', { roles })).rejects.toMatchObject(HELD);
    expect(await world.endUsers.findUsers({ attribute: 'userName', value: 'eva' })).toEqual([]);
    await create('uma');
    await approveHold(connection, 'role-grant', 'ann', world.decideHold);
    expect(await roleOf(await create('eva', { roles }))).toBe(ROLES.editor);
  });
});

describe('an application', () => {
  let target: MemoryDirectory;
  const active = () => target.users.filter((user) => user.active !== false).length;
  const block = (id: string | undefined) => world.endUsers.editByHand(String(id), { active: false });

  async function apply(count: number, parallel = 1): Promise<string[]> {
    ({ target, connection } = world.addTarget({ system: 'slack', guard: DEFAULT_GUARD }));
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push(await world.endUsers.addByHand({ userName: `p${index}`, email: `p${index}@x.example` }));
    await world.settle(world.delivery({ parallel }));
    target.forgetRequests();
    return ids;
  }

  it.each([[10, 1], [10, 10], [100, 8]])('is told of no more than the limit when all %d are deactivated, %d at a time; the rest waits', async (count, parallel) => {
    const ids = await apply(count, parallel);
    for (const id of ids) await block(id);
    await world.settle(world.delivery({ parallel }));
    const allowed = Math.max(2, count / 10);
    expect(active()).toBe(count - allowed);
    expect(world.outbox.rows.map(({ state, errorCode }) => `${state} ${errorCode}`)).toEqual(Array(count - allowed).fill('failed guard-held'));
    expect(rows('deactivate')).toHaveLength(1 + count - allowed);
    expect(await holds()).toMatchObject([{ kind: 'deactivate', waiting: count - allowed }]);
    expect(world.alerts.holds).toHaveLength(1);
    expect(await approveHold(connection, 'deactivate', 'ann', world.decideHold)).toBe(count - allowed);
    await world.settle(world.delivery({ parallel }));
    expect([active(), world.outbox.rows]).toEqual([0, []]);
  });

  it('gets the first load of any size', async () => {
    await apply(130, 8);
    expect(target.users).toHaveLength(130);
  });

  it('counts what arrived, not what it refused', async () => {
    const ids = await apply(10);
    for (let times = 0; times < 5; times += 1) target.failOnce(new ProvisioningError('target-unavailable', 'Down.'), ({ method }) => method === 'update');
    for (const id of ids.slice(0, 2)) await block(id);
    await world.settle();
    expect(active()).toBe(8);
    expect(await holds()).toEqual([]);
  });

  it('is left alone by those whose change was taken back meanwhile', async () => {
    const ids = await apply(10);
    for (const id of ids.slice(0, 4)) await block(id);
    await world.settle();
    for (const id of ids.slice(0, 4)) await world.endUsers.editByHand(id, { active: true });
    await world.settle();
    expect([active(), world.outbox.rows]).toEqual([10, []]);
  });
});
