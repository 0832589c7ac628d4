import type { LinkStore } from '../../../../server/src/ports/link-store';
import type { PushedMember, PushedMembers } from '../../../../server/src/ports/pushed-members';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';

interface Harness {
  store: PushedMembers;
  links: LinkStore;
  unitOfWork: UnitOfWork;
  connectionIds: [number, number];
}

/** What every PushedMembers does, on memory or SQL. `makeStore` answers an empty one. */
export function describePushedMembers(name: string, makeStore: () => Promise<Harness>): void {
  describe(`pushed members: ${name}`, () => {
    const shown = (members: PushedMember[]) => members.map(({ localId, remoteId, wantedId }) => [localId, remoteId, wantedId]);
    const all = (store: PushedMembers, connectionId: number, key: string) => store.pending(connectionId, key, 0, 10_000);

    it('is put back by name, twice as well as once, and tells who is wanted', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      for (const [id, ref] of [['ada', 'r1'], ['bob', 'r2']] as const) await store.follow(first, id, ['role:1'], ref);
      await store.sent(await all(store, first, 'role:1'));
      expect(shown(await store.wanted(first, 'role:1', 0, 10))).toEqual([['ada', 'r1', 'r1'], ['bob', 'r2', 'r2']]);
      for (let times = 0; times < 2; times += 1) await store.put(first, 'role:1', [{ localId: 'ada', wantedId: null }, { localId: 'eve', wantedId: 'r3' }, { localId: 'kay', wantedId: null }]);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', null], ['eve', null, 'r3']]);
      expect(shown(await store.wanted(first, 'role:1', 0, 10))).toEqual([['bob', 'r2', 'r2'], ['eve', null, 'r3']]);
      await store.put(first, 'role:1', [{ localId: 'ada', wantedId: 'r1' }]);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', 'r1'], ['eve', null, 'r3']]);
    });

    it('follows a person: what changed is pending, what is sent is not', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      expect(await store.follow(first, 'ada', ['role:2', 'role:1'], 'r1')).toEqual(['role:1', 'role:2']);
      expect(await store.follow(first, 'ada', ['role:2', 'role:1'], 'r1')).toEqual([]);
      await store.follow(first, 'bob', ['role:1'], 'r2');
      const told = (localId: string, wantedId: string, keys: string[]) => [localId, keys.map((groupKey) => ({ groupKey, wantedId, isRefused: false }))];
      const noted = async (connectionId: number, ...ids: string[]) => [...(await store.noted(connectionId, ids))].map(([id, list]) => [id, [...list].sort((x, y) => (x.groupKey < y.groupKey ? -1 : 1))]).sort();
      expect(await noted(first, 'bob', 'ada', 'eve')).toEqual([told('ada', 'r1', ['role:1', 'role:2']), told('bob', 'r2', ['role:1'])]);
      expect([await noted(first, 'bob'), await noted(second, 'ada'), await noted(first)]).toEqual([[told('bob', 'r2', ['role:1'])], [], []]);
      await store.refused((await all(store, first, 'role:1')).filter(({ localId }) => localId === 'bob'));
      expect((await store.noted(first, ['bob'])).get('bob')).toEqual([{ groupKey: 'role:1', wantedId: 'r2', isRefused: true }]);
      await store.forgetPerson(first, 'bob');
      expect(await store.count(first, 'role:1')).toEqual({ add: 1, remove: 0 });
      expect(await store.count(second, 'role:1')).toEqual({ add: 0, remove: 0 });
      await store.sent(await all(store, first, 'role:1'));
      expect(await all(store, first, 'role:1')).toEqual([]);
      expect(await store.countWanted(first, 'role:1')).toBe(1);
      expect(await store.follow(first, 'ada', ['role:2', 'role:3'], 'r1')).toEqual(['role:1', 'role:3']);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', null]]);
      expect(await store.count(first, 'role:1')).toEqual({ add: 0, remove: 1 });
      await store.sent(await all(store, first, 'role:1'));
      expect([await store.countWanted(first, 'role:1'), await all(store, first, 'role:1')]).toEqual([0, []]);
    });

    it('a person who is not known to the application is in no group; one with another id there in all', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      expect(await store.follow(first, 'ada', ['role:1'], null)).toEqual([]);
      await store.follow(first, 'ada', ['role:1'], 'r1');
      await store.sent(await all(store, first, 'role:1'));
      expect(await store.follow(first, 'ada', ['role:1'], 'r2')).toEqual(['role:1']);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', 'r2']]);
      await store.sent(await all(store, first, 'role:1'));
      expect(await store.follow(first, 'ada', ['role:1'], null)).toEqual(['role:1']);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r2', null]]);
    });

    it('what changes while it is sent is sent again, and what may have arrived is taken away', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.follow(first, 'ada', ['role:1'], 'r1');
      await store.follow(first, 'bob', ['role:1'], 'r2');
      const sending = await all(store, first, 'role:1');
      await store.follow(first, 'ada', [], 'r1');
      await store.sent(sending);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', null]]);
      const removing = await all(store, first, 'role:1');
      await store.follow(first, 'ada', ['role:1'], 'r1');
      await store.sent(removing);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', 'r1', 'r1']]);
    });

    it('who is refused waits until the person is looked at again', async () => {
      const { store, connectionIds: [first] } = await makeStore();
      await store.follow(first, 'ada', ['role:1'], 'r1');
      await store.refused(await all(store, first, 'role:1'));
      expect(await all(store, first, 'role:1')).toEqual([]);
      expect(await store.follow(first, 'ada', ['role:1'], 'r1')).toEqual(['role:1']);
      expect(shown(await all(store, first, 'role:1'))).toHaveLength(1);
    });

    it('a group is started again, or forgotten; so is a person', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      for (const id of ['ada', 'bob', 'eve']) for (const connection of [first, second]) await store.follow(connection, id, ['role:1', 'role:2'], `r-${id}`);
      await store.sent(await all(store, first, 'role:1'));
      await store.follow(first, 'bob', ['role:2'], 'r-bob');
      await store.restart(first, 'role:1', []);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['ada', null, 'r-ada'], ['eve', null, 'r-eve']]);
      await store.forgetPerson(first, 'eve');
      await store.forgetGroup(first, 'role:2');
      expect([await store.countWanted(first, 'role:1'), await store.countWanted(first, 'role:2'), await store.countWanted(second, 'role:2')]).toEqual([1, 0, 3]);
    });

    it('who is held already is not sent, whether wanted now or later; others of this site are not taken away', async () => {
      const { store, links, connectionIds: [first, second] } = await makeStore();
      for (const localId of ['ada', 'bob', 'eve']) {
        await links.save({ connectionId: first, objectType: 'User', localId, remoteId: `r-${localId}`, externalId: null, kept: null, snapshot: null, hash: null, state: 'linked' });
      }
      await store.follow(first, 'ada', ['role:1'], 'r-ada');
      await store.follow(second, 'ada', ['role:1'], 'r-ada');
      await store.follow(first, 'cy', ['role:1'], 'r-cy');
      await store.restart(first, 'role:1', ['r-ada', 'r-bob', 'r-eve', 'somebody-else']);
      expect(shown(await all(store, first, 'role:1'))).toEqual([['cy', null, 'r-cy']]);
      expect(shown(await all(store, second, 'role:1'))).toHaveLength(1);
      expect(await store.follow(first, 'bob', ['role:1'], 'r-bob')).toEqual([]);
      expect(await store.follow(first, 'eve', [], 'r-eve')).toEqual([]);
      expect(await store.countWanted(first, 'role:1')).toBe(3);
      // From now on they are members like any others.
      expect(await store.follow(first, 'bob', [], 'r-bob')).toEqual(['role:1']);
      // Their id there changed since.
      expect(await store.follow(first, 'eve', ['role:1'], 'r-new')).toEqual(['role:1']);
      expect(shown(await all(store, first, 'role:1'))).toEqual(expect.arrayContaining([['bob', 'r-bob', null], ['eve', 'r-eve', 'r-new']]));
    });

    it('is read in pages, each member once, and written in any number', async () => {
      const { store, unitOfWork, connectionIds: [first] } = await makeStore();
      const count = 701;
      await unitOfWork.run(async () => {
        for (let index = 0; index < count; index += 1) await store.follow(first, `p-${index}`, ['role:1'], `r-${index}`);
      });
      const seen: PushedMember[] = [];
      for (let after = 0; ; ) {
        const page = await store.pending(first, 'role:1', after, 300);
        const last = page.at(-1);
        if (last === undefined) break;
        expect(page.length).toBeLessThanOrEqual(300);
        seen.push(...page);
        after = last.id;
      }
      expect(new Set(seen.map(({ localId }) => localId)).size).toBe(count);
      await store.sent(seen);
      expect([await store.count(first, 'role:1'), await store.countWanted(first, 'role:1')]).toEqual([{ add: 0, remove: 0 }, count]);
    });
  });
}
