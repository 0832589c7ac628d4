import type { GuardVerdict } from '../../../../server/src/contracts/guard';
import type { GuardWindow } from '../../../../server/src/ports/guard-window';
import { LISTED_OBJECTS, type HoldObject, type HoldStore } from '../../../../server/src/ports/hold-store';
import type { LinkStore } from '../../../../server/src/ports/link-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';
import type { MemoryClock } from '../clock';

interface Harness<Store> {
  store: Store;
  unitOfWork: UnitOfWork;
  clock: MemoryClock;
  connectionIds: [number, number];
}

const DAY = 24 * 60 * 60 * 1_000;
const VERDICT: GuardVerdict = { kind: 'deactivate', wanted: 3, allowed: 2, linked: 10, message: 'Three.' };
const object = (key: string): HoldObject => ({ key, objectId: key, name: `Name ${key}`, asked: 'Deactivated.' });

/** What every GuardWindow does, on memory or SQL. `makeStore` answers an empty one. */
export function describeGuardWindow(name: string, makeStore: () => Promise<Harness<GuardWindow> & { links: LinkStore }>): void {
  describe(`guard window: ${name}`, () => {
    it('sums the buckets from a minute on, per connection and kind', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      await store.add(first, 'delete', 99, 5);
      await store.add(first, 'delete', 100, 1);
      await store.add(first, 'delete', 100, 2);
      await store.add(first, 'delete', 160, 4);
      await store.add(first, 'create', 130, 7);
      await store.add(second, 'delete', 130, 50);
      expect(await store.counts(first, ['delete'], 100)).toEqual({ delete: 7 });
      expect(await store.counts(first, ['delete', 'create', 'first-load'], 101)).toEqual({ delete: 4, create: 7 });
      expect(await store.counts(first, ['delete'], 100, { latest: true })).toEqual({ delete: 7 });
      await store.add(first, 'delete', 160, -3);
      expect(await store.counts(first, ['delete'], 101)).toEqual({ delete: 1 });
    });

    it('undoes what a transaction counted that is undone', async () => {
      const { store, unitOfWork, connectionIds: [first] } = await makeStore();
      await store.add(first, 'delete', 100, 1);
      await expect(
        unitOfWork.run(async () => {
          await store.add(first, 'delete', 100, 1);
          expect(await store.counts(first, ['delete'], 0, { latest: true })).toEqual({ delete: 2 });
          throw new Error('undone');
        })
      ).rejects.toThrow('undone');
      expect(await store.counts(first, ['delete'], 0)).toEqual({ delete: 1 });
    });

    it('loses nothing of transactions that count at the same moment, and the last of them sees all', async () => {
      const { store, unitOfWork, connectionIds: [first] } = await makeStore();
      const seen = await Promise.all(
        Array.from({ length: 8 }, () =>
          unitOfWork.run(async () => {
            // A snapshot, where the database makes one.
            await store.counts(first, ['delete'], 0);
            await store.add(first, 'delete', 100, 1);
            return (await store.counts(first, ['delete'], 0, { latest: true })).delete ?? 0;
          })
        )
      );
      expect(seen.sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it('forgets kinds of a connection, and what is old', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      await store.add(first, 'delete', 100, 1);
      await store.add(first, 'create', 100, 1);
      await store.add(second, 'delete', 99, 1);
      await store.reset(first, ['delete']);
      expect(await store.counts(first, ['delete', 'create'], 0)).toEqual({ create: 1 });
      await store.prune(100);
      expect([await store.counts(first, ['create'], 0), await store.counts(second, ['delete'], 0)]).toEqual([{ create: 1 }, {}]);
    });

    it('counts the people a connection is linked to', async () => {
      const { store, links, clock, connectionIds: [first, second] } = await makeStore();
      expect([await store.hasLinks(first), await store.linked(first)]).toEqual([false, 0]);
      const link = { remoteId: null, externalId: null, kept: null, snapshot: null, hash: null, state: 'linked' as const };
      for (const localId of ['a', 'b']) await links.save({ ...link, connectionId: first, objectType: 'User', localId });
      await links.save({ ...link, connectionId: first, objectType: 'Group', localId: 'g' });
      await links.save({ ...link, connectionId: second, objectType: 'Group', localId: 'g' });
      clock.advance(2_000);
      expect([await store.hasLinks(first), await store.linked(first), await store.hasLinks(second), await store.linked(second)]).toEqual([true, 2, false, 0]);
    });
  });
}

/** The same of every HoldStore. */
export function describeHoldStore(name: string, makeStore: () => Promise<Harness<HoldStore>>): void {
  describe(`hold store: ${name}`, () => {
    it('begins once, also when several ask at the same moment, and counts every attempt', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      expect(await store.verdict(first, 'deactivate')).toBeNull();
      const began = await Promise.all(Array.from({ length: 5 }, () => store.open(first, 'deactivate', VERDICT)));
      expect(began.filter(Boolean)).toHaveLength(1);
      expect(await store.held()).toEqual([{ connectionId: first, kind: 'deactivate' }]);
      expect([await store.verdict(first, 'deactivate'), await store.verdict(first, 'delete'), await store.verdict(second, 'deactivate')]).toEqual([VERDICT, null, null]);
      expect(await store.list(first)).toMatchObject([{ kind: 'deactivate', state: 'held', attempts: 5, waiting: 0, approved: 0, verdict: VERDICT, approvedBy: null }]);
      expect(await store.counts()).toEqual(new Map([[first, 1]]));
    });

    it('lists each object once, in pages', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.open(first, 'delete', VERDICT);
      expect(await store.refuse(first, 'delete', [object('a'), object('b')])).toBe(2);
      expect(await store.refuse(first, 'delete', [object('b'), object('c')])).toBe(1);
      const page = await store.objects(first, 'delete', 0, 2);
      expect(page.results).toMatchObject([
        { objectId: 'a', name: 'Name a', asked: 'Deactivated.', state: 'waiting', attempts: 1 },
        { objectId: 'b', attempts: 2 },
      ]);
      expect((await store.objects(first, 'delete', Number(page.nextCursor), 2)).results.map(({ objectId }) => objectId)).toEqual(['c']);
      expect(await store.list(first)).toMatchObject([{ waiting: 3, beyond: 0 }]);
    });

    it('lists so many, and counts what comes beyond', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.open(first, 'delete', VERDICT);
      const many = Array.from({ length: LISTED_OBJECTS + 2 }, (_, index) => object(`o-${index}`));
      expect(await store.refuse(first, 'delete', many)).toBe(LISTED_OBJECTS);
      expect(await store.refuse(first, 'delete', [object('late'), object('o-0')])).toBe(0);
      expect(await store.list(first)).toMatchObject([{ waiting: LISTED_OBJECTS, beyond: 3 }]);
    });

    it('lets exactly those through who waited, once, until the time is over', async () => {
      const { store, clock, connectionIds: [first] } = await makeStore();
      await store.open(first, 'delete', VERDICT);
      await store.refuse(first, 'delete', [object('a'), object('b')]);
      expect(await store.approve(first, 'delete', clock.now() + DAY, 'ann')).toBe(2);
      expect(await store.approve(first, 'delete', clock.now() + DAY, 'ann')).toBeNull();
      expect([await store.verdict(first, 'delete'), await store.held()]).toEqual([null, []]);
      expect(await store.approved(first, 'delete', ['a', 'b', 'c'])).toEqual(new Set(['a', 'b']));
      expect(await store.approved(first, 'deactivate', ['a'])).toEqual(new Set());
      await store.done(first, 'delete', ['a']);
      expect(await store.approved(first, 'delete', ['a', 'b'])).toEqual(new Set(['b']));
      expect(await store.list(first)).toMatchObject([{ state: 'approved', waiting: 0, approved: 1, approvedBy: 'ann' }]);
      clock.advance(DAY);
      expect(await store.approved(first, 'delete', ['b'])).toEqual(new Set());
      expect(await store.list(first)).toEqual([]);
      await store.prune();
      expect((await store.objects(first, 'delete', 0, 10)).results).toEqual([]);
    });

    it('begins anew after an approval, and keeps what was approved then', async () => {
      const { store, clock, connectionIds: [first] } = await makeStore();
      await store.open(first, 'delete', VERDICT);
      await store.refuse(first, 'delete', [object('a')]);
      await store.approve(first, 'delete', clock.now() + DAY, 'ann');
      clock.advance(1_000);
      expect(await store.open(first, 'delete', { ...VERDICT, wanted: 9 })).toBe(true);
      await store.refuse(first, 'delete', [object('b')]);
      expect(await store.list(first)).toMatchObject([{ state: 'held', attempts: 1, waiting: 1, approved: 1, verdict: { wanted: 9 }, approvedBy: null }]);
      // Whose approval ran out waits again.
      clock.advance(DAY);
      await store.refuse(first, 'delete', [object('a')]);
      expect(await store.list(first)).toMatchObject([{ waiting: 2, approved: 0 }]);
    });

    it('is dismissed with everybody in it', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.open(first, 'delete', VERDICT);
      await store.open(first, 'create', VERDICT);
      await store.refuse(first, 'delete', [object('a')]);
      expect([await store.dismiss(first, 'delete'), await store.dismiss(first, 'delete')]).toEqual([true, false]);
      expect([await store.verdict(first, 'delete'), (await store.objects(first, 'delete', 0, 10)).results]).toEqual([null, []]);
      expect(await store.held()).toEqual([{ connectionId: first, kind: 'create' }]);
    });
  });
}
