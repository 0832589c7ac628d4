import { erasedId } from '../../../../server/src/domain/departure/erased-id';
import type { Departure, DepartureStore } from '../../../../server/src/ports/departure-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';

export interface DepartureStoreHarness {
  store: DepartureStore;
  unitOfWork: UnitOfWork;
  connectionIds: [number, number];
}

/** What every DepartureStore does, on memory or SQL. `makeStore` answers an empty one. */
export function describeDepartureStore(name: string, makeStore: () => Promise<DepartureStoreHarness>): void {
  describe(`departure store: ${name}`, () => {
    let harness: DepartureStoreHarness;
    let store: DepartureStore;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeStore();
      store = harness.store;
      [first, second] = harness.connectionIds;
    });

    const departure = (fields: Partial<Departure> = {}): Departure => ({
      connectionId: first, population: 'end-users', accountId: 7, scimId: 's-7', externalId: 'e-7', event: 'delete', action: 'block', original: null, dueAt: null, ...fields,
    });
    const only = async (scimId = 's-7') => {
      const [row] = await store.ofUsers([scimId]);
      if (!row) throw new Error('Not there.');
      return row;
    };

    it('gives back what was stored, and holds one per account of a population', async () => {
      const original = { userName: 'Straße', email: 'a@x.example' };
      await store.save(departure());
      await store.save(departure({ population: 'admin-users', scimId: 's-8' }));
      await store.save(departure({ action: 'anonymise', original, dueAt: 1_795_000_000_000 }));
      expect(await store.ofUsers(['s-7', 's-8', 'nobody'])).toHaveLength(2);
      expect(await only()).toEqual({ ...departure({ action: 'anonymise', original, dueAt: 1_795_000_000_000 }), id: expect.any(Number) });
      expect(await store.ofUsers([])).toEqual([]);
    });

    it('finds by externalId within the connection, exactly, and only who was deleted', async () => {
      await store.save(departure());
      await store.save(departure({ accountId: 8, scimId: 's-8', externalId: 'e-8', event: 'deactivate' }));
      expect((await store.findByExternalId(first, 'e-7'))?.scimId).toBe('s-7');
      expect(await store.findByExternalId(first, 'E-7')).toBeNull();
      expect(await store.findByExternalId(second, 'e-7')).toBeNull();
      expect(await store.findByExternalId(first, 'e-8')).toBeNull();
    });

    it('finds who was erased by the id that is not written down any more', async () => {
      await store.save(departure({ externalId: erasedId('e-7') }));
      expect((await only()).externalId).not.toContain('e-7');
      expect((await store.findByExternalId(first, 'e-7'))?.scimId).toBe('s-7');
      expect(await store.findByExternalId(first, 'e-8')).toBeNull();
    });

    it('answers what is due, the oldest first', async () => {
      for (const [accountId, dueAt] of [[1, 300], [2, 100], [3, null], [4, 500]] as const) await store.save(departure({ accountId, scimId: `s-${accountId}`, dueAt }));
      expect((await store.due(300, 10)).map((row) => row.accountId)).toEqual([2, 1]);
      expect((await store.due(300, 1)).map((row) => row.accountId)).toEqual([2]);
    });

    it('is claimed once, also by several at a time, and never after it changed', async () => {
      await store.save(departure({ dueAt: 100, original: { userName: 'a', email: 'b' } }));
      const seen = await only();
      const claims = await Promise.all([1, 2, 3].map(() => harness.unitOfWork.run(() => store.claim(seen))));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await only()).toMatchObject({ dueAt: null, original: null });
      await store.postpone(seen, 900);
      expect((await only()).dueAt).toBeNull();
      await store.save(departure({ dueAt: 200 }));
      expect(await store.claim(seen)).toBe(false);
      const again = await only();
      await store.postpone(again, 900);
      expect((await only()).dueAt).toBe(900);
    });

    it('gives a claim back with the transaction, and is removed once', async () => {
      await store.save(departure({ dueAt: 100 }));
      const seen = await only();
      const undone = harness.unitOfWork.run(async () => {
        await store.claim(seen);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect((await only()).dueAt).toBe(100);
      expect([await store.remove(seen), await store.remove(seen)]).toEqual([true, false]);
    });
  });
}
