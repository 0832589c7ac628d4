import type { PlannedKind } from '../../../../server/src/contracts/run';
import { noCounts, type ItemDraft, type Run } from '../../../../server/src/domain/run/run';
import type { Outbox } from '../../../../server/src/ports/outbox';
import type { PlanMembers } from '../../../../server/src/ports/plan-members';
import type { RunStore } from '../../../../server/src/ports/run-store';
import type { MemoryClock } from '../clock';

export interface RunStoreHarness {
  runs: RunStore;
  planMembers: PlanMembers;
  outbox: Outbox;
  /** The clock both were built with. */
  clock: MemoryClock;
  connectionIds: [number, number];
  dispose?(): Promise<void>;
}

const LEASE = 60_000;

/** What every RunStore does, on memory or SQL. */
export function describeRunStore(name: string, makeStore: () => Promise<RunStoreHarness>): void {
  describe(`run store: ${name}`, () => {
    let harness: RunStoreHarness;
    let runs: RunStore;
    let outbox: Outbox;
    let clock: MemoryClock;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeStore();
      ({ runs, outbox, clock } = harness);
      [first, second] = harness.connectionIds;
    });
    afterEach(async () => harness.dispose?.());

    const create = (connectionId = first, more: object = {}): Promise<Run> =>
      runs.create({ connectionId, trigger: 'on-demand', cycle: 'full', dryRun: false, adoption: false, actor: 'admin', reasons: ['Why.'], selection: [], base: 'b', undoOf: null, ...more });
    const draft = (objectId: string, kind: PlannedKind = 'update'): ItemDraft => ({
      objectType: 'User', objectId, objectName: `Name of ${objectId}`, kind, remoteId: `r-${objectId}`, changes: [{ path: 'title', before: 'a', after: 'b' }],
      risks: [], digest: `digest-${objectId}`, state: 'planned', errorCode: null, message: '', before: null,
    });
    const claimed = async (owner = 'a'): Promise<Run> => {
      const run = await runs.claim(owner, LEASE);
      if (run === null) throw new Error('There is no run to claim.');
      return run;
    };
    /** A run that applies a plan of these people. */
    const applying = async (...ids: string[]): Promise<Run> => {
      await create();
      const run = await claimed();
      await runs.addPage(run, 'a', { items: ids.map((id) => draft(id)), counts: noCounts(), cursor: 'complete' }, LEASE);
      await runs.move(run, 'applying', { planned: true });
      return claimed();
    };
    const states = async (run: Run): Promise<Record<string, number> | undefined> =>
      Object.fromEntries(Object.entries((await runs.itemCounts([run.id])).get(run.id) ?? {}).filter(([, count]) => count > 0));

    it('has one active run per connection', async () => {
      const run = await create(first, { selection: ['u-1'], dryRun: true });
      expect(run).toMatchObject({ connectionId: first, state: 'planning', selection: ['u-1'], dryRun: true, reasons: ['Why.'], cursor: null });
      await expect(create()).rejects.toMatchObject({ code: 'conflict' });
      await create(second);
      await runs.move(run, 'waiting');
      const other = await create();
      await expect(runs.move({ id: run.id, state: 'waiting' }, 'applying')).rejects.toMatchObject({ code: 'conflict' });
      expect((await runs.inState(first, ['waiting', 'planning'])).map(({ id }) => id)).toEqual([other.id, run.id]);
    });

    it('is worked on by one at a time, until the lease ends', async () => {
      const { id } = await create();
      expect((await claimed('a')).id).toBe(id);
      expect(await runs.claim('b', LEASE)).toBeNull();
      expect(await runs.nextDueAt()).toBeNull();
      clock.advance(LEASE + 1);
      const run = await claimed('b');
      expect(await runs.renew(run, 'a', LEASE)).toBe(false);
      expect(await runs.renew(run, 'b', LEASE)).toBe(true);
      expect(await runs.addPage(run, 'a', { items: [draft('u-1')], counts: noCounts(), cursor: 'x' }, LEASE)).toBe(false);
      expect(await states(run)).toEqual({});
    });

    it('goes on where it stopped, not before its time', async () => {
      await create();
      const run = await claimed();
      const counts = { ...noCounts(), examined: 7 };
      expect(await runs.addPage(run, 'a', { items: [draft('u-1')], counts, cursor: 'accounts:5' }, LEASE)).toBe(true);
      await runs.release(run, 'a', clock.now() + 1_000, 3);
      expect(await runs.claim('b', LEASE)).toBeNull();
      expect(await runs.nextDueAt()).toBe(clock.now() + 1_000);
      clock.advance(1_000);
      expect(await claimed('b')).toMatchObject({ cursor: 'accounts:5', counts, attempts: 3 });
    });

    it('moves only from the state it is in, and remembers why', async () => {
      const run = await create();
      expect(await runs.move({ id: run.id, state: 'applying' }, 'done')).toBe(false);
      expect(await runs.move(run, 'cancelled', { reasons: ['No.'], verdicts: [] })).toBe(true);
      expect(await runs.get(run.id)).toMatchObject({ state: 'cancelled', reasons: ['No.'], finishedAt: clock.now(), plannedAt: null });
      expect(await runs.claim('a', LEASE)).toBeNull();
    });

    it('keeps what a pull needs of its objects, and who was made by it', async () => {
      await create(first, { adoption: true });
      const run = await claimed();
      expect(run.adoption).toBe(true);
      const image = { resource: { schemas: [], userName: 'ada' }, readAt: 7 };
      const counts = { ...noCounts(), roleGrants: 2, incomplete: 'Cut.' };
      // Longer than what the source gives fits into a name.
      const cursor = `users:0:${'x'.repeat(2_000)}`;
      await runs.addPage(run, 'a', { items: [{ ...draft('remote:r-1', 'create'), remoteId: 'r-1', pairing: 'new', image }, { ...draft('u-2'), pairing: 'left-over', state: 'listed' }], counts, cursor }, LEASE);
      expect(await runs.get(run.id)).toMatchObject({ cursor, counts });
      const [made] = await runs.items(run.id, ['planned'], 0, 10);
      expect(made).toMatchObject({ objectId: 'remote:r-1', pairing: 'new', image });
      expect(await runs.itemsOf(run.id, 'User', ['remote:r-1', 'u-2', 'u-3'])).toMatchObject([{ objectId: 'remote:r-1', remoteId: 'r-1', state: 'planned' }, { objectId: 'u-2', state: 'listed' }]);
      expect(await runs.itemsOf(run.id, 'Group', ['u-2'])).toEqual([]);
      await runs.finish(made?.id ?? 0, 'done', null, '', 'u-1');
      expect(await runs.itemsOf(run.id, 'User', ['u-1'])).toMatchObject([{ state: 'done' }]);
      // Over is over.
      await runs.finish(made?.id ?? 0, 'failed', 'internal', 'Late.');
      expect(await states(run)).toEqual({ done: 1, listed: 1 });
    });

    it('a page that is stored twice is stored once', async () => {
      await create();
      const run = await claimed();
      for (const cursor of ['one', 'two']) await runs.addPage(run, 'a', { items: [draft('u-1')], counts: noCounts(), cursor }, LEASE);
      expect(await states(run)).toEqual({ planned: 1 });
      const [item] = await runs.items(run.id, ['planned'], 0, 10);
      expect(item).toMatchObject({ objectId: 'u-1', digest: 'digest-u-1', remoteId: 'r-u-1', changes: [{ path: 'title', before: 'a', after: 'b' }], trigger: 'on-demand', actor: 'admin', restore: null });
      expect(await runs.items(run.id, ['planned'], item?.id ?? 0, 10)).toEqual([]);
    });

    it('hands over to delivery what is planned, and knows what became of it', async () => {
      const run = await applying('u-1', 'u-2', 'u-3');
      expect(await runs.send(run, 2)).toBe(2);
      expect(await runs.outstanding(run)).toBe(2);
      const markers = await outbox.claim('w', 10, LEASE, []);
      expect(markers.map(({ objectId, dirtySeq }) => [objectId, dirtySeq])).toEqual([['u-1', 1], ['u-2', 1]]);
      const [one, two] = markers;
      expect(await runs.approved(one?.planItem ?? 0)).toMatchObject({ runId: run.id, objectId: 'u-1', digest: 'digest-u-1', kind: 'update' });
      await runs.finish(one?.planItem ?? 0, 'done', null, '');
      if (one) await outbox.complete(one, 'w');
      await runs.finish(two?.planItem ?? 0, 'failed', 'target-rejected', 'Refused.');
      if (two) await outbox.fail(two, 'w', { code: 'target-rejected', message: 'Refused.' });
      expect(await runs.outstanding(run)).toBe(0);
      expect(await states(run)).toEqual({ done: 1, failed: 1, planned: 1 });
      expect(await runs.send(run, 10)).toBe(1);
      expect(await runs.send(run, 10)).toBe(0);
      // Finished once, it stays so.
      await runs.finish(one?.planItem ?? 0, 'failed', 'internal', '');
      expect((await states(run))?.done).toBe(1);
    });

    it('takes over what waits already, and gives way to what changes afterwards', async () => {
      await outbox.mark([first], 'User', ['u-1'], 'hr');
      const run = await applying('u-1', 'u-2');
      await runs.send(run, 10);
      const [taken] = await outbox.claim('w', 1, LEASE, []);
      expect([taken?.objectId, (taken?.dirtySeq ?? 0) > 1, taken?.planItem != null]).toEqual(['u-1', true, true]);
      await outbox.mark([first], 'User', ['u-2'], null);
      expect(await runs.outstanding(run)).toBe(1);
      expect(await runs.items(run.id, ['stale'], 0, 10)).toMatchObject([{ objectId: 'u-2' }]);
      const [free] = await outbox.claim('w', 1, LEASE, []);
      expect([free?.objectId, free?.planItem ?? null]).toEqual(['u-2', null]);
    });

    it('takes back what nobody works on; a change of the person’s own stays', async () => {
      await outbox.mark([first], 'User', ['u-2'], null);
      const run = await applying('u-1', 'u-2', 'u-3');
      await runs.send(run, 10);
      // u-2 waited before the others.
      const working = await outbox.claim('w', 1, LEASE, []);
      await runs.move(run, 'paused');
      await runs.recall(run.id);
      const others = await outbox.claim('x', 10, LEASE, []);
      expect([...working, ...others].filter(({ planItem }) => planItem != null)).toHaveLength(1);
      expect((await states(run))?.planned).toBe(2);
      const inWork = working[0]?.planItem ?? 0;
      expect(await runs.approved(inWork)).toBeNull();
    });

    it('drops what was only listed and turned out to be somebody’s', async () => {
      await create();
      const run = await claimed();
      const listed = (objectId: string): ItemDraft => ({ ...draft(objectId, 'note'), state: 'listed', pairing: 'left-over' });
      await runs.addPage(run, 'a', { items: [listed('remote:1'), listed('remote:2')], counts: noCounts(), cursor: 'x' }, LEASE);
      expect(await runs.listed(run.id, ['remote:1', 'remote:3'])).toEqual(['remote:1']);
      await runs.addPage(run, 'a', { items: [draft('u-1')], counts: noCounts(), cursor: 'complete', dropped: ['remote:1'] }, LEASE);
      expect(await states(run)).toEqual({ listed: 1, planned: 1 });
      expect((await runs.items(run.id, ['listed'], 0, 10))[0]).toMatchObject({ objectId: 'remote:2', pairing: 'left-over', verify: false });
    });

    it('keeps who comes into a group and who leaves it, once, in pages, and the other way round', async () => {
      const { planMembers } = harness;
      await create();
      const run = await claimed();
      const members = [...Array(350).keys()].map((index) => ({ groupKey: 'role:1', localId: `u-${String(index).padStart(3, '0')}`, joins: index % 2 === 0 }));
      await runs.addPage(run, 'a', { items: [], counts: noCounts(), cursor: 'x', members: [...members, { groupKey: 'role:2', localId: 'u-000', joins: true }] }, LEASE);
      await runs.addPage(run, 'a', { items: [], counts: noCounts(), cursor: 'y', members: members.slice(0, 2) }, LEASE);
      expect([await planMembers.groups(run.id, '', 10), await planMembers.groups(run.id, 'role:1', 10), await planMembers.groups(run.id, '', 1)]).toEqual([['role:1', 'role:2'], ['role:2'], ['role:1']]);
      expect(await planMembers.page(run.id, 'role:1', '', 1_000)).toEqual(members);
      expect(await planMembers.page(run.id, 'role:1', 'u-001', 2)).toEqual(members.slice(2, 4));
      expect([...(await planMembers.among(run.id, 'role:2', ['u-000', 'u-001']))]).toEqual(['u-000']);
      for (let times = 0; times < 2; times += 1) await planMembers.invert(run.id, run.id + 1_000, 'role:1');
      expect(await planMembers.page(run.id + 1_000, 'role:1', '', 1_000)).toEqual(members.map((member) => ({ ...member, joins: !member.joins })));
    });

    it('sends groups after everybody, and leaves them to delivery where the run is given up', async () => {
      await create();
      const run = await claimed();
      const group = (objectId: string, kind: PlannedKind): ItemDraft => ({ ...draft(objectId, kind), objectType: 'Group' });
      await runs.addPage(run, 'a', { items: [group('role:1', 'update'), group('role:2', 'create'), draft('u-1')], counts: noCounts(), cursor: 'complete' }, LEASE);
      await runs.move(run, 'applying', { planned: true });
      const applying = await claimed();
      expect([await runs.send(applying, 10), await runs.send(applying, 10)]).toEqual([1, 0]);
      expect((await runs.groupsToCome(run.id, ['role:1', 'role:2', 'role:3'])).sort()).toEqual(['role:1', 'role:2']);
      const [marker] = await outbox.claim('w', 10, LEASE, []);
      if (marker?.planItem == null) throw new Error('Nothing was sent.');
      await runs.finish(marker.planItem, 'done', null, '');
      await outbox.complete(marker, 'w');
      await runs.move(applying, 'cancelled');
      expect((await outbox.claim('w', 10, LEASE, [])).map(({ objectId, planItem }) => [objectId, planItem])).toEqual([['role:1', null]]);
    });

    it('forgets earlier failures of people that are in order now', async () => {
      await outbox.mark([first], 'User', ['u-1', 'u-2'], null);
      for (const marker of await outbox.claim('w', 10, LEASE, [])) await outbox.fail(marker, 'w', { code: 'target-rejected', message: 'Refused.' });
      clock.advance(1_000);
      await create();
      const run = await claimed();
      await runs.addPage(run, 'a', { items: [{ ...draft('u-2'), state: 'failed', errorCode: 'mapping-failed', message: 'Wrong.' }], counts: noCounts(), cursor: 'complete' }, LEASE);
      await runs.clearFailures(run);
      await outbox.mark([first], 'User', ['u-1', 'u-2'], null);
      const again = await outbox.claim('w', 10, LEASE, []);
      expect(Object.fromEntries(again.map(({ objectId, dirtySeq }) => [objectId, dirtySeq]))).toEqual({ 'u-1': 1, 'u-2': 2 });
    });
  });
}
