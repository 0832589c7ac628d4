import { normaliseName } from '../../../../server/src/domain/identity/normalise';
import type { Group, GroupFields, GroupStore, Member } from '../../../../server/src/ports/group-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';
import type { MemoryClock } from '../clock';

export interface GroupStoreHarness {
  store: GroupStore;
  unitOfWork: UnitOfWork;
  /** The clock the store was built with. */
  clock: MemoryClock;
  /** Two connections of the same population. */
  connectionIds: [number, number];
  /** Makes an account of the connections' population; answers its SCIM id. */
  addUser(userName: string): Promise<string>;
  /** The same in the other population. */
  addForeignUser(userName: string): Promise<string>;
  dispose?(): Promise<void>;
}

/** What every GroupStore does, on memory or SQL. `makeStore` answers one without groups. */
export function describeGroupStore(name: string, makeStore: () => Promise<GroupStoreHarness>): void {
  describe(`group store: ${name}`, () => {
    let harness: GroupStoreHarness;
    let store: GroupStore;
    let first: number;
    let second: number;

    beforeEach(async () => {
      harness = await makeStore();
      store = harness.store;
      [first, second] = harness.connectionIds;
    });
    afterEach(async () => harness.dispose?.());

    const fields = (more: Partial<GroupFields> = {}): GroupFields => ({ displayName: 'Editors', externalId: null, kept: null, ...more });
    const user = (id: string): Member => ({ type: 'User', id });
    const idsOf = (members: Member[]): string[] => members.map((member) => member.id).sort();
    const add = (group: Group, ...ids: string[]): Promise<Member[]> => store.addMembers(group, ids.map(user));

    it('gives back what was stored', async () => {
      const kept = { schemas: ['urn:x'], 'urn:x': { colour: 'grün' } };
      const group = await store.create(first, fields({ externalId: 'e-1', kept }));
      expect(group).toMatchObject({ connectionId: first, displayName: 'Editors', externalId: 'e-1', kept, version: 1, created: harness.clock.now() });
      expect(group.scimId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(await store.get(first, group.scimId)).toEqual(group);
    });

    it('shows a connection only its own groups', async () => {
      const group = await store.create(first, fields());
      expect(await store.get(second, group.scimId)).toBeNull();
      expect(await store.query({ connectionId: second }, 0, 10)).toEqual([]);
      expect(await store.count({ connectionId: second })).toBe(0);
    });

    it('reads several groups and their members at once', async () => {
      const ada = await harness.addUser('ada');
      const [one, two, other] = [await store.create(first, fields()), await store.create(first, fields()), await store.create(second, fields())];
      await add(one, ada);
      expect(await store.getMany(first, [])).toEqual([]);
      expect((await store.getMany(first, [one.scimId, two.scimId, other.scimId])).map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
      const members = await store.membersOf([one, two]);
      expect([...members.entries()]).toEqual([[one.id, [{ type: 'User', id: ada, display: 'ada' }]], [two.id, []]]);
    });

    it('lets names repeat and keeps externalId unique per connection', async () => {
      const one = await store.create(first, fields({ externalId: 'e-1' }));
      const two = await store.create(first, fields());
      await store.create(second, fields({ externalId: 'e-1' }));
      expect(two.scimId).not.toBe(one.scimId);
      await expect(store.create(first, fields({ externalId: 'e-1' }))).rejects.toMatchObject({ code: 'uniqueness', attribute: 'externalId' });
      await expect(store.update(two, fields({ externalId: 'e-1' }))).rejects.toMatchObject({ code: 'uniqueness' });
      expect((await store.get(first, two.scimId))?.externalId).toBeNull();
    });

    it('refuses names over 255 characters', async () => {
      await expect(store.create(first, fields({ displayName: 'x'.repeat(256) }))).rejects.toMatchObject({ code: 'invalid-value' });
      await expect(store.create(first, fields({ externalId: 'x'.repeat(256) }))).rejects.toMatchObject({ code: 'invalid-value' });
    });

    it('raises the version and the time with every update', async () => {
      const group = await store.create(first, fields());
      harness.clock.advance(1_000);
      const updated = await store.update(group, fields({ displayName: 'Writers' }));
      expect(updated).toMatchObject({ displayName: 'Writers', version: 2, created: group.created, lastModified: group.created + 1_000 });
      expect(await store.get(first, group.scimId)).toEqual(updated);
    });

    it('finds by normalised name, externalId, id and member, also combined', async () => {
      const ada = await harness.addUser('ada');
      const strasse = await store.create(first, fields({ displayName: 'Straße', externalId: 'e-1' }));
      const other = await store.create(first, fields({ externalId: 'e-2' }));
      await add(other, ada);
      const found = async (query: object): Promise<string[]> => {
        const all = { connectionId: first, ...query };
        const groups = await store.query(all, 0, 10);
        expect(await store.count(all)).toBe(groups.length);
        return groups.map((group) => group.scimId);
      };
      expect(await found({ displayNameNorm: normaliseName('STRASSE') })).toEqual([strasse.scimId]);
      expect(await found({ externalId: 'e-2' })).toEqual([other.scimId]);
      expect(await found({ externalId: 'E-2' })).toEqual([]);
      expect(await found({ scimId: strasse.scimId })).toEqual([strasse.scimId]);
      expect(await found({ memberId: ada })).toEqual([other.scimId]);
      expect(await found({ memberId: ada, externalId: 'e-1' })).toEqual([]);
    });

    it('pages in a stable order', async () => {
      const created = [];
      for (const displayName of ['c', 'a', 'b', 'd', 'e']) created.push((await store.create(first, fields({ displayName }))).scimId);
      const page = async (offset: number, limit: number): Promise<string[]> => (await store.query({ connectionId: first }, offset, limit)).map((group) => group.scimId);
      expect([...(await page(0, 2)), ...(await page(2, 2)), ...(await page(4, 2))]).toEqual(created);
      expect(await page(5, 2)).toEqual([]);
    });

    it('adds members once and says which were new', async () => {
      const [ada, bob] = [await harness.addUser('ada'), await harness.addUser('bob')];
      const group = await store.create(first, fields());
      expect(idsOf(await add(group, ada))).toEqual([ada]);
      expect(idsOf(await add(group, ada, bob))).toEqual([bob]);
      expect(idsOf(await store.members(group))).toEqual([ada, bob].sort());
    });

    it('removes only those that are named and says which were members', async () => {
      const [ada, bob, eve] = [await harness.addUser('ada'), await harness.addUser('bob'), await harness.addUser('eve')];
      const group = await store.create(first, fields());
      await add(group, ada, bob);
      expect(idsOf(await store.removeMembers(group, [ada, eve, 'nobody']))).toEqual([ada]);
      expect(idsOf(await store.members(group))).toEqual([bob]);
      expect(await store.removeMembers(group, [])).toEqual([]);
    });

    it('empties a group and leaves the others alone', async () => {
      const [ada, bob] = [await harness.addUser('ada'), await harness.addUser('bob')];
      const one = await store.create(first, fields());
      const two = await store.create(first, fields());
      await add(one, ada, bob);
      await add(two, ada);
      const taken = [...(await store.takeMembers(one, 1)), ...(await store.takeMembers(one, 1))];
      expect(idsOf(taken)).toEqual([ada, bob].sort());
      expect(await store.takeMembers(one, 1)).toEqual([]);
      expect(await store.members(one)).toEqual([]);
      expect(idsOf(await store.members(two))).toEqual([ada]);
    });

    it('pages members of one type, oldest first', async () => {
      const ids = [await harness.addUser('ada'), await harness.addUser('bob'), await harness.addUser('eve')];
      const group = await store.create(first, fields());
      const nested = await store.create(first, fields());
      for (const id of ids) await add(group, id);
      await store.addMembers(group, [{ type: 'Group', id: nested.scimId }]);
      const one = await store.memberPage(group, 'User', 0, 2);
      expect(one.members).toEqual(ids.slice(0, 2).map(user));
      const two = await store.memberPage(group, 'User', one.next ?? 0, 2);
      expect(two).toEqual({ members: ids.slice(2).map(user), next: null });
      expect((await store.memberPage(group, 'Group', 0, 2)).members).toEqual([{ type: 'Group', id: nested.scimId }]);
    });

    it('pages through members with their names, or through some of them', async () => {
      const [ada, bob, eve] = [await harness.addUser('ada'), await harness.addUser('bob'), await harness.addUser('eve')];
      const [group, other] = [await store.create(first, fields()), await store.create(first, fields())];
      const nested = await store.create(first, fields({ displayName: 'Nested' }));
      await add(group, ada);
      await store.addMembers(group, [{ type: 'Group', id: nested.scimId }]);
      await add(group, bob);
      await add(other, eve);
      const one = await store.shownPage(group, 0, 2, null);
      expect(one.members).toEqual([{ ...user(ada), display: 'ada' }, { type: 'Group', id: nested.scimId, display: 'Nested' }]);
      expect(await store.shownPage(group, one.next ?? 0, 2, null)).toEqual({ members: [{ ...user(bob), display: 'bob' }], next: null });
      expect(await store.shownPage(group, 0, 2, [bob, eve, 'nobody'])).toEqual({ members: [{ ...user(bob), display: 'bob' }], next: null });
      expect(await store.shownPage(group, 0, 2, [])).toEqual({ members: [], next: null });
    });

    it('answers the groups within groups, each once', async () => {
      const [outer, other, inner] = [await store.create(first, fields()), await store.create(first, fields()), await store.create(first, fields())];
      for (const group of [outer, other]) await store.addMembers(group, [{ type: 'Group', id: inner.scimId }]);
      expect((await store.subgroups([outer, other])).map((group) => group.scimId)).toEqual([inner.scimId]);
      expect(await store.subgroups([inner])).toEqual([]);
      expect((await store.groupsOf(first, [inner.scimId])).get(inner.scimId)?.map((group) => group.scimId)).toEqual([outer.scimId, other.scimId]);
      const ada = await harness.addUser('ada');
      await store.addMembers(inner, [{ type: 'User', id: ada }]);
      expect((await store.groupsOf(first, [ada])).get(ada)).toMatchObject([{ scimId: inner.scimId, isNested: true }]);
    });

    it('refuses a second group of a name where names are unique, also beside an older pair', async () => {
      const unique = { uniqueName: true };
      const pair = [await store.create(first, fields({ displayName: 'Twins' })), await store.create(first, fields({ displayName: 'twins' }))];
      await expect(store.create(first, fields({ displayName: 'TWINS' }), unique)).rejects.toMatchObject({ code: 'uniqueness', attribute: 'displayName' });
      const editors = await store.create(first, fields(), unique);
      await expect(store.create(first, fields({ displayName: 'EDITORS' }), unique)).rejects.toMatchObject({ code: 'uniqueness' });
      await store.create(second, fields(), unique);
      // The older pair goes on as it is; leaving the name is possible, coming back is not.
      for (const twin of pair) await store.update(twin, fields({ displayName: twin.displayName, externalId: `e-${twin.id}` }), unique);
      await expect(store.update(editors, fields({ displayName: 'Twins' }), unique)).rejects.toMatchObject({ code: 'uniqueness' });
      const writers = await store.update(editors, fields({ displayName: 'Writers' }), unique);
      await store.create(first, fields(), unique);
      await expect(store.update(writers, fields(), unique)).rejects.toMatchObject({ code: 'uniqueness' });
    });

    it('names members as they are called now', async () => {
      const ada = await harness.addUser('ada');
      const group = await store.create(first, fields());
      const nested = await store.create(first, fields({ displayName: 'Nested' }));
      await store.addMembers(group, [user(ada), { type: 'Group', id: nested.scimId }]);
      await store.update(nested, fields({ displayName: 'Renamed' }));
      const members = await store.members(group);
      expect(members).toContainEqual({ type: 'User', id: ada, display: 'ada' });
      expect(members).toContainEqual({ type: 'Group', id: nested.scimId, display: 'Renamed' });
    });

    it('resolves users of the population and groups of the connection, nothing else', async () => {
      const [ada, foreign] = [await harness.addUser('ada'), await harness.addForeignUser('admin')];
      const own = await store.create(first, fields());
      const others = await store.create(second, fields());
      const found = await store.resolveMembers({ connectionId: first }, [ada, foreign, own.scimId, others.scimId, 'nobody']);
      expect(found).toHaveLength(2);
      expect(found).toContainEqual(user(ada));
      expect(found).toContainEqual({ type: 'Group', id: own.scimId });
      expect(await store.resolveMembers({ connectionId: first }, [])).toEqual([]);
    });

    it('answers the groups of users, within one connection', async () => {
      const [ada, bob] = [await harness.addUser('ada'), await harness.addUser('bob')];
      const one = await store.create(first, fields());
      const two = await store.create(first, fields());
      await add(one, ada, bob);
      await add(two, ada);
      await add(await store.create(second, fields()), ada);
      const groups = await store.groupsOf(first, [ada, bob, 'nobody']);
      expect(groups.get(ada)?.map((group) => group.scimId)).toEqual([one.scimId, two.scimId]);
      const { id, scimId, displayName } = one;
      expect(groups.get(bob)).toMatchObject([{ id, scimId, displayName, isNested: false }]);
      expect(groups.has('nobody')).toBe(false);
    });

    it('removes a group with its memberships, on both sides', async () => {
      const ada = await harness.addUser('ada');
      const parent = await store.create(first, fields());
      const group = await store.create(first, fields());
      await add(group, ada);
      await store.addMembers(parent, [{ type: 'Group', id: group.scimId }]);
      await store.remove(group);
      expect(await store.get(first, group.scimId)).toBeNull();
      expect(await store.members(parent)).toEqual([]);
      expect((await store.groupsOf(first, [ada])).size).toBe(0);
    });

    it('takes several hundred members at once', async () => {
      const ids = Array.from({ length: 700 }, (_, index) => `00000000-0000-4000-9000-${String(index).padStart(12, '0')}`);
      const group = await store.create(first, fields());
      expect(await add(group, ...ids)).toHaveLength(700);
      expect(await add(group, ...ids)).toHaveLength(0);
      expect(await store.removeMembers(group, ids)).toHaveLength(700);
    });

    it('takes part in the transaction around it', async () => {
      const ada = await harness.addUser('ada');
      const group = await store.create(first, fields());
      await add(group, ada);
      const undone = harness.unitOfWork.run(async () => {
        await store.create(first, fields());
        await store.update(group, fields({ displayName: 'Changed' }));
        await store.takeMembers(group, 10);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await store.count({ connectionId: first })).toBe(1);
      expect((await store.get(first, group.scimId))?.displayName).toBe('Editors');
      expect(idsOf(await store.members(group))).toEqual([ada]);
    });
  });
}
