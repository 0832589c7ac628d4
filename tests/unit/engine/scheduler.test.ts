/** Which firings start a cycle: once over all instances, never beside one that is going on, and what happens to those missed. */
import fc from 'fast-check';
import type { ScheduledCycle } from '../../../server/src/contracts/schedule';
import { firingOf, firstSlots, SCHEDULE_DEFAULTS } from '../../../server/src/domain/schedule/schedule';
import { ABANDONED_MS, Scheduler, type ScheduledStart, type SchedulerDeps } from '../../../server/src/engine/scheduler';
import type { ScheduleFields } from '../../../server/src/ports/schedule-store';
import { MemoryClock } from '../../helpers/memory/clock';
import { describeScheduleStore } from '../../helpers/memory/contracts/schedule-store';
import { MemoryScheduleStore } from '../../helpers/memory/schedule-store';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1, 7, 30);

describeScheduleStore('memory', async () => {
  const clock = new MemoryClock();
  const store = new MemoryScheduleStore(clock);
  return { store, other: store, clock, connectionIds: [1, 2] };
});

function world() {
  const clock = new MemoryClock(START);
  const store = new MemoryScheduleStore(clock);
  const starts: [number, ScheduledCycle, ScheduledStart][] = [];
  const state = { busy: new Set<number>(), off: new Set<number>(), paused: false, fails: null as Error | null, errors: [] as unknown[], never: null as Promise<never> | null };
  const deps: SchedulerDeps = {
    clock,
    store,
    isOn: async (id) => !state.off.has(id),
    isPaused: async () => state.paused,
    start: async (...start) => {
      if (state.never !== null) return state.never;
      if (state.fails !== null) throw state.fails;
      if (state.busy.has(start[0])) return 'busy';
      starts.push(start);
      return 'started';
    },
    onError: (error) => void state.errors.push(error),
  };
  const instance = () => new Scheduler(deps);
  const scheduler = instance();
  return {
    clock, store, starts, state, instance,
    tick: () => scheduler.tick(() => false),
    add: (changes: Partial<ScheduleFields> = {}, connectionId = 1) => store.create(connectionId, { ...SCHEDULE_DEFAULTS, timing: { kind: 'cron', expression: '0 * * * *' }, anchor: START, handledSlot: clock.now(), ...changes }),
    outcomes: async () => (await store.lastFirings(1, 50)).map(({ slot, outcome }) => [new Date(slot).toISOString().slice(11, 16), outcome]),
  };
}

it('starts the cycle of the connection when its time has come, once', async () => {
  const { clock, add, tick, starts, outcomes } = world();
  const { id } = await add({ cycle: 'full' }, 1);
  clock.advance(30 * MINUTE - 1);
  expect(await tick()).toBe(0);
  clock.advance(1);
  expect([await tick(), await tick()]).toEqual([1, 0]);
  clock.advance(HOUR - 1);
  expect(await tick()).toBe(0);
  expect(starts).toEqual([[1, 'full', { trigger: 'scheduled', scheduleId: id }]]);
  expect(await outcomes()).toEqual([['08:00', 'started']]);
});

it('skips a firing while the run before it goes on, and tells so', async () => {
  const { clock, add, tick, starts, state, outcomes } = world();
  await add();
  state.busy.add(1);
  clock.advance(30 * MINUTE);
  expect(await tick()).toBe(0);
  state.busy.clear();
  expect(await tick()).toBe(0);
  clock.advance(HOUR);
  expect(await tick()).toBe(1);
  expect(starts).toHaveLength(1);
  expect(await outcomes()).toEqual([['09:00', 'started'], ['08:00', 'busy']]);
});

it('starts the full cycle first where both come at once', async () => {
  const { clock, add, tick, starts } = world();
  await add({ cycle: 'incremental' });
  await add({ cycle: 'full' });
  clock.advance(30 * MINUTE);
  await tick();
  expect(starts.map(([, cycle]) => cycle)).toEqual(['full', 'incremental']);
});

it.each([['run-once' as const, 'started'], ['skip' as const, 'missed']])('after a night without Strapi, %s: one firing is %s', async (missed, outcome) => {
  const { clock, add, tick, outcomes } = world();
  await add({ missed });
  clock.advance(10 * HOUR);
  await tick();
  await tick();
  expect(await outcomes()).toEqual([['17:00', outcome]]);
  clock.advance(30 * MINUTE);
  await tick();
  expect(await outcomes()).toEqual([['18:00', 'started'], ['17:00', outcome]]);
});

it('does nothing during maintenance; the policy for missed firings decides afterwards', async () => {
  const { clock, add, tick, state, outcomes } = world();
  await add();
  state.paused = true;
  clock.advance(3 * HOUR);
  expect(await tick()).toBe(0);
  expect(await outcomes()).toEqual([]);
  state.paused = false;
  expect(await tick()).toBe(1);
  expect(await outcomes()).toEqual([['10:00', 'started']]);
});

it('tells that the connection was switched off, and that a start failed', async () => {
  const { clock, add, tick, state, outcomes, starts } = world();
  await add();
  state.off.add(1);
  clock.advance(30 * MINUTE);
  await tick();
  state.off.clear();
  state.fails = new Error('no database');
  clock.advance(HOUR);
  await tick();
  expect(await outcomes()).toEqual([['09:00', 'failed'], ['08:00', 'switched-off']]);
  expect([starts, state.errors]).toEqual([[], [state.fails]]);
});

it('takes over what a dead instance claimed, once', async () => {
  const { clock, add, state, instance, starts, outcomes } = world();
  await add();
  clock.advance(30 * MINUTE);
  state.never = new Promise(() => undefined);
  void instance().tick(() => false);
  await new Promise(setImmediate);
  expect(await outcomes()).toEqual([['08:00', null]]);
  state.never = null;
  clock.advance(ABANDONED_MS);
  expect(await instance().tick(() => false)).toBe(0);
  clock.advance(1);
  expect((await Promise.all([instance(), instance()].map((one) => one.tick(() => false)))).sort()).toEqual([0, 1]);
  expect(starts).toHaveLength(1);
  expect(await outcomes()).toEqual([['08:00', 'started']]);
});

it('fires every slot exactly once, however many instances look at whatever times', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 59 }), fc.integer({ min: 0, max: 20 }), fc.array(fc.tuple(fc.integer({ min: 0, max: 4 * MINUTE }), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 40 }), async (every, jitterMinutes, looks) => {
      const { clock, store, add, starts, instance } = world();
      const timing = { kind: 'interval' as const, every, unit: 'minutes' as const };
      const made = await add({ timing, jitterMinutes: Math.min(jitterMinutes, every - 1) });
      for (const [pause, instances] of looks) {
        clock.advance(pause);
        await Promise.all(Array.from({ length: instances }, () => instance().tick(() => false)));
      }
      const firings = firstSlots(made, START, 400).map((slot) => firingOf(made, slot));
      const fired = store.firings.all();
      expect(starts).toHaveLength(fired.length);
      expect(fired.every(({ at }) => at <= clock.now())).toBe(true);
      // No pause is longer than four minutes: whatever has so much time before the next one comes, for itself.
      const alone = firings.filter(({ at }, index) => at <= clock.now() && (firings[index + 1]?.at ?? Infinity) > at + 4 * MINUTE).map(({ slot }) => slot);
      expect(fired.map(({ slot }) => slot)).toEqual(expect.arrayContaining(alone));
    })
  );
});
