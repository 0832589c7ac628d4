import type { TargetHealth, TargetHealthStore } from '../../../../server/src/ports/target-health';

export interface TargetHealthHarness {
  /** Two instances of one system. */
  stores: [TargetHealthStore, TargetHealthStore];
  /** Until one instance sees for sure what the other wrote. */
  letTimePass(): void;
  connectionIds: [number, number];
}

/** What every TargetHealthStore does, on memory or SQL. */
export function describeTargetHealth(name: string, make: () => Promise<TargetHealthHarness>): void {
  describe(`target health: ${name}`, () => {
    let parts: TargetHealthHarness;
    let one: TargetHealthStore;
    let other: TargetHealthStore;
    let first: number;
    let second: number;

    beforeEach(async () => {
      parts = await make();
      [one, other] = parts.stores;
      [first, second] = parts.connectionIds;
    });

    const sick = (connectionId: number, failures = 1): TargetHealth => ({
      connectionId, failures, failingSince: 1_700_000_000_000, blockedUntil: 1_700_000_060_000, quarantinedSince: null, code: 'target-unavailable', reason: 'No answer (ECONNRESET).',
    });

    it('all are well at first, and who is well and stays so leaves nothing behind', async () => {
      expect(await one.change(first, (present) => present)).toEqual({ before: null, after: null });
      expect(await one.troubled()).toEqual([]);
    });

    it('keeps everything, for the other instance too', async () => {
      const health = { ...sick(first), quarantinedSince: 1_700_000_030_000 };
      expect(await one.change(first, () => health)).toEqual({ before: null, after: health });
      expect(await one.troubled()).toEqual([health]);
      parts.letTimePass();
      expect(await other.troubled()).toEqual([health]);
      expect(await other.change(first, (present) => present)).toEqual({ before: health, after: health });
      expect((await other.change(second, (present) => present)).before).toBeNull();
    });

    it('is well again, and may fall ill again', async () => {
      await one.change(first, () => sick(first));
      expect(await other.change(first, () => null)).toEqual({ before: sick(first), after: null });
      parts.letTimePass();
      expect(await one.troubled()).toEqual([]);
      expect((await one.change(first, (present) => present ?? sick(first, 7))).after).toMatchObject({ failures: 7 });
    });

    it('loses no change, and tells of each transition once, whoever makes it', async () => {
      const more = (store: TargetHealthStore) => store.change(first, (present) => sick(first, (present?.failures ?? 0) + 1));
      const changes = await Promise.all(Array.from({ length: 8 }, (_item, index) => more(index % 2 === 0 ? one : other)));
      expect(changes.map(({ after }) => after?.failures).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(changes.filter(({ before }) => before === null)).toHaveLength(1);
    });
  });
}
