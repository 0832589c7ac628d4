import type { ObjectType } from '../../../../server/src/contracts/operation';
import type { GroupStore } from '../../../../server/src/ports/group-store';
import type { LinkStore } from '../../../../server/src/ports/link-store';
import type { PullStore } from '../../../../server/src/ports/pull-store';

export interface PullStoreHarness {
  store: PullStore;
  links: LinkStore;
  groups: GroupStore;
  /** Two connections that exist. */
  connectionIds: [number, number];
}

/** What every PullStore does, on memory or SQL. `makeStore` answers an empty one. */
export function describePullStore(name: string, makeStore: () => Promise<PullStoreHarness>): void {
  describe.each<ObjectType>(['User', 'Group'])(`pull store: ${name}, %s`, (type) => {
    let store: PullStore;
    let first: number;
    let second: number;
    let bring: (connectionId: number, remoteId: string | null) => Promise<string>;

    beforeEach(async () => {
      const harness = await makeStore();
      store = harness.store;
      [first, second] = harness.connectionIds;
      bring = async (connectionId, remoteId) => {
        if (type === 'Group') return (await harness.groups.create(connectionId, { displayName: `Group ${remoteId}`, externalId: remoteId, kept: null })).scimId;
        const localId = `local-${connectionId}-${remoteId}`;
        await harness.links.save({ connectionId, objectType: 'User', localId, remoteId: null, externalId: remoteId, kept: { schemas: [] }, snapshot: null, hash: null, state: 'linked' });
        return localId;
      };
    });

    const namesOf = async (times: number): Promise<string[]> => (await store.missing(first, type, times, 0, 100)).objects.map(({ remoteId }) => remoteId);

    it('knows what was brought, by the id at the source, with the hash that was remembered', async () => {
      const localId = await bring(first, 'r1');
      await bring(first, 'r2');
      await bring(second, 'r1');
      await store.rememberHash(first, type, 'r1', 'abc');
      expect(await store.known(first, type, ['r1', 'nobody'])).toEqual([{ remoteId: 'r1', localId, hash: 'abc', missed: 0, seenCycle: null }]);
      expect((await store.known(second, type, ['r1']))[0]?.hash).toBeNull();
      expect(await store.known(first, type, [])).toEqual([]);
      expect(await store.count(first, type)).toBe(2);
    });

    it('counts who is missing in complete reads, one after the other, and takes it back when they are seen', async () => {
      for (const id of ['r1', 'r2', 'r3']) await bring(first, id);
      await store.seen(first, type, ['r1', 'r2'], 10);
      await store.settle(first, type, 10);
      expect([await namesOf(1), await namesOf(2)]).toEqual([['r3'], []]);
      await store.seen(first, type, ['r1'], 20);
      await store.settle(first, type, 20);
      expect([await namesOf(1), await namesOf(2)]).toEqual([['r2', 'r3'], ['r3']]);
      await store.seen(first, type, ['r1', 'r2', 'r3'], 30);
      await store.settle(first, type, 30);
      expect(await namesOf(1)).toEqual([]);
    });

    it('settles a read once, however often it is asked to', async () => {
      await bring(first, 'r1');
      await store.settle(first, type, 10);
      await store.settle(first, type, 10);
      expect([await namesOf(1), await namesOf(2)]).toEqual([['r1'], []]);
    });

    it('a read that began earlier neither misses nor takes back what a later one saw', async () => {
      await bring(first, 'r1');
      await store.seen(first, type, ['r1'], 20);
      await store.seen(first, type, ['r1'], 10);
      await store.settle(first, type, 10);
      await store.settle(first, type, 20);
      expect(await namesOf(1)).toEqual([]);
    });

    it('forgives who was there after all', async () => {
      await bring(first, 'r1');
      await store.settle(first, type, 10);
      await store.forgive(first, type, ['r1']);
      await store.settle(first, type, 20);
      expect(await namesOf(2)).toEqual([]);
    });

    it('never misses what has no id at the source, nor the objects of other connections', async () => {
      await bring(first, null);
      await bring(second, 'r1');
      await store.settle(first, type, 10);
      expect(await namesOf(1)).toEqual([]);
      expect((await store.missing(second, type, 1, 0, 10)).objects).toEqual([]);
      expect(await store.count(first, type)).toBe(0);
    });

    it('pages through those who are missing', async () => {
      for (const id of ['r1', 'r2', 'r3']) await bring(first, id);
      await store.settle(first, type, 10);
      const one = await store.missing(first, type, 1, 0, 2);
      const two = await store.missing(first, type, 1, one.next ?? 0, 2);
      expect([...one.objects, ...two.objects].map(({ remoteId }) => remoteId)).toEqual(['r1', 'r2', 'r3']);
      expect(two.next).toBeNull();
    });

    it('compares ids exactly', async () => {
      await bring(first, 'abc');
      await bring(first, 'ABC');
      expect((await store.known(first, type, ['ABC'])).map(({ remoteId }) => remoteId)).toEqual(['ABC']);
    });
  });
}
