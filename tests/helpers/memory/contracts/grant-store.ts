import type { Grant, GrantStore } from '../../../../server/src/ports/grant-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';

export interface GrantStoreHarness {
  store: GrantStore;
  unitOfWork: UnitOfWork;
  connectionIds: [number, number];
  dispose?(): Promise<void>;
}

/** What every GrantStore does, on memory or SQL. `makeStore` answers an empty one. */
export function describeGrantStore(name: string, makeStore: () => Promise<GrantStoreHarness>): void {
  describe(`grant store: ${name}`, () => {
    let harness: GrantStoreHarness;
    let store: GrantStore;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeStore();
      store = harness.store;
      [first, second] = harness.connectionIds;
    });
    afterEach(async () => harness.dispose?.());

    const grant = (fields: Partial<Grant> = {}): Grant => ({ identityId: 'u-1', roleId: 2, connectionId: first, groupId: 11, priority: 5, mode: 'authoritative', ...fields });
    const sorted = (grants: Grant[]): Grant[] =>
      [...grants].sort((a, b) => a.identityId.localeCompare(b.identityId) || a.groupId - b.groupId || a.roleId - b.roleId);

    it('answers the grants of the users that are asked for, of every connection', async () => {
      const grants = [grant(), grant({ connectionId: second, groupId: 12 }), grant({ identityId: 'u-2' }), grant({ identityId: 'u-3' })];
      await store.add(grants);
      expect(sorted(await store.ofUsers(['u-1', 'u-3', 'nobody']))).toEqual(sorted([grants[0], grants[1], grants[3]].flatMap((item) => item ?? [])));
      expect(await store.ofUsers([])).toEqual([]);
    });

    it('holds a grant once and takes over its new priority and mode', async () => {
      await store.add([grant()]);
      await store.add([grant({ priority: 9, mode: 'additive' })]);
      expect(await store.ofUsers(['u-1'])).toEqual([grant({ priority: 9, mode: 'additive' })]);
    });

    it('removes the named grants and nothing else', async () => {
      await store.add([grant(), grant({ roleId: 3 }), grant({ groupId: 12 }), grant({ identityId: 'u-2' }), grant({ connectionId: second })]);
      await store.remove([grant(), grant({ roleId: 3 })]);
      expect(sorted(await store.ofUsers(['u-1', 'u-2']))).toEqual([grant({ connectionId: second }), grant({ groupId: 12 }), grant({ identityId: 'u-2' })]);
    });

    it('removes a role of some connections', async () => {
      await store.add([grant(), grant({ roleId: 3 }), grant({ connectionId: second })]);
      await store.removeRole(2, [first]);
      expect(sorted(await store.ofUsers(['u-1']))).toEqual(sorted([grant({ roleId: 3 }), grant({ connectionId: second })]));
    });

    it('removes everything of one user', async () => {
      await store.add([grant(), grant({ connectionId: second, groupId: 12 }), grant({ identityId: 'u-2' })]);
      await store.removeUser('u-1');
      expect(await store.ofUsers(['u-1', 'u-2'])).toEqual([grant({ identityId: 'u-2' })]);
    });

    it('adds several hundred at once, and none', async () => {
      await store.add([]);
      const ids = Array.from({ length: 400 }, (_, index) => `u-${index}`);
      await store.add(ids.map((identityId) => grant({ identityId })));
      expect(await store.ofUsers(ids)).toHaveLength(400);
      await store.remove(ids.map((identityId) => grant({ identityId })));
      expect(await store.ofUsers(ids)).toEqual([]);
    });

    it('takes part in the transaction around it', async () => {
      await store.add([grant()]);
      const undone = harness.unitOfWork.run(async () => {
        await store.add([grant({ groupId: 12 }), grant({ priority: 1 })]);
        await store.removeUser('u-1');
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await store.ofUsers(['u-1'])).toEqual([grant()]);
    });
  });
}
