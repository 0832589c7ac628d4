/** People and groups of an application are brought into this Strapi, and nobody is lost by what the application forgets. */
import fc from 'fast-check';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { NO_LIMITS } from '../../helpers/guard';
import { DEFAULT_GUARD } from '../../../server/src/domain/guard/limits';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { PullContext } from '../../../server/src/engine/pull/context';
import { PullAll, type PullAllDeps, type PullAllOptions, type PullReport } from '../../../server/src/engine/pull/pull-all';
import { PullUser } from '../../../server/src/engine/pull/pull-user';
import { RESOURCE_TYPES } from '../../../server/src/scim/schema/resource-types';
import { MemoryPullStore } from '../../helpers/memory/pull-store';
import { MemorySource } from '../../helpers/memory/source';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';


function setUp(fields: Partial<Connection> = {}) {
  const world = createWorld();
  const source = new MemorySource();
  const { connection } = world.addProvider({ name: 'HR', source: 'pull', guard: DEFAULT_GUARD, ...fields });
  const pulls = new MemoryPullStore(world.links, world.groups);
  const waits: number[] = [];
  const deps: PullAllDeps = {
    ...world.receiveDeps,
    pulls,
    random: () => 0,
    wait: async (ms) => {
      waits.push(ms);
      world.clock.advance(ms);
    },
  };
  const context: PullContext = { connection, source, types: RESOURCE_TYPES, trigger: 'on-demand', actor: 'ada@x.example', correlationId: 'pull-1', runId: null };
  const pull = async (options: Partial<PullAllOptions> = {}): Promise<PullReport> => {
    world.clock.advance(60_000);
    return new PullAll(deps).run(context, { full: false, approved: {}, isStopping: () => false, ...options });
  };
  const people = async () => Object.fromEntries((await world.endUsers.pageUsers(0, 1_000)).map((user) => [String(user.resource.userName), user]));
  return { world, source, connection, pulls, waits, deps, context, pull, people };
}

type Setup = ReturnType<typeof setUp>;

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
    expect(report).toMatchObject({ status: 'done', incomplete: null, users: { read: 2, created: 2, failed: 0 } });
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
    expect(report.users).toMatchObject({ read: 2, unchanged: 2, created: 0, updated: 0 });
    expect({ commits: site.world.database.commits, story: site.world.log.story }).toEqual({ commits: before.commits, story: before.story });
    expect(site.source.lists - before.lists).toBe(2);
  });

  it('are changed, deactivated and activated again as the source says', async () => {
    await site.pull();
    site.source.change('r1', { title: 'Queen', active: false });
    site.source.change('r2', { active: true });
    expect(await site.pull()).toMatchObject({ status: 'done', users: { deactivated: 1, updated: 1 } });
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
    expect((await site.pull({ full: true })).users).toMatchObject({ updated: 1, unchanged: 1 });
    expect((await site.people()).ada?.resource.emails).toMatchObject([{ value: 'ada@x.example' }]);
  });

  it('take over the account that a join rule finds, and say so', async () => {
    const id = await site.world.endUsers.addByHand({ userName: 'someone', email: 'ADA@x.example' });
    expect((await site.pull()).users).toMatchObject({ created: 1, linked: 1 });
    expect((await linkOf(site.world, site.connection, 'r1'))?.localId).toBe(id);
    expect((await site.people()).ada?.ref).toBe(id);
  });

  it('an account that already agrees is linked too', async () => {
    const id = await site.world.endUsers.addByHand({ userName: 'eva', email: 'eva@users.invalid', active: false });
    site.source.drop('r1');
    expect((await site.pull()).users).toMatchObject({ linked: 1, created: 0 });
    expect((await linkOf(site.world, site.connection, 'r2'))?.localId).toBe(id);
    expect((await site.pull()).users.unchanged).toBe(1);
  });

  it('several matches are disputed: nobody is linked or made, and the log says why', async () => {
    site.world.endUsers.settings.emailIsUnique = false;
    for (const userName of ['one', 'two']) await site.world.endUsers.addByHand({ userName, email: 'ada@x.example' });
    expect((await site.pull()).users).toMatchObject({ failed: 1, created: 1 });
    expect(site.world.log.records.find(({ errorCode }) => errorCode === 'disputed')).toMatchObject({ operation: 'create', objectName: 'ada' });
    expect(await linkOf(site.world, site.connection, 'r1')).toBeNull();
  });

  it('an account of another connection is left alone', async () => {
    const other = site.world.addProvider();
    await site.world.service.create(other.ctx, 'User', { schemas: [], userName: 'ada' });
    expect((await site.pull()).users).toMatchObject({ failed: 1, created: 1 });
    expect(site.world.log.records.at(-2)).toMatchObject({ errorCode: 'linked-elsewhere', outcome: 'refused' });
  });

  it('admin users are never taken over without approval', async () => {
    const admins = setUp({ population: 'admin-users' });
    await admins.world.adminUsers.addByHand({ userName: 'ada@x.example', email: 'ada@x.example' });
    admins.source.user('r1', { userName: 'ada@x.example', emails: [{ value: 'ada@x.example' }] });
    expect((await admins.pull()).users).toMatchObject({ failed: 1 });
    expect(admins.world.log.records.at(-1)).toMatchObject({ errorCode: 'not-adoptable' });
  });

  it('two people of the source with one address never share an account', async () => {
    await site.pull();
    site.source.user('r3', { userName: 'double', emails: [{ value: 'ada@x.example' }] });
    expect((await site.pull()).users).toMatchObject({ failed: 1 });
    expect((await linkOf(site.world, site.connection, 'r1'))?.localId).toBe((await site.people()).ada?.ref);
    expect(site.world.log.records.at(-1)).toMatchObject({ errorCode: 'uniqueness', message: expect.stringContaining('r1') });
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

  it('who cannot be read as a person is refused with a row, and the others go on', async () => {
    site.source.user('r0', { userName: '' });
    expect((await site.pull()).users).toMatchObject({ read: 3, created: 2, failed: 1 });
    expect(site.world.log.records.find(({ outcome }) => outcome === 'refused')).toMatchObject({ operation: 'create', errorCode: 'invalid-value' });
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

  it('a dry run writes nothing and answers what the real one then does', async () => {
    await site.pull();
    site.source.change('r1', { title: 'Queen' });
    site.source.user('r3', { userName: 'new' });
    const user = new PullUser(site.deps);
    for (const ref of ['r1', 'r2', 'r3']) {
      const entry = await site.source.read('User', ref);
      const [known] = await site.pulls.known(site.connection.id, 'User', [ref]);
      if (entry === null) throw new Error('The source has them.');
      const before = { commits: site.world.log.records.length, users: await site.people(), link: await linkOf(site.world, site.connection, ref) };
      const planned = await user.bring(site.context, entry, known ?? null, { dryRun: true });
      expect({ commits: site.world.log.records.length, users: await site.people(), link: await linkOf(site.world, site.connection, ref) }).toEqual(before);
      expect(await user.bring(site.context, entry, known ?? null, { dryRun: false })).toEqual(planned);
    }
  });

  it('a change that is not approved is not made', async () => {
    await site.pull();
    site.source.change('r1', { title: 'Queen' });
    const entry = await site.source.read('User', 'r1');
    const [known] = await site.pulls.known(site.connection.id, 'User', ['r1']);
    const approve = (): never => {
      throw new ProvisioningError('stale', 'Not this one.');
    };
    if (entry === null) throw new Error('The source has them.');
    await expect(new PullUser(site.deps).bring(site.context, entry, known ?? null, { dryRun: false, approve })).rejects.toMatchObject({ code: 'stale' });
    expect((await linkOf(site.world, site.connection, 'r1'))?.kept).toMatchObject({ title: 'Boss' });
    // And is tried again next time.
    expect((await site.pull()).users.updated).toBe(1);
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
    expect((await site.pull()).users.deleted).toBe(0);
    expect(await names()).toEqual(['r1', 'r2', 'r3']);
    expect((await site.pull()).users.deleted).toBe(1);
    expect(await names()).toEqual(['r1', 'r3']);
    expect(site.world.log.story.at(-1)).toBe('delete success');
    expect((await site.pull()).users).toMatchObject({ read: 2, deleted: 0, unchanged: 2 });
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
    site.context.connection = (await site.world.connections.get(site.connection.id)) ?? site.connection;
    site.source.drop('r2');
    await site.pull();
    expect((await site.pull()).users.deleted).toBe(1);
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
    const [known] = await site.pulls.known(site.connection.id, 'User', ['r1']);
    if (known === undefined) throw new Error('They were pulled.');
    expect((await new PullUser(site.deps).leave(site.context, known, { dryRun: true })).change).toMatchObject({ kind: 'delete' });
    expect(Object.keys(await site.people())).toEqual(['r1']);
  });
});

describe('the guard', () => {
  it('an empty source changes nothing and cannot be approved', async () => {
    const site = setUp({ guard: NO_LIMITS });
    site.source.user('r1');
    await site.pull();
    site.source.drop('r1');
    for (let pulls = 0; pulls < 4; pulls += 1) {
      expect(await site.pull({ approved: { delete: 100 } })).toMatchObject({ status: 'refused', message: expect.stringContaining('nobody') });
    }
    expect(Object.keys(await site.people())).toEqual(['r1']);
    expect(site.world.log.records.at(-1)).toMatchObject({ operation: 'refuse', outcome: 'refused', errorCode: 'guard-held' });
  });

  it.each([10, 60])('of %d people, a source that suddenly deactivates all is held before the first', async (count) => {
    const site = setUp();
    for (let index = 0; index < count; index += 1) site.source.user(`r${index}`);
    await site.pull();
    for (const id of site.source.ids) site.source.change(id, { active: false });
    const rows = site.world.log.records.length;
    const report = await site.pull();
    expect(report).toMatchObject({ status: 'refused', verdicts: [{ kind: 'deactivate', wanted: count, linked: count }] });
    expect(site.world.log.records.slice(rows).map(({ operation }) => operation)).toEqual(['refuse']);
    expect(Object.values(await site.people()).every((user) => user.resource.active === true)).toBe(true);
    expect((await site.pull({ approved: { deactivate: count } })).users.deactivated).toBe(count);
  });

  it('too many who are gone are held at the second complete read, until somebody approves them', async () => {
    const site = setUp();
    for (let index = 0; index < 10; index += 1) site.source.user(`r${index}`);
    await site.pull();
    for (let index = 0; index < 5; index += 1) site.source.drop(`r${index}`);
    expect((await site.pull()).status).toBe('done');
    for (let pulls = 0; pulls < 3; pulls += 1) expect(await site.pull()).toMatchObject({ status: 'refused', verdicts: [{ kind: 'delete', wanted: 5 }] });
    expect(Object.keys(await site.people())).toHaveLength(10);
    expect((await site.pull({ approved: { delete: 5 } })).users.deleted).toBe(5);
    expect(Object.keys(await site.people())).toHaveLength(5);
  });

  it('a source that changes after it was looked at cannot slip more through', async () => {
    const site = setUp();
    for (let index = 0; index < 10; index += 1) site.source.user(`r${index}`);
    await site.pull();
    site.source.change('r0', { active: false });
    let lists = 0;
    site.source.before = () => {
      lists += 1;
      // The third list is the first of the second reading.
      if (lists === 3) for (const id of site.source.ids) site.source.change(id, { active: false });
    };
    expect((await site.pull()).status).toBe('refused');
    expect(Object.values(await site.people()).filter((user) => user.resource.active === false)).toHaveLength(2);
  });

  it('roles that a group would give count', async () => {
    const site = setUp({ roleMappings: [{ groupName: 'Editors', roleId: ROLES.editor, priority: 1 }] });
    for (let index = 0; index < 12; index += 1) site.source.user(`r${index}`);
    site.source.group('g1', 'Editors', site.source.ids);
    expect(await site.pull()).toMatchObject({ status: 'refused', verdicts: [{ kind: 'role-grant', wanted: 12, allowed: 5 }] });
    expect(await site.people()).toEqual({});
    expect((await site.pull({ approved: { 'role-grant': 12 } })).status).toBe('done');
    expect((await site.people()).r3?.roleIds).toEqual([ROLES.editor]);
    expect((await site.pull()).status).toBe('done');
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
    expect(await site.pull()).toMatchObject({ status: 'done', groups: { read: 2, created: 2, failed: 0 } });
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
    expect((await site.pull()).groups).toMatchObject({ unchanged: 1, updated: 0 });
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
    expect((await site.pull()).groups.deleted).toBe(1);
    expect((await site.people()).r1?.roleIds).toEqual([ROLES.authenticated]);
  });

  it('a source without groups is no source that lost them', async () => {
    const site = setUpGroups();
    site.source.group('g1', 'Editors', ['r1']);
    await site.pull();
    site.source.withoutGroups = true;
    for (let pulls = 0; pulls < 3; pulls += 1) expect(await site.pull()).toMatchObject({ status: 'done', incomplete: null });
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
    expect(await site.pull()).toMatchObject({ status: 'done', users: { created: 1 } });
    expect(site.waits[0]).toBe(90_000);
  });

  it('that stays away ends the pull with a row, and nobody is missing', async () => {
    const site = setUp();
    for (const id of ['r1', 'r2', 'r3']) site.source.user(id);
    await site.pull();
    site.source.pageSize = 1;
    for (let pulls = 0; pulls < 3; pulls += 1) {
      site.source.faults = [null, null, ...Array.from({ length: 20 }, () => new ProvisioningError('target-unavailable', 'Away.'))];
      expect(await site.pull()).toMatchObject({ status: 'failed', message: 'Away.' });
      site.source.faults = [];
    }
    expect(Object.keys(await site.people())).toHaveLength(3);
    expect(site.world.log.records.at(-1)).toMatchObject({ operation: 'read', outcome: 'failed', errorCode: 'target-unavailable' });
  });

  it('stops between two people when it is asked to, and misses nobody', async () => {
    const site = setUp();
    for (let index = 0; index < 5; index += 1) site.source.user(`r${index}`);
    let asked = 0;
    const report = await site.pull({ isStopping: () => (asked += 1) > 10 });
    expect(report.status).toBe('stopped');
    expect(await site.pull()).toMatchObject({ status: 'done', users: { read: 5 } });
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
      expect((await site.pull()).users).toMatchObject({ unchanged: after.length, created: 0, updated: 0, deleted: 0 });
      expect(site.world.log.records).toHaveLength(rows);
    }),
    { numRuns: 25 }
  );
});
