import type { Link, LinkStore } from '../../../../server/src/ports/link-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';

export interface LinkStoreHarness {
  store: LinkStore;
  unitOfWork: UnitOfWork;
  /** Two connections that exist. */
  connectionIds: [number, number];
  dispose?(): Promise<void>;
}

/** What every LinkStore does, on memory or SQL. `makeStore` answers an empty one. */
export function describeLinkStore(name: string, makeStore: () => Promise<LinkStoreHarness>): void {
  describe(`link store: ${name}`, () => {
    let harness: LinkStoreHarness;
    let store: LinkStore;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeStore();
      store = harness.store;
      [first, second] = harness.connectionIds;
    });
    afterEach(async () => harness.dispose?.());

    const link = (fields: Partial<Link> = {}): Link => ({
      connectionId: first,
      objectType: 'User',
      localId: 'local-1',
      remoteId: null,
      externalId: null,
      kept: null,
      snapshot: null,
      hash: null,
      state: 'linked',
      ...fields,
    });

    it('answers null and nothing for what it does not know', async () => {
      expect(await store.get(first, 'User', 'nobody')).toBeNull();
      expect(await store.getMany(first, 'User', ['nobody'])).toEqual([]);
      expect(await store.getMany(first, 'User', [])).toEqual([]);
      expect(await store.inboundOf('User', [])).toEqual([]);
      expect(await store.findByExternalId(first, 'User', 'x')).toBeNull();
      expect(await store.findByRemoteId(first, 'User', 'x')).toBeNull();
      expect(await store.ofObject('User', 'nobody')).toEqual([]);
    });

    it('tells of several objects what providers wrote, of every connection', async () => {
      const kept = { schemas: [], title: 'x' };
      await store.save(link({ kept }));
      await store.save(link({ connectionId: second, localId: 'local-2', kept }));
      await store.save(link({ connectionId: second, localId: 'local-1', snapshot: kept }));
      await store.save(link({ localId: 'local-3', kept }));
      const found = await store.inboundOf('User', ['local-1', 'local-2', 'nobody']);
      expect(found.map(({ connectionId, localId }) => [connectionId, localId]).sort()).toEqual([[first, 'local-1'], [second, 'local-2']].sort());
    });

    it('gives back what was saved, to the last attribute', async () => {
      const saved = link({
        remoteId: 'r-1',
        externalId: 'Ext-Ä',
        kept: { schemas: ['urn:x'], title: 'Ünïcode 😀', emails: [{ value: 'a@b.example', primary: true }] },
        snapshot: { schemas: [], active: false },
        hash: 'abc',
        state: 'assumed',
      });
      await store.save(saved);
      expect(await store.get(first, 'User', 'local-1')).toEqual(saved);
      expect(await store.findByExternalId(first, 'User', 'Ext-Ä')).toEqual(saved);
      expect(await store.findByRemoteId(first, 'User', 'r-1')).toEqual(saved);
    });

    it('replaces the link of an object instead of adding a second one', async () => {
      await store.save(link({ externalId: 'a' }));
      await store.save(link({ externalId: 'b', remoteId: 'r' }));
      expect(await store.ofObject('User', 'local-1')).toEqual([link({ externalId: 'b', remoteId: 'r' })]);
      expect(await store.findByExternalId(first, 'User', 'a')).toBeNull();
    });

    it('keeps connections and object types apart', async () => {
      await store.save(link({ externalId: 'same', remoteId: 'same' }));
      await store.save(link({ connectionId: second, externalId: 'same', remoteId: 'same' }));
      await store.save(link({ objectType: 'Group', externalId: 'same', remoteId: 'same' }));
      expect((await store.findByExternalId(second, 'User', 'same'))?.connectionId).toBe(second);
      expect((await store.findByRemoteId(first, 'Group', 'same'))?.objectType).toBe('Group');
      await store.remove(first, 'User', 'local-1');
      expect(await store.get(first, 'User', 'local-1')).toBeNull();
      expect(await store.get(second, 'User', 'local-1')).not.toBeNull();
      expect(await store.get(first, 'Group', 'local-1')).not.toBeNull();
    });

    it('refuses an externalId of another object of the connection', async () => {
      await store.save(link({ externalId: 'taken' }));
      await expect(store.save(link({ localId: 'local-2', externalId: 'taken' }))).rejects.toMatchObject({ code: 'uniqueness' });
      expect(await store.get(first, 'User', 'local-2')).toBeNull();
    });

    it('refuses a remote id of another object of the connection', async () => {
      await store.save(link({ remoteId: 'taken' }));
      await expect(store.save(link({ localId: 'local-2', remoteId: 'taken' }))).rejects.toMatchObject({ code: 'uniqueness' });
    });

    it('compares externalId exactly (caseExact)', async () => {
      await store.save(link({ externalId: 'abc' }));
      await store.save(link({ localId: 'local-2', externalId: 'ABC' }));
      expect((await store.findByExternalId(first, 'User', 'ABC'))?.localId).toBe('local-2');
      expect((await store.findByExternalId(first, 'User', 'abc'))?.localId).toBe('local-1');
    });

    it('lets any number of objects be without externalId and remote id', async () => {
      await store.save(link());
      await store.save(link({ localId: 'local-2' }));
      expect(await store.getMany(first, 'User', ['local-1', 'local-2', 'nobody'])).toHaveLength(2);
    });

    it('lists the links of an object oldest first, also after an update', async () => {
      await store.save(link());
      await store.save(link({ connectionId: second }));
      await store.save(link({ hash: 'new' }));
      expect((await store.ofObject('User', 'local-1')).map((item) => item.connectionId)).toEqual([first, second]);
    });

    it('refuses more than 64 kB of kept attributes and an externalId over 255 characters', async () => {
      await expect(store.save(link({ kept: { schemas: [], note: 'x'.repeat(65 * 1024) } }))).rejects.toMatchObject({ code: 'invalid-value' });
      await expect(store.save(link({ externalId: 'x'.repeat(256) }))).rejects.toMatchObject({ code: 'invalid-value' });
      await store.save(link({ externalId: 'x'.repeat(255), kept: { schemas: [], note: 'x'.repeat(60 * 1024) } }));
      expect(await store.get(first, 'User', 'local-1')).not.toBeNull();
    });

    it('pages what providers wrote, and nothing else', async () => {
      const kept = { schemas: ['urn:x'], roles: [{ value: 'a' }] };
      for (const localId of ['a', 'b', 'c']) await store.save(link({ localId, kept, state: 'suspended' }));
      await store.save(link({ localId: 'd' }));
      await store.save(link({ localId: 'e', kept, connectionId: second }));
      const one = await store.keptPage(first, 'User', 0, 2);
      const two = await store.keptPage(first, 'User', one.next ?? 0, 2);
      expect([...one.links, ...two.links].map(({ localId, state }) => [localId, state])).toEqual([['a', 'suspended'], ['b', 'suspended'], ['c', 'suspended']]);
      expect(one.links[0]?.kept).toEqual(kept);
      expect(two.next).toBeNull();
    });

    it('pages through all links of a connection', async () => {
      for (const localId of ['a', 'b', 'c']) await store.save(link({ localId, snapshot: { schemas: [], userName: localId } }));
      await store.save(link({ localId: 'd', connectionId: second }));
      const one = await store.linksPage(first, 'User', 0, 2);
      const two = await store.linksPage(first, 'User', one.next ?? 0, 2);
      expect([...one.links, ...two.links].map(({ localId, snapshot }) => [localId, snapshot?.userName])).toEqual([['a', 'a'], ['b', 'b'], ['c', 'c']]);
      expect(two.next).toBeNull();
    });

    it('takes part in the transaction around it', async () => {
      await store.save(link({ hash: 'before' }));
      await store.save(link({ localId: 'local-3' }));
      const undone = harness.unitOfWork.run(async () => {
        await store.save(link({ hash: 'after' }));
        await store.save(link({ localId: 'local-2' }));
        await store.remove(first, 'User', 'local-3');
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect((await store.get(first, 'User', 'local-1'))?.hash).toBe('before');
      expect(await store.get(first, 'User', 'local-2')).toBeNull();
      expect(await store.get(first, 'User', 'local-3')).not.toBeNull();
    });
  });
}
