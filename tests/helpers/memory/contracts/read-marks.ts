import type { LinkStore } from '../../../../server/src/ports/link-store';
import type { ReadMarks } from '../../../../server/src/ports/read-marks';

interface Harness {
  marks: ReadMarks;
  links: LinkStore;
  connectionIds: [number, number];
}

/** What every ReadMarks does, on memory or SQL. */
export function describeReadMarks(name: string, makeStore: () => Promise<Harness>): void {
  describe(`read marks: ${name}`, () => {
    it('tells who is linked, whom this reading has come across, and nothing of other connections', async () => {
      const { marks, links, connectionIds: [first, second] } = await makeStore();
      const link = (connectionId: number, localId: string, remoteId: string | null) =>
        links.save({ connectionId, objectType: 'User', localId, remoteId, externalId: null, kept: null, snapshot: { schemas: [] }, hash: null, state: 'linked', drift: { own: { title: ['a', 'b'] }, told: 'c' } });
      await link(first, 'u-1', 'r-1');
      await link(first, 'u-2', 'r-2');
      await link(first, 'u-3', null);
      await link(second, 'u-1', 'r-3');
      expect(await marks.see(first, 'User', ['r-1', 'r-3', 'r-9'], 7)).toEqual([{ remoteId: 'r-1', localId: 'u-1', again: false }]);
      expect((await marks.see(first, 'User', ['r-1', 'r-2'], 7)).map(({ localId, again }) => [localId, again]).sort()).toEqual([['u-1', true], ['u-2', false]]);
      expect(await marks.see(first, 'User', ['r-1'], 8)).toEqual([{ remoteId: 'r-1', localId: 'u-1', again: false }]);
      const seen = async (connectionId: number, reading: number) => [...(await marks.seen(connectionId, 'User', ['u-1', 'u-2', 'u-3'], reading))].sort();
      expect([await seen(first, 8), await seen(first, 7), await seen(second, 8)]).toEqual([['u-1'], ['u-2'], []]);
      expect(await marks.see(first, 'User', [], 8)).toEqual([]);
      // What is remembered of drift stays where a link is written without it.
      await links.save({ connectionId: first, objectType: 'User', localId: 'u-1', remoteId: 'r-1', externalId: null, kept: null, snapshot: { schemas: [] }, hash: null, state: 'writing' });
      expect((await links.get(first, 'User', 'u-1'))?.drift).toEqual({ own: { title: ['a', 'b'] }, told: 'c' });
      await links.save({ connectionId: first, objectType: 'User', localId: 'u-1', remoteId: 'r-1', externalId: null, kept: null, snapshot: { schemas: [] }, hash: null, state: 'linked', drift: null });
      expect((await links.get(first, 'User', 'u-1'))?.drift ?? null).toBeNull();
    });
  });
}
