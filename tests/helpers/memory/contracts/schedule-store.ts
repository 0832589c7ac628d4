import { SCHEDULE_DEFAULTS, type Schedule } from '../../../../server/src/domain/schedule/schedule';
import type { ScheduleFields, ScheduleStore } from '../../../../server/src/ports/schedule-store';
import type { MemoryClock } from '../clock';

interface Harness {
  store: ScheduleStore;
  /** As another instance has it. */
  other: ScheduleStore;
  clock: MemoryClock;
  connectionIds: [number, number];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const fields = (changes: Partial<ScheduleFields> = {}): ScheduleFields => ({
  ...SCHEDULE_DEFAULTS, timing: { kind: 'cron', expression: '* * * * *' }, anchor: 5, handledSlot: 0, ...changes,
});

/** What every ScheduleStore does, on memory or SQL. */
export function describeScheduleStore(name: string, makeStore: () => Promise<Harness>): void {
  describe(`schedule store: ${name}`, () => {
    it('keeps what it is given, per connection', async () => {
      const { store, connectionIds: [first, second] } = await makeStore();
      const given = fields({ timing: { kind: 'interval', every: 3, unit: 'days' }, timeZone: 'Asia/Kathmandu', cycle: 'full', jitterMinutes: 7, missed: 'skip', handledSlot: Date.UTC(2030, 0) });
      const made = await store.create(first, given);
      const off = await store.create(first, fields({ enabled: false }));
      expect(made).toEqual({ ...given, id: made.id, connectionId: first });
      expect(await store.ofConnection(first)).toEqual([made, off]);
      expect(await store.ofConnection(second)).toEqual([]);
      expect(await store.enabled()).toEqual([made]);
      expect([await store.update(second, off.id, fields()), await store.update(first, off.id, fields({ cycle: 'full' }))]).toEqual([false, true]);
      expect((await store.enabled()).map(({ id, cycle }) => [id, cycle])).toEqual([[made.id, 'full'], [off.id, 'full']]);
      expect([await store.remove(second, off.id), await store.remove(first, off.id), await store.remove(first, off.id)]).toEqual([false, true, false]);
      expect(await store.ofConnection(first)).toEqual([made]);
    });

    it('gives a slot to one of many, and what comes before it to none', async () => {
      const { store, other, connectionIds: [first] } = await makeStore();
      const made = await store.create(first, fields());
      const claims = await Promise.all([store, other, store, other].map((one) => one.claim(made, { slot: 60_000, at: 61_000 }, null)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await store.claim(made, { slot: 0, at: 0 }, null)).toBe(false);
      expect((await store.enabled())[0]?.handledSlot).toBe(60_000);
      expect(await other.claim(made, { slot: 120_000, at: 120_000 }, 'missed')).toBe(true);
    });

    it('gives none of what was switched off or removed since it was read', async () => {
      const { store, other, connectionIds: [first] } = await makeStore();
      const made = await store.create(first, fields());
      await other.update(first, made.id, fields({ enabled: false }));
      expect(await store.claim(made, { slot: 60_000, at: 60_000 }, null)).toBe(false);
      await other.remove(first, made.id);
      expect(await store.claim(made, { slot: 60_000, at: 60_000 }, null)).toBe(false);
      expect(await store.lastFirings(first, 5)).toEqual([]);
    });

    it('lets one take over what nobody finished', async () => {
      const { store, other, clock, connectionIds: [first] } = await makeStore();
      const made = await store.create(first, fields());
      const claimedAt = clock.now();
      await store.claim(made, { slot: 60_000, at: 60_000 }, null);
      await store.claim(made, { slot: 120_000, at: 120_000 }, 'missed');
      expect(await other.abandoned(claimedAt, 10)).toEqual([]);
      const [open] = await other.abandoned(claimedAt + 1, 10);
      if (open === undefined) throw new Error('Nothing is left open.');
      expect(open).toMatchObject({ scheduleId: made.id, connectionId: first, slot: 60_000, at: 60_000, claimedAt, outcome: null });
      clock.advance(MINUTE);
      expect((await Promise.all([store.takeOver(open), other.takeOver(open)])).filter(Boolean)).toHaveLength(1);
      expect(await other.abandoned(claimedAt + 1, 10)).toEqual([]);
      await store.settle(made.id, 60_000, 'started');
      expect(await other.abandoned(clock.now() + 1, 10)).toEqual([]);
      expect((await store.lastFirings(first, 5)).map(({ slot, outcome }) => [slot, outcome])).toEqual([[120_000, 'missed'], [60_000, 'started']]);
    });

    it('shows the newest firings of each schedule and forgets old ones, but none of today', async () => {
      const { store, clock, connectionIds: [first, second] } = await makeStore();
      const take = async (schedule: Schedule, ...slots: number[]): Promise<void> => {
        for (const slot of slots) await store.claim(schedule, { slot, at: slot }, 'started');
      };
      const [busy, rare, foreign] = [await store.create(first, fields()), await store.create(first, fields()), await store.create(second, fields())];
      const now = clock.now();
      const slots = [-4, -3, -2, -0.5, -0.4, -0.3].map((days) => now + days * DAY);
      await take(busy, ...slots);
      await take(rare, now - 90 * DAY);
      await take(foreign, now - 90 * DAY);
      const shown = async (each: number) => (await store.lastFirings(first, each)).map(({ scheduleId, slot }) => [scheduleId === busy.id ? 'busy' : 'rare', (slot - now) / DAY]);
      expect(await shown(2)).toEqual([['busy', -0.3], ['busy', -0.4], ['rare', -90]]);
      await store.prune(2);
      expect(await shown(9)).toEqual([['busy', -0.3], ['busy', -0.4], ['busy', -0.5], ['rare', -90]]);
    });
  });
}
