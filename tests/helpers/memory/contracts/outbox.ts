import type { Marker, Outbox } from '../../../../server/src/ports/outbox';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';
import type { MemoryClock } from '../clock';

export interface OutboxHarness {
  outbox: Outbox;
  unitOfWork: UnitOfWork;
  /** The clock the outbox was built with. */
  clock: MemoryClock;
  connectionIds: [number, number];
  dispose?(): Promise<void>;
}

const LEASE = 60_000;
const REFUSED = { code: 'target-rejected', message: 'Refused.' } as const;
const FAILED = { code: 'target-unavailable', message: 'No answer.' } as const;

/** What every Outbox does, on memory or SQL. `makeOutbox` answers an empty one on a clock that stands still. */
export function describeOutbox(name: string, makeOutbox: () => Promise<OutboxHarness>): void {
  describe(`outbox: ${name}`, () => {
    let harness: OutboxHarness;
    let outbox: Outbox;
    let clock: MemoryClock;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeOutbox();
      ({ outbox, clock } = harness);
      [first, second] = harness.connectionIds;
    });
    afterEach(async () => harness.dispose?.());

    const claim = (owner = 'a', limit = 10, except: number[] = []): Promise<Marker[]> => outbox.claim(owner, limit, LEASE, except);
    const claimOne = async (owner = 'a'): Promise<Marker> => {
      const [marker, ...more] = await claim(owner);
      if (marker === undefined || more.length > 0) throw new Error(`Expected one marker, found ${more.length + (marker ? 1 : 0)}.`);
      return marker;
    };
    const mark = (objectId = 'u-1', origin: string | null = null): Promise<void> => outbox.mark([first], 'User', [objectId], origin);

    it('is empty at first', async () => {
      expect(await claim()).toEqual([]);
      expect(await outbox.nextDueAt([])).toBeNull();
    });

    it('marks every object for every connection', async () => {
      await outbox.mark([first, second], 'User', ['u-1', 'u-2'], 'hr');
      const markers = await claim();
      expect(markers.map((marker) => `${marker.connectionId} ${marker.objectId}`).sort()).toEqual(
        [`${first} u-1`, `${first} u-2`, `${second} u-1`, `${second} u-2`].sort()
      );
      expect(markers[0]).toMatchObject({ objectType: 'User', origin: 'hr', attempts: 0 });
    });

    it('of connections whose changes wait only what a person asked for is taken up', async () => {
      await outbox.mark([first], 'User', ['u-1', 'u-2'], null);
      await outbox.mark([first], 'User', ['u-2'], null, { asked: true });
      // A change after it takes nothing back.
      await outbox.mark([first], 'User', ['u-2'], null);
      await outbox.mark([second], 'User', ['u-3'], null);
      expect(await outbox.nextDueAt([second], [first])).not.toBeNull();
      const markers = await outbox.claim('a', 10, LEASE, [], undefined, [first]);
      expect(markers.map(({ objectId }) => objectId).sort()).toEqual(['u-2', 'u-3']);
      expect(await outbox.nextDueAt([], [first])).toBeNull();
      expect((await outbox.claim('a', 10, LEASE, [], first, [first]))).toEqual([]);
      expect((await outbox.claim('a', 10, LEASE, [])).map(({ objectId }) => objectId)).toEqual(['u-1']);
    });

    it('marks nothing for no connection or no object', async () => {
      await outbox.mark([], 'User', ['u-1'], null);
      await outbox.mark([first], 'User', [], null);
      expect(await claim()).toEqual([]);
    });

    it('holds one marker per object and raises it with every change', async () => {
      await mark();
      const before = await claimOne();
      await mark();
      await mark();
      await outbox.complete(before, 'a');
      const after = await claimOne();
      expect(after.id).toBe(before.id);
      expect(after.dirtySeq).toBe(before.dirtySeq + 2);
    });

    it.each([
      ['the same origin', 'hr', 'hr', 'hr'],
      ['two origins: neither is the only one', 'hr', 'crm', null],
      ['Strapi after an origin', 'hr', null, null],
      ['an origin after Strapi', null, 'hr', null],
      ['Strapi both times', null, null, null],
    ])('remembers the origin of %s', async (_case, one, two, merged) => {
      await mark('u-1', one);
      await mark('u-1', two);
      expect((await claimOne()).origin).toBe(merged);
    });

    it('never gives a leased marker to another worker', async () => {
      await outbox.mark([first], 'User', ['u-1', 'u-2', 'u-3'], null);
      const mine = await claim('a', 2);
      const others = await claim('b');
      expect(mine).toHaveLength(2);
      expect(others).toHaveLength(1);
      expect(new Set([...mine, ...others].map((marker) => marker.objectId)).size).toBe(3);
      expect(await claim('a')).toEqual([]);
    });

    it('gives the markers of a dead worker to another once the lease has run out', async () => {
      await mark();
      await claimOne('a');
      clock.advance(LEASE - 1);
      expect(await claim('b')).toEqual([]);
      clock.advance(2);
      expect((await claimOne('b')).objectId).toBe('u-1');
    });

    it('does not let a worker that lost its lease complete, retry or fail the marker', async () => {
      await mark();
      const stale = await claimOne('a');
      clock.advance(LEASE + 1);
      const present = await claimOne('b');
      expect(await outbox.complete(stale, 'a')).toBe(false);
      await outbox.retry(stale, 'a', 0, FAILED);
      await outbox.fail(stale, 'a', REFUSED);
      expect(await claim('c')).toEqual([]);
      await outbox.complete(present, 'b');
      clock.advance(LEASE + 1);
      expect(await claim('c')).toEqual([]);
      expect(await outbox.nextDueAt([])).toBeNull();
    });

    it('removes a completed marker', async () => {
      await mark();
      expect(await outbox.complete(await claimOne(), 'a')).toBe(true);
      expect(await outbox.nextDueAt([])).toBeNull();
      expect(await claim()).toEqual([]);
    });

    it('keeps a marker whose object changed during its delivery, and frees it', async () => {
      await mark();
      const marker = await claimOne('a');
      await mark();
      expect(await outbox.complete(marker, 'a')).toBe(true);
      expect((await claimOne('b')).dirtySeq).toBe(marker.dirtySeq + 1);
    });

    it('runs a retried marker again at its time, with one more attempt', async () => {
      await mark();
      const marker = await claimOne();
      await outbox.retry(marker, 'a', clock.now() + 5_000, FAILED);
      expect(await outbox.nextDueAt([])).toBe(clock.now() + 5_000);
      clock.advance(4_999);
      expect(await claim()).toEqual([]);
      clock.advance(1);
      expect((await claimOne()).attempts).toBe(marker.attempts + 1);
    });

    it('keeps a failed marker out of the way until the object changes', async () => {
      await mark();
      const marker = await claimOne();
      await outbox.fail(marker, 'a', REFUSED);
      clock.advance(LEASE * 10);
      expect(await claim()).toEqual([]);
      expect(await outbox.nextDueAt([])).toBeNull();
      await mark();
      expect(await claimOne()).toMatchObject({ attempts: 0, dirtySeq: marker.dirtySeq + 1 });
    });

    it('does not fail a state that was never tried', async () => {
      await mark();
      const marker = await claimOne();
      await mark();
      await outbox.fail(marker, 'a', REFUSED);
      expect((await claimOne('b')).dirtySeq).toBe(marker.dirtySeq + 1);
    });

    it('passes over the connections that are named', async () => {
      await outbox.mark([first, second], 'User', ['u-1'], null);
      expect((await claim('a', 10, [first])).map((marker) => marker.connectionId)).toEqual([second]);
      expect((await claim('a', 10, [second])).map((marker) => marker.connectionId)).toEqual([first]);
    });

    it('says when there is something to take: not for what is leased or passed over', async () => {
      await outbox.mark([first, second], 'User', ['u-1'], null);
      const [marker] = await claim('a', 10, [second]);
      if (marker === undefined) throw new Error('Nothing was claimed.');
      expect(await outbox.nextDueAt([])).toBe(clock.now());
      expect(await outbox.nextDueAt([second])).toBeNull();
      await outbox.retry(marker, 'a', clock.now() + 5_000, FAILED);
      expect(await outbox.nextDueAt([second])).toBe(clock.now() + 5_000);
    });

    it('takes from one connection only, where that is asked for', async () => {
      await outbox.mark([first, second], 'User', ['u-1', 'u-2'], null);
      expect((await outbox.claim('a', 1, LEASE, [], second)).map((marker) => marker.connectionId)).toEqual([second]);
      expect((await outbox.claim('a', 9, LEASE, [], second)).map((marker) => marker.connectionId)).toEqual([second]);
    });

    it('counts the object’s own failures apart from all, and forgets both with its next change', async () => {
      await mark();
      await outbox.retry(await claimOne(), 'a', clock.now(), FAILED);
      await outbox.retry(await claimOne(), 'a', clock.now(), FAILED, true);
      expect(await claimOne()).toMatchObject({ attempts: 2, blamed: 1 });
      await mark();
      clock.advance(LEASE + 1);
      expect(await claimOne()).toMatchObject({ attempts: 0, blamed: 0 });
    });

    it('does not hold a state against the object that was never tried', async () => {
      await mark();
      const marker = await claimOne();
      await mark();
      await outbox.retry(marker, 'a', clock.now() + 5_000, FAILED, true);
      expect(await claimOne()).toMatchObject({ attempts: 0, blamed: 0, dirtySeq: marker.dirtySeq + 1 });
    });

    it('takes what waits longest first', async () => {
      await mark('late');
      const late = await claimOne();
      await outbox.retry(late, 'a', clock.now() + 10, FAILED);
      await mark('early');
      clock.advance(20);
      expect((await claim('a', 1)).map((marker) => marker.objectId)).toEqual(['early']);
    });

    it('takes part in the transaction around it', async () => {
      await mark('kept');
      const marker = await claimOne();
      const undone = harness.unitOfWork.run(async () => {
        await mark('new');
        await outbox.complete(marker, 'a');
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      clock.advance(LEASE + 1);
      expect((await claimOne('b')).objectId).toBe('kept');
    });
  });
}
