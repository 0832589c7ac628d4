import type { Standing } from '../../../../server/src/domain/scope/leaving';
import type { AssignmentStore } from '../../../../server/src/ports/assignment-store';
import type { StandingStore } from '../../../../server/src/ports/standing-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';

interface Harness<Store> {
  store: Store;
  unitOfWork: UnitOfWork;
  connectionIds: [number, number];
}

/** What every AssignmentStore does, on memory or SQL. `makeStore` answers an empty one. */
export function describeAssignmentStore(name: string, makeStore: () => Promise<Harness<AssignmentStore>>): void {
  describe(`assignment store: ${name}`, () => {
    it('assigns and takes back, each once, per connection', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      expect(await store.assign(first, ['a', 'b', 'a'])).toEqual(['a', 'b']);
      expect(await store.assign(first, ['b', 'c'])).toEqual(['c']);
      expect(await store.assigned(second, ['a'])).toEqual(new Set());
      expect(await store.assigned(first, ['a', 'x'])).toEqual(new Set(['a']));
      expect(await store.unassign(first, ['a', 'x'])).toEqual(['a']);
      expect(await store.assigned(first, ['a', 'b', 'c'])).toEqual(new Set(['b', 'c']));
    });

    it('is read in pages, each person once', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.assign(first, Array.from({ length: 1_203 }, (_, index) => `p-${index}`));
      const seen: string[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page = await store.page(first, after, 400);
        expect(page.assignments.length).toBeLessThanOrEqual(400);
        seen.push(...page.assignments.map(({ localId }) => localId));
        after = page.next;
      }
      expect([seen.length, new Set(seen).size, seen[0]]).toEqual([1_203, 1_203, 'p-0']);
    });
  });
}

/** The same of every StandingStore. */
export function describeStandingStore(name: string, makeStore: () => Promise<Harness<StandingStore>>): void {
  describe(`standing store: ${name}`, () => {
    const standing = (fields: Partial<Standing> = {}): Standing => ({ event: 'outOfScope', reason: 'Not “in”.', since: 1_795_000_000_000, wakeAt: null, done: null, ...fields });

    it('gives back what was stored, one per connection and person', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      await store.save(first, 'a', standing());
      await store.save(first, 'a', standing({ event: null, reason: 'x'.repeat(2_000), wakeAt: 1_795_000_000_001, done: 'remove-groups' }));
      expect(await store.get(first, 'a')).toEqual(standing({ event: null, reason: 'x'.repeat(2_000), wakeAt: 1_795_000_000_001, done: 'remove-groups' }));
      expect(await store.get(second, 'a')).toBeNull();
      await store.remove(first, 'a');
      expect(await store.get(first, 'a')).toBeNull();
    });

    it('wakes who is due, once, and not for a time that changed', async () => {
      const { store, unitOfWork, connectionIds: [first, second] } = await makeStore();
      for (const [localId, wakeAt] of [['a', 300], ['b', 100], ['c', null], ['d', 500]] as const) await store.save(first, localId, standing({ wakeAt }));
      await store.save(second, 'a', standing({ wakeAt: 200 }));
      expect((await store.due(300, 10)).map(({ connectionId, localId }) => [connectionId, localId])).toEqual([[first, 'b'], [second, 'a'], [first, 'a']]);
      expect(await store.due(300, 1)).toHaveLength(1);
      const woken = await Promise.all([1, 2, 3].map(() => unitOfWork.run(() => store.woken(first, 'b', 100))));
      expect(woken.filter(Boolean)).toHaveLength(1);
      expect(await store.woken(first, 'a', 299)).toBe(false);
      const undone = unitOfWork.run(async () => {
        await store.woken(first, 'a', 300);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect((await store.due(300, 10)).map(({ localId }) => localId)).toEqual(['a', 'a']);
    });
  });
}
