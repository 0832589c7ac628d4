/** People and groups of an application are brought into this Strapi, and nobody is lost by what the application forgets. */
import fc from 'fast-check';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { NO_LIMITS } from '../../helpers/guard';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { MemoryRunStore } from '../../helpers/memory/run-store';
import { ROLES, type World } from '../../helpers/memory/world';
import { approved, finished, pullSite, reportOf, type PullSite } from '../../helpers/pulled';


const setUp = pullSite;
type Setup = PullSite;

const linkOf = (world: World, connection: Connection, externalId: string) => world.links.findByExternalId(connection.id, 'User', externalId);

describe('people', () => {
  let site: Setup;
  beforeEach(() => {
    site = setUp();
    site.source.user('r1', { userName: 'ada', emails: [{ value: 'ada@x.example', primary: true }], title: 'Boss', externalId: 'hr-1', password: 'secret' });
    site.source.user('r2', { userName: 'eva', active: false });
  });

  it('are made with the id of the source as externalId, one row of the log each', async () => {
    const report = await site.pull();
    expect(report).toMatchObject({ state: 'done', incomplete: null, users: { examined: 2, create: 2, failed: 0 } });
    const { ada, eva } = await site.people();
    expect(ada?.resource).toMatchObject({ userName: 'ada', active: true });
    expect(eva?.resource).toMatchObject({ active: false });
    const link = await linkOf(site.world, site.connection, 'r1');
    expect(link).toMatchObject({ localId: ada?.ref, kept: { title: 'Boss' } });
    expect(JSON.stringify([link, site.world.log.records])).not.toContain('secret');
    expect(site.world.log.story).toEqual(['create success', 'create success']);
    expect(site.world.log.records[0]).toMatchObject({ trigger: 'on-demand', actor: 'ada@x.example', remoteId: 'r1' });
  });

  it('who did not change costs no write, no row and only one reading', async () => {
    await site.pull();
    const before = { commits: site.world.database.commits, story: [...site.world.log.story], lists: site.source.lists };
    const report = await site.pull();
    expect(report.users).toMatchObject({ examined: 2, unchanged: 2 });
    expect({ commits: site.world.database.commits, story: site.world.log.story }).toEqual({ commits: before.commits, story: before.story });
    expect(site.source.lists - before.lists).toBe(2);
  });

  it('are changed, deactivated and activated again as the source says', async () => {
    await site.pull();
    site.source.change('r1', { title: 'Queen', active: false });
    site.source.change('r2', { active: true });
    expect(await site.pull()).toMatchObject({ state: 'done', users: { deactivate: 1, reactivate: 1 } });
    const { ada, eva } = await site.people();
    expect([ada?.resource.active, eva?.resource.active]).toEqual([false, true]);
    expect((await linkOf(site.world, site.connection, 'r1'))?.kept).toMatchObject({ title: 'Queen' });
  });

  it('a change made in Strapi stays until a full pull puts it right', async () => {
    await site.pull();
    const { ada } = await site.people();
    await site.world.endUsers.editByHand(String(ada?.ref), { email: 'other@x.example' });
    expect((await site.pull()).users.unchanged).toBe(2);
    expect((await site.people()).ada?.resource.emails).toMatchObject([{ value: 'other@x.example' }]);
    expect((await site.pull({ full: true })).users).toMatchObject({ update: 1, unchanged: 1 });
    expect((await site.people()).ada?.resource.emails).toMatchObject([{ value: 'ada@x.example' }]);
  });

  it('take over the account that a join rule finds, and say so', async () => {
    const id = await site.world.endUsers.addByHand({ userName: 'someone', email: 'ADA@x.example' });
    expect((await site.pull()).users).toMatchObject({ create: 1, matched: 1 });
    expect((await linkOf(site.world, site.connection, 'r1'))?.localId).toBe(id);
    expect((await site.people()).ada?.ref).toBe(id);
  });

  it('an account that already agrees is linked too', async () => {
    const id = await site.world.endUsers.addByHand({ userName: 'eva', email: 'eva@users.invalid', active: false });
    site.source.drop('r1');
    expect((await site.pull()).users).toMatchObject({ matched: 1 });
    expect((await linkOf(site.world, site.connection, 'r2'))?.localId).toBe(id);
    expect((await site.pull()).users.unchanged).toBe(1);
  });

  it('several matches are disputed: nobody is linked or made, and the plan says why', async () => {
    site.world.endUsers.settings.emailIsUnique = false;
    for (const userName of ['one', 'two']) await site.world.endUsers.addByHand({ userName, email: 'ada@x.example' });
    const { users, items } = await site.pull();
    expect(users).toMatchObject({ failed: 1, create: 1 });
    expect(items.find(({ state }) => state === 'failed')).toMatchObject({ kind: 'create', objectName: 'ada', errorCode: 'disputed', pairing: 'disputed' });
    expect(await linkOf(site.world, site.connection, 'r1')).toBeNull();
  });

  it('an account of another connection is left alone', async () => {
    const other = site.world.addProvider();
    await site.world.service.create(other.ctx, 'User', { schemas: [], userName: 'ada' });
    const { users, items } = await site.pull();
    expect(users).toMatchObject({ failed: 1, create: 1 });
    expect(items[0]).toMatchObject({ errorCode: 'linked-elsewhere', pairing: 'disputed' });
  });

  it('admin users are never taken over without approval', async () => {
    const admins = setUp({ population: 'admin-users' });
    await admins.world.adminUsers.addByHand({ userName: 'ada@x.example', email: 'ada@x.example' });
    admins.source.user('r1', { userName: 'ada@x.example', emails: [{ value: 'ada@x.example' }] });
    expect((await admins.pull()).items).toMatchObject([{ state: 'failed', errorCode: 'not-adoptable', pairing: 'disputed' }]);
  });

  it('two people of the source with one address never share an account', async () => {
    await site.pull();
    site.source.user('r3', { userName: 'double', emails: [{ value: 'ada@x.example' }] });
    const { items } = await site.pull();
    expect((await linkOf(site.world, site.connection, 'r1'))?.localId).toBe((await site.people()).ada?.ref);
    expect(items).toMatchObject([{ state: 'failed', errorCode: 'uniqueness', message: expect.stringContaining('r1') }]);
  });

  it('somebody made anew at the source, under another id, keeps the account', async () => {
    await site.pull();
    const { ada } = await site.people();
    site.source.drop('r1');
    site.source.user('r9', { userName: 'ada', title: 'Again' });
    await site.pull();
    expect((await linkOf(site.world, site.connection, 'r9'))?.localId).toBe(ada?.ref);
    await site.pull();
    await site.pull();
    expect((await site.people()).ada?.ref).toBe(ada?.ref);
  });

  it('who cannot be read as a person is an item that failed, and the others go on', async () => {
    site.source.user('r0', { userName: '' });
    const { users, items } = await site.pull();
    expect(users).toMatchObject({ examined: 3, create: 2, failed: 1 });
    expect(items.find(({ state }) => state === 'failed')).toMatchObject({ kind: 'create', remoteId: 'r0', errorCode: 'invalid-value', message: expect.stringContaining('userName') });
  });

  it('rules of the connection say what becomes of them', async () => {
    const mapped = setUp({
      mapping: {
        version: 3,
        rules: [
          { target: 'userName', source: { kind: 'expression', expression: 'lower(user.userName)' }, when: 'always', emptyPolicy: 'clear' },
          { target: 'title', source: { kind: 'constant', value: 'Employee' }, when: 'on-create', emptyPolicy: 'clear' },
        ],
      },
    });
    mapped.source.user('r1', { userName: 'ADA', nickName: 'A' });
    await mapped.pull();
    expect((await linkOf(mapped.world, mapped.connection, 'r1'))?.kept).toMatchObject({ userName: 'ada', title: 'Employee' });
    expect((await linkOf(mapped.world, mapped.connection, 'r1'))?.kept).not.toHaveProperty('nickName');
  });

  it('a dry run writes nothing, and its plan is exactly what is done then', async () => {
    await site.pull();
    site.source.change('r1', { title: 'Queen' });
    site.source.user('r3', { userName: 'new' });
    const state = async () => ({ rows: site.world.log.records.length, people: await site.people(), link: await linkOf(site.world, site.connection, 'r1') });
    const before = await state();
    const { run, items } = await site.pull({ dryRun: true });
    expect(run).toMatchObject({ state: 'waiting', dryRun: true, counts: { examined: 3, unchanged: 1 } });
    expect(await state()).toEqual(before);
    expect(items).toMatchObject([
      { kind: 'update', remoteId: 'r1', changes: [{ path: 'title', before: 'Boss', after: 'Queen' }] },
      { kind: 'create', remoteId: 'r3', objectName: 'new', pairing: 'new' },
    ]);
    const lists = site.source.requests.length;
    expect((await reportOf(site.world, await approved(site.world, run))).users).toMatchObject({ update: 1, create: 1, failed: 0 });
    expect((await linkOf(site.world, site.connection, 'r1'))?.kept).toMatchObject({ title: 'Queen' });
    // The plan knows what the source said.
    expect(site.source.requests.length).toBe(lists);
    expect(site.world.log.records.at(-1)).toMatchObject({ runId: run.id, operation: 'create', outcome: 'success' });
  });

  it('what changed since the plan was made is stale, and stays', async () => {
    await site.pull();
    for (const id of ['r1', 'r2']) site.source.change(id, { title: 'Queen' });
    site.source.user('r3', { userName: 'new' });
    const { run } = await site.pull({ dryRun: true });
    const link = await linkOf(site.world, site.connection, 'r1');
    if (link !== null) await site.world.links.save({ ...link, kept: { schemas: [], ...link.kept, title: 'Else' } });
    // Somebody makes an account that r3 is the same as.
    await site.world.endUsers.addByHand({ userName: 'new' });
    const done = await reportOf(site.world, await approved(site.world, run));
    expect(done.items.map(({ remoteId, state }) => [remoteId, state])).toEqual([['r1', 'stale'], ['r2', 'done'], ['r3', 'stale']]);
    expect((await linkOf(site.world, site.connection, 'r1'))?.kept).toMatchObject({ title: 'Else' });
    expect(await linkOf(site.world, site.connection, 'r3')).toBeNull();
  });

  it('a plan that waited asks the source again, and does only what is still so', async () => {
    await site.pull();
    for (const id of ['r1', 'r2']) site.source.change(id, { title: 'Queen' });
    site.source.user('r3', { userName: 'new' });
    site.source.user('r4', { userName: 'newer' });
    const { run } = await site.pull({ dryRun: true });
    site.world.clock.advance(2 * 3_600_000);
    site.source.change('r1', { active: false });
    site.source.drop('r3');
    const done = await reportOf(site.world, await approved(site.world, run));
    expect(done.items.map(({ remoteId, state }) => [remoteId, state])).toEqual([['r1', 'stale'], ['r2', 'done'], ['r3', 'stale'], ['r4', 'done']]);
  });
});

describe('who is gone', () => {
  let site: Setup;
  beforeEach(async () => {
    site = setUp();
    for (const id of ['r1', 'r2', 'r3']) site.source.user(id);
    await site.pull();
  });
  const names = async (): Promise<string[]> => Object.keys(await site.people()).sort();

  it('is deleted only after two complete reads', async () => {
    site.source.drop('r2');
    expect((await site.pull()).users.delete).toBeUndefined();
    expect(await names()).toEqual(['r1', 'r2', 'r3']);
    expect((await site.pull()).users.delete).toBe(1);
    expect(await names()).toEqual(['r1', 'r3']);
    expect(site.world.log.story.at(-1)).toBe('delete success');
    expect((await site.pull()).users).toMatchObject({ examined: 2, unchanged: 2 });
  });

  it('who was back in between begins anew', async () => {
    site.source.hidden.add('r2');
    await site.pull();
    site.source.hidden.clear();
    await site.pull();
    site.source.hidden.add('r2');
    await site.pull();
    expect(await names()).toEqual(['r1', 'r2', 'r3']);
  });

  it('whom the lists forget, but the source still has, is never deleted', async () => {
    site.source.hidden.add('r2');
    for (let pulls = 0; pulls < 6; pulls += 1) await site.pull();
    expect(await names()).toEqual(['r1', 'r2', 'r3']);
  });

  it('a read that was not complete misses nobody, however often', async () => {
    site.source.drop('r3');
    site.source.user('r4');
    site.source.cutAfter = 2;
    for (let pulls = 0; pulls < 4; pulls += 1) expect((await site.pull()).incomplete).toMatch(/cut/);
    expect(await names()).toContain('r3');
  });

  it('is treated as the connection treats whom its provider deletes', async () => {
    site.world.connections.put({ ...site.connection, policies: { ...DEFAULT_POLICIES, onDelete: { action: 'nothing', graceDays: 0 } } });
    site.source.drop('r2');
    await site.pull();
    expect((await site.pull()).users.delete).toBe(1);
    expect(await names()).toEqual(['r1', 'r2', 'r3']);
    expect(await linkOf(site.world, site.connection, 'r2')).toBeNull();
  });
});

describe('who comes back', () => {
  const gone = async (policies: Partial<Connection['policies']>) => {
    const site = setUp({ policies: { ...DEFAULT_POLICIES, ...policies } });
    for (const id of ['r1', 'r2', 'r3']) site.source.user(id);
    await site.pull();
    const account = (await site.people()).r2?.accountId;
    site.source.drop('r2');
    await site.pull();
    await site.pull();
    site.source.user('r2');
    return { site, account };
  };

  it('finds the account that was kept, blocked, under a new id', async () => {
    const { site, account } = await gone({ onDelete: { action: 'block', graceDays: 0 } });
    expect((await site.people()).r2).toBeUndefined();
    await site.pull();
    expect((await site.people()).r2).toMatchObject({ accountId: account, resource: { active: true } });
    expect(site.world.log.story.at(-1)).toBe('reactivate success');
  });

  it('finds the account that was left as it was, and nothing is left of their leaving', async () => {
    const { site, account } = await gone({ onDelete: { action: 'nothing', graceDays: 0 } });
    const left = (await site.people()).r2;
    expect(left?.accountId).toBe(account);
    await site.pull();
    expect((await site.people()).r2?.accountId).toBe(account);
    expect(await site.world.departures.ofUsers([String(left?.ref), String((await site.people()).r2?.ref)])).toEqual([]);
  });

  it('a dry run of somebody leaving carries out nothing that is due for them', async () => {
    const site = setUp({ policies: { ...DEFAULT_POLICIES, onDeactivate: { action: 'delete', graceDays: 1 }, onDelete: { action: 'block', graceDays: 0 } } });
    site.source.user('r1');
    await site.pull();
    site.source.change('r1', { active: false });
    await site.pull();
    site.world.clock.advance(2 * 86_400_000);
    site.source.user('r2');
    site.source.drop('r1');
    await site.pull();
    expect((await site.pull({ dryRun: true })).items).toMatchObject([{ kind: 'delete', state: 'planned' }]);
    expect(Object.keys(await site.people())).toContain('r1');
  });
});

describe('the guard', () => {
  it('an empty source is always held, with whatever limits', async () => {
    const site = setUp({ guard: NO_LIMITS });
    site.source.user('r1');
    await site.pull();
    site.source.drop('r1');
    const rows = site.world.log.records.length;
    for (let pulls = 0; pulls < 3; pulls += 1) {
      const { run, items } = await site.pull();
      expect(run).toMatchObject({ state: 'waiting', reasons: [expect.stringContaining('nobody')] });
      // Gone is who was missing twice.
      expect(items).toHaveLength(pulls === 0 ? 0 : 1);
    }
    expect(Object.keys(await site.people())).toEqual(['r1']);
    expect(site.world.log.records).toHaveLength(rows);
    // Back, and never gone.
    site.source.user('r1');
    expect(await site.pull()).toMatchObject({ state: 'done', users: { unchanged: 1 } });
  });

  it.each([10, 60])('of %d people, a source that suddenly deactivates all is held before the first', async (count) => {
    const site = setUp();
    for (let index = 0; index < count; index += 1) site.source.user(`r${index}`);
    await site.pull();
    for (const id of site.source.ids) site.source.change(id, { active: false });
    const rows = site.world.log.records.length;
    const report = await site.pull();
    expect(report).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'deactivate', wanted: count, linked: count }] });
    expect(site.world.log.records.slice(rows)).toEqual([]);
    expect(Object.values(await site.people()).every((user) => user.resource.active === true)).toBe(true);
    expect((await site.pull({ approve: true })).users.deactivate).toBe(count);
  });

  it('too many who are gone are held at the second complete read, until somebody approves them', async () => {
    const site = setUp();
    for (let index = 0; index < 10; index += 1) site.source.user(`r${index}`);
    await site.pull();
    for (let index = 0; index < 5; index += 1) site.source.drop(`r${index}`);
    expect((await site.pull()).state).toBe('done');
    for (let pulls = 0; pulls < 3; pulls += 1) expect(await site.pull()).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'delete', wanted: 5 }] });
    expect(Object.keys(await site.people())).toHaveLength(10);
    expect((await site.pull({ approve: true })).users.delete).toBe(5);
    expect(Object.keys(await site.people())).toHaveLength(5);
  });

  it('roles that a group would give count', async () => {
    const site = setUp({ roleMappings: [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }] });
    for (let index = 0; index < 12; index += 1) site.source.user(`r${index}`);
    site.source.group('g1', 'Editors', site.source.ids);
    expect(await site.pull()).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'role-grant', wanted: 12, allowed: 5 }] });
    expect(await site.people()).toEqual({});
    expect((await site.pull({ approve: true })).state).toBe('done');
    expect((await site.people()).r3?.roleIds).toEqual([ROLES.editor]);
    expect((await site.pull()).state).toBe('done');
  });
});

describe('groups', () => {
  const setUpGroups = () => {
    const site = setUp({ guard: NO_LIMITS, roleMappings: [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }] });
    for (const id of ['r1', 'r2', 'r3']) site.source.user(id);
    return site;
  };
  const membersOf = async ({ world, connection }: Setup, name: string): Promise<string[]> => {
    const [group] = await world.groups.query({ connectionId: connection.id, displayNameNorm: name.toLowerCase() }, 0, 1);
    return group === undefined ? [] : (await world.groups.members(group)).map(({ display }) => String(display)).sort();
  };

  it('come with their members, also groups within groups, and give their roles', async () => {
    const site = setUpGroups();
    // The outer one is listed first: its member is not there yet.
    site.source.group('g1', 'Editors', ['g2', 'r1']);
    site.source.group('g2', 'Juniors', ['r2', 'unknown']);
    expect(await site.pull()).toMatchObject({ state: 'done', groups: { examined: 2, create: 2, failed: 0 } });
    expect(await membersOf(site, 'Editors')).toEqual(['Juniors', 'r1']);
    expect(await membersOf(site, 'Juniors')).toEqual(['r2']);
    const people = await site.people();
    expect([people.r1?.roleIds, people.r2?.roleIds, people.r3?.roleIds]).toEqual([[ROLES.editor], [ROLES.editor], [ROLES.authenticated]]);
  });

  it('who leaves a group loses its role; a group that did not change costs nothing', async () => {
    const site = setUpGroups();
    site.source.group('g1', 'Editors', ['r1', 'r2']);
    await site.pull();
    const rows = site.world.log.records.length;
    expect((await site.pull()).groups).toMatchObject({ unchanged: 1 });
    expect(site.world.log.records).toHaveLength(rows);
    site.source.group('g1', 'Editors', ['r2', 'r3']);
    await site.pull();
    const people = await site.people();
    expect([people.r1?.roleIds, people.r3?.roleIds]).toEqual([[ROLES.authenticated], [ROLES.editor]]);
  });

  it('a group whose members the list leaves out is asked for by itself', async () => {
    const site = setUpGroups();
    site.source.group('g1', 'Editors', ['r1']);
    await site.pull();
    site.source.group('g1', 'Editors', null);
    const reads = site.source.requests.length;
    await site.pull();
    expect(site.source.requests.slice(reads)).toContainEqual({ method: 'read', type: 'Group', ref: 'g1' });
    // It is really empty.
    expect(await membersOf(site, 'Editors')).toEqual([]);
  });

  it('is deleted after two complete reads without it, and its role goes with it', async () => {
    const site = setUpGroups();
    site.source.group('g1', 'Editors', ['r1']);
    site.source.group('g2', 'Others', []);
    await site.pull();
    site.source.drop('g1');
    await site.pull();
    expect((await site.people()).r1?.roleIds).toEqual([ROLES.editor]);
    expect((await site.pull()).groups.delete).toBe(1);
    expect((await site.people()).r1?.roleIds).toEqual([ROLES.authenticated]);
  });

  it('a source without groups is no source that lost them', async () => {
    const site = setUpGroups();
    site.source.group('g1', 'Editors', ['r1']);
    await site.pull();
    site.source.withoutGroups = true;
    for (let pulls = 0; pulls < 3; pulls += 1) expect(await site.pull()).toMatchObject({ state: 'done', incomplete: null });
    expect(await membersOf(site, 'Editors')).toEqual(['r1']);
  });
});

describe('echo', () => {
  it('what was pulled from a system is not sent back to it, and to others it is', async () => {
    const site = setUp({ system: 'hr' });
    const back = site.world.addTarget({ system: 'hr' });
    const other = site.world.addTarget({ system: 'chat' });
    site.source.user('r1', { userName: 'ada', title: 'Boss' });
    await site.pull();
    await site.world.settle();
    expect([back.target.writes, other.target.user('ada')]).toMatchObject([[], { userName: 'ada' }]);
    site.source.change('r1', { active: false });
    await site.pull();
    await site.world.settle();
    expect([back.target.writes, other.target.user('ada')]).toMatchObject([[], { active: false }]);
  });
});

describe('a source in trouble', () => {
  it('is waited for, as long as it asks for', async () => {
    const site = setUp();
    site.source.user('r1');
    site.source.faults = [new ProvisioningError('target-rate-limited', 'Slow down.', { retryAfterMs: 90_000 }), new ProvisioningError('target-unavailable', 'Away.')];
    const { id } = await site.start();
    const started = site.world.clock.now();
    expect((await site.world.runWorker.drain(() => false)) ?? 0).toBeGreaterThanOrEqual(started + 90_000);
    expect(await reportOf(site.world, await finished(site.world, id))).toMatchObject({ state: 'done', users: { create: 1 } });
  });

  it('that stays away ends the run, and nobody is missing', async () => {
    const site = setUp();
    for (const id of ['r1', 'r2', 'r3']) site.source.user(id);
    await site.pull();
    site.source.pageSize = 1;
    for (let pulls = 0; pulls < 3; pulls += 1) {
      site.source.faults = [null, null, ...Array.from({ length: 20 }, () => new ProvisioningError('target-unavailable', 'Away.'))];
      expect(await site.pull()).toMatchObject({ state: 'failed', reasons: 'Away.' });
      site.source.faults = [];
    }
    expect(Object.keys(await site.people())).toHaveLength(3);
    expect(await site.pull()).toMatchObject({ state: 'done', users: { examined: 3, unchanged: 3 } });
  });

  it('of whose address nothing is true ends the run at once', async () => {
    const site = setUp();
    site.source.faults = [new ProvisioningError('not-found', 'Nothing there.')];
    const { id } = await site.start();
    await site.world.runWorker.drain(() => false);
    expect(await site.world.runs.get(id)).toMatchObject({ state: 'failed', reasons: ['Nothing there.'] });
  });
});

describe('a run of a pull', () => {
  const many = (): Setup => {
    const site = setUp();
    for (let index = 0; index < 5; index += 1) site.source.user(`r${index}`);
    return site;
  };
  const after = (site: Setup, people: number, what: () => Promise<void> | void): void => {
    let done = 0;
    jest.spyOn(site.world.runs, 'finish').mockImplementation(async (...args) => {
      await MemoryRunStore.prototype.finish.apply(site.world.runs, args);
      if ((done += 1) === people) await what();
    });
  };
  const stored = async (site: Setup, id: number) => {
    const run = await site.world.runs.get(id);
    if (run === null) throw new Error('The run is gone.');
    return run;
  };

  it('is paused between two people and goes on, or is cancelled', async () => {
    const site = many();
    const { id } = await site.start();
    after(site, 2, async () => site.world.runService.pause(await stored(site, id)));
    await site.world.runWorker.drain(() => false);
    expect([(await stored(site, id)).state, Object.keys(await site.people())]).toEqual(['paused', ['r0', 'r1']]);
    await site.world.runService.resume(await stored(site, id));
    after(site, 1, async () => site.world.runService.cancel(await stored(site, id), 'admin'));
    await site.world.runWorker.drain(() => false);
    expect((await site.world.runs.itemCounts([id])).get(id)).toMatchObject({ done: 3, planned: 2 });
    expect([(await stored(site, id)).state, Object.keys(await site.people())]).toEqual(['cancelled', ['r0', 'r1', 'r2']]);
  });

  it('goes on after a kill between a write and its note, and writes nobody twice', async () => {
    const site = many();
    const { id } = await site.start();
    jest.spyOn(site.world.runs, 'finish').mockImplementationOnce(() => Promise.reject(new Error('Killed.')));
    expect(await finished(site.world, id)).toMatchObject({ state: 'done' });
    expect(site.world.log.story).toEqual(Array.from({ length: 5 }, () => 'create success'));
    expect((await site.world.runs.itemCounts([id])).get(id)).toMatchObject({ done: 5 });
  });

  it('gives what a shutdown interrupts to the next process', async () => {
    const site = many();
    let stops = false;
    const { id } = await site.start();
    after(site, 2, () => void (stops = true));
    await site.world.runWorker.drain(() => stops);
    expect(Object.keys(await site.people())).toHaveLength(2);
    expect(await reportOf(site.world, await finished(site.world, id))).toMatchObject({ state: 'done', users: { create: 5 } });
  });

  it('does once more what failed', async () => {
    const site = many();
    site.source.user('r2', { userName: '' });
    const { run, users } = await site.pull();
    expect(users).toMatchObject({ create: 4, failed: 1 });
    site.source.user('r2', { userName: 'fine' });
    const retried = await site.world.runService.retry(run, site.connection, 'admin');
    expect(await reportOf(site.world, await finished(site.world, retried.id))).toMatchObject({ state: 'done', run: { cycle: 'selection' }, users: { examined: 1, create: 1 } });
    expect(Object.keys(await site.people())).toContain('fine');
  });

  it('of a connection that waits for a look makes a plan, and waits', async () => {
    const site = many();
    site.world.connections.put({ ...site.connection, review: 'restored' });
    expect(await finished(site.world, (await site.start()).id)).toMatchObject({ state: 'waiting', dryRun: true });
    expect(await site.people()).toEqual({});
  });

  it('of a connection that is switched off writes nothing until somebody resumes it', async () => {
    const site = many();
    const { run } = await site.pull({ dryRun: true });
    site.world.connections.put({ ...site.connection, enabled: false });
    await site.world.runService.approve(run, 'admin');
    await site.world.runWorker.drain(() => false);
    expect([(await stored(site, run.id)).state, await site.people()]).toEqual(['paused', {}]);
    site.world.connections.put(site.connection);
    await site.world.runService.resume(await stored(site, run.id));
    expect((await reportOf(site.world, await finished(site.world, run.id))).users).toMatchObject({ create: 5 });
  });

  it('replaces a plan that waited', async () => {
    const site = many();
    const { run } = await site.pull({ dryRun: true });
    await site.pull({ dryRun: true });
    expect((await stored(site, run.id)).state).toBe('cancelled');
  });

  it('of people who were named looks at nobody else', async () => {
    const site = many();
    await site.pull();
    for (const id of ['r0', 'r1']) site.source.change(id, { title: 'Boss' });
    const lists = site.source.lists;
    const { r1 } = await site.people();
    const { id } = await site.world.runService.start({ connection: site.connection, trigger: 'on-demand', cycle: 'selection', selection: [String(r1?.ref)], actor: 'admin' });
    const { users, items } = await reportOf(site.world, await finished(site.world, id));
    expect([users, items]).toMatchObject([{ examined: 1, update: 1 }, [{ remoteId: 'r1' }]]);
    expect(site.source.lists).toBe(lists);
  });
});

describe('a first look at a site that has people', () => {
  const look = async () => {
    const site = setUp();
    site.world.endUsers.settings.emailIsUnique = false;
    const add = (userName: string, email = `${userName}@x.example`) => site.world.endUsers.addByHand({ userName, email });
    const ids = { same: await add('same'), one: await add('one', 'both@x.example'), two: await add('two', 'both@x.example'), other: await add('other') };
    site.source.user('r1', { userName: 'same' });
    site.source.user('r2', { userName: 'third', emails: [{ value: 'both@x.example' }] });
    site.source.user('r3', { userName: 'new' });
    return { site, ids, first: await finished(site.world, (await site.start()).id) };
  };

  it('pairs them, writes nothing and waits', async () => {
    const { site, ids, first } = await look();
    expect(first).toMatchObject({ state: 'waiting', adoption: true, dryRun: false, counts: { pairings: { matched: 1, new: 1, 'left-over': 1, disputed: 1 } } });
    expect(first.reasons).toEqual([expect.stringContaining('1 matched, 1 new, 1 left over, 1 disputed')]);
    expect([site.world.log.records, Object.keys(await site.people())]).toEqual([[], ['same', 'one', 'two', 'other']]);
    const { items } = await reportOf(site.world, first);
    expect(items.map(({ objectId, pairing, state, kind }) => [objectId, pairing, state, kind]).sort()).toEqual(
      [
        [ids.same, 'matched', 'planned', 'link'],
        ['remote:r2', 'disputed', 'failed', 'create'],
        [ids.one, 'disputed', 'listed', 'note'],
        [ids.two, 'disputed', 'listed', 'note'],
        ['remote:r3', 'new', 'planned', 'create'],
        [ids.other, 'left-over', 'listed', 'note'],
      ].sort()
    );
  });

  it('does what it says once it is approved, and leaves the others alone', async () => {
    const { site, ids, first } = await look();
    const done = await reportOf(site.world, await approved(site.world, first));
    expect(done).toMatchObject({ state: 'done', users: { link: 1, create: 1, failed: 1 } });
    expect((await linkOf(site.world, site.connection, 'r1'))?.localId).toBe(ids.same);
    expect(Object.keys(await site.people()).sort()).toEqual(['new', 'one', 'other', 'same', 'two']);
    expect(await site.world.links.ofObject('User', ids.other)).toEqual([]);
    // From then on it is a run like any other.
    expect((await site.pull()).run).toMatchObject({ state: 'done', adoption: false, counts: { pairings: { 'left-over': 0, disputed: 1 } } });
  });

  it('of two people who match one account, the second is disputed', async () => {
    const site = setUp();
    await site.world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example' });
    site.source.pageSize = 1;
    site.source.user('r1', { userName: 'ada' });
    site.source.user('r2', { userName: 'double', emails: [{ value: 'ada@x.example' }] });
    const first = await finished(site.world, (await site.start()).id);
    expect(first.counts).toMatchObject({ examined: 2, unplannable: 1, pairings: { matched: 1, disputed: 1, new: 0 } });
  });
});

it('any two states of a source: after a pull of each, and one more for who is gone, Strapi has exactly its people', async () => {
  const state = fc.uniqueArray(fc.record({ id: fc.nat(8), active: fc.boolean(), title: fc.constantFrom('a', 'b', null) }), { selector: ({ id }) => id, minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(state, state, fc.integer({ min: 1, max: 5 }), async (before, after, pageSize) => {
      const site = setUp({ guard: NO_LIMITS });
      site.source.pageSize = pageSize;
      for (const wanted of [before, after]) {
        for (const id of site.source.ids) site.source.drop(id);
        for (const { id, active, title } of wanted) site.source.user(`u${id}`, { active, ...(title === null ? {} : { title }) });
        await site.pull();
      }
      await site.pull();
      const people = await site.people();
      expect(Object.keys(people).sort()).toEqual(after.map(({ id }) => `u${id}`).sort());
      for (const { id, active, title } of after) {
        expect(people[`u${id}`]?.resource.active).toBe(active);
        expect((await linkOf(site.world, site.connection, `u${id}`))?.kept?.title ?? null).toBe(title);
      }
      const rows = site.world.log.records.length;
      expect((await site.pull()).users).toMatchObject({ unchanged: after.length });
      expect(site.world.log.records).toHaveLength(rows);
    }),
    { numRuns: 25 }
  );
});
