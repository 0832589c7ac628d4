/** When schedules fire: by hand on the days on which clocks change, by properties on all others. */
import fc from 'fast-check';
import { createTask } from 'node-cron';
import type { Timing } from '../../../../server/src/contracts/schedule';
import { dueFiring, firingOf, firstSlots, nextFirings, ON_TIME_MS, type Schedule } from '../../../../server/src/domain/schedule/schedule';
import { wallOf } from '../../../../server/src/domain/schedule/zone';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const cron = (expression: string): Timing => ({ kind: 'cron', expression });
const slots = (timing: Timing, timeZone: string, from: string, count = 5, anchor = from): string[] =>
  firstSlots({ timing, timeZone, anchor: Date.parse(anchor) }, Date.parse(from), count).map((slot) => new Date(slot).toISOString().slice(0, 16));

const schedule = (fields: Partial<Schedule> = {}): Schedule => ({
  id: 1, connectionId: 1, timing: cron('0 * * * *'), timeZone: 'UTC', cycle: 'incremental', enabled: true, jitterMinutes: 0, missed: 'run-once', anchor: 0, handledSlot: 0, ...fields,
});

describe('where clocks change', () => {
  it('a time that clocks jump over fires when they have jumped', () => {
    // Europe/Berlin goes from 02:00 to 03:00 at 01:00 UTC.
    expect(slots(cron('30 2 * * *'), 'Europe/Berlin', '2026-03-28T00:00Z', 3)).toEqual(['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']);
  });

  it('a time that comes twice fires once', () => {
    expect(slots(cron('30 2 * * *'), 'Europe/Berlin', '2026-10-24T00:00Z', 4)).toEqual(['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30']);
  });

  it('every so many minutes keeps its rhythm', () => {
    expect(slots(cron('*/30 * * * *'), 'Europe/Berlin', '2026-10-24T23:45Z', 6)).toEqual(['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-25T02:00', '2026-10-25T02:30']);
    expect(slots(cron('*/30 * * * *'), 'Europe/Berlin', '2026-03-29T00:00Z', 4)).toEqual(['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30', '2026-03-29T02:00']);
  });

  it('also where it is half an hour, at midnight, or a whole day', () => {
    expect(slots(cron('15 2 * * *'), 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2)).toEqual(['2026-10-03T15:30', '2026-10-04T15:15']);
    expect(slots(cron('30 0 * * *'), 'Africa/Cairo', '2026-04-22T22:00Z', 3)).toEqual(['2026-04-22T22:30', '2026-04-23T22:00', '2026-04-24T21:30']);
    // Samoa left out the 30th of December 2011.
    expect(slots(cron('0 12 * * *'), 'Pacific/Apia', '2011-12-29T00:00Z', 3)).toEqual(['2011-12-29T22:00', '2011-12-30T10:00', '2011-12-30T22:00']);
  });

  it('days of an interval keep the time of day, hours the time that passed', () => {
    const from = '2026-03-27T08:15Z';
    expect(slots({ kind: 'interval', every: 1, unit: 'days' }, 'Europe/Berlin', from, 4)).toEqual(['2026-03-28T08:15', '2026-03-29T07:15', '2026-03-30T07:15', '2026-03-31T07:15']);
    expect(slots({ kind: 'interval', every: 12, unit: 'hours' }, 'Europe/Berlin', '2026-03-28T12:00Z', 3, from)).toEqual(['2026-03-28T20:15', '2026-03-29T08:15', '2026-03-29T20:15']);
    expect(slots({ kind: 'interval', every: 2, unit: 'days' }, 'UTC', '2026-03-28T08:15Z', 2, '2026-01-01T00:00Z')).toEqual(['2026-03-30T00:00', '2026-04-01T00:00']);
    expect(slots({ kind: 'interval', every: 15, unit: 'minutes' }, 'UTC', from, 2)).toEqual(['2026-03-27T08:30', '2026-03-27T08:45']);
  });
});

it('takes names, last days and far-away dates', () => {
  expect(slots(cron('0 6 * JAN,jul MON-FRI'), 'UTC', '2026-01-30T07:00Z', 2)).toEqual(['2026-07-01T06:00', '2026-07-02T06:00']);
  expect(slots(cron('0 0 L * *'), 'UTC', '2028-02-01T00:00Z', 2)).toEqual(['2028-02-29T00:00', '2028-03-31T00:00']);
  expect(slots(cron('0 0 29 2 1'), 'UTC', '2026-01-01T00:00Z', 2)).toEqual(['2044-02-29T00:00', '2072-02-29T00:00']);
  expect(slots(cron('@daily'), 'America/New_York', '2026-06-01T12:00Z', 1)).toEqual(['2026-06-02T04:00']);
});

const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kathmandu', 'America/Sao_Paulo', 'Pacific/Apia', 'Africa/Casablanca');
/** Half of them near a change of clocks of one of the zones. */
const CHANGES = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-10-03T15:30Z', '2026-04-04T15:00Z', '2026-04-23T22:00Z', '2026-10-29T21:00Z', '2018-11-04T03:00Z', '2011-12-30T10:00Z', '2026-02-15T02:00Z'].map((text) => Date.parse(text));
const instant = fc.oneof(fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2036, 0) }), fc.tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -26 * HOUR, max: 4 * HOUR })).map(([change, shift]) => change + shift));
const field = (min: number, max: number): fc.Arbitrary<string> => {
  const value = fc.integer({ min, max }).map(String);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    value,
    fc.tuple(value, value).map((pair) => pair.join(',')),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`)
  );
};
const day = fc.oneof({ weight: 6, arbitrary: field(1, 28) }, fc.constantFrom('L', 'L-3', '1W', '15W', 'LW'));
const weekday = fc.oneof({ weight: 6, arbitrary: field(0, 7) }, fc.constantFrom('5L', '2#1', '7#2', 'mon-fri'));
const expression = fc.tuple(field(0, 59), field(0, 23), day, field(1, 12), weekday).map((fields) => fields.join(' '));

/** node-cron's own judgement of a wall time, taken as UTC. */
const oracle = (text: string): ((wall: number) => boolean) => {
  const task = createTask(text, () => undefined, { timezone: 'UTC' });
  void task.destroy();
  return (wall) => task.match(new Date(wall));
};

it('every firing comes after the one before, and clocks show what the expression says, or have just jumped over it', () => {
  fc.assert(
    fc.property(expression, zone, instant, (text, timeZone, from) => {
      const matches = oracle(text);
      let before = from;
      for (const slot of firstSlots({ timing: cron(text), timeZone, anchor: 0 }, from, 8)) {
        expect(slot).toBeGreaterThan(before);
        before = slot;
        const jumped = wallOf(slot, timeZone) - wallOf(slot - MINUTE, timeZone) - MINUTE;
        const shown = [wallOf(slot, timeZone), ...Array.from({ length: Math.max(0, jumped) / MINUTE }, (_, minute) => wallOf(slot, timeZone) - (minute + 1) * MINUTE)];
        expect(shown.some(matches)).toBe(true);
      }
    }),
    { numRuns: 200 }
  );
});

it('leaves no minute out that matches, but the second of a named hour that comes twice', () => {
  fc.assert(
    fc.property(expression, zone, instant, (text, timeZone, near) => {
      const from = Math.floor(near / MINUTE) * MINUTE;
      const matches = oracle(text);
      const found = new Set(firstSlots({ timing: cron(text), timeZone, anchor: 0 }, from, 1_500).filter((slot) => slot <= from + DAY));
      const everyHour = text.split(' ')[1] === '*';
      for (let at = from + MINUTE; at <= from + DAY; at += MINUTE) {
        const wall = wallOf(at, timeZone);
        if (!matches(wall) || found.has(at)) continue;
        const earlier = [30 * MINUTE, HOUR, 2 * HOUR, DAY].some((shift) => wallOf(at - shift, timeZone) === wall);
        if (everyHour || !earlier) throw new Error(`${text} in ${timeZone} does not fire at ${new Date(at).toISOString()}`);
      }
    }),
    { numRuns: 15 }
  );
});

it('days of an interval come at the same time of day, whatever the clocks do', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 }), zone, instant, fc.integer({ min: 0, max: 2_000 }), (every, timeZone, anchor, later) => {
      const from = anchor + later * DAY;
      let before = from;
      for (const slot of firstSlots({ timing: { kind: 'interval', every, unit: 'days' }, timeZone, anchor }, from, 6)) {
        expect(slot).toBeGreaterThan(before);
        before = slot;
        const jumped = wallOf(slot, timeZone) - wallOf(slot - MINUTE, timeZone) > MINUTE;
        if (!jumped) expect((wallOf(slot, timeZone) - wallOf(anchor, timeZone)) % (every * DAY)).toBe(0);
      }
    })
  );
});

describe('jitter', () => {
  it('is the same on every instance, stays within its bounds, and differs from slot to slot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 720 }), instant, (id, jitterMinutes, slot) => {
        const { at } = firingOf(schedule({ id, jitterMinutes }), slot);
        expect(at).toBe(firingOf(schedule({ id, jitterMinutes }), slot).at);
        expect(at).toBeGreaterThanOrEqual(slot);
        expect(at).toBeLessThanOrEqual(slot + jitterMinutes * MINUTE);
      })
    );
    const delays = nextFirings(schedule({ jitterMinutes: 30 }), Date.UTC(2026, 0), 200).map(({ slot, at }) => (at - slot) / MINUTE);
    expect(new Set(delays.map(Math.floor)).size).toBeGreaterThan(20);
  });

  it('shows the firing that is still to come of a slot that has passed', () => {
    const spread = schedule({ jitterMinutes: 59 });
    const [first] = nextFirings(spread, 0, 1);
    if (first === undefined) throw new Error('It fires.');
    expect(nextFirings(spread, first.at - 1, 1)[0]).toEqual(first);
    expect(nextFirings(spread, first.at, 1)[0]?.slot).toBe(first.slot + HOUR);
  });
});

describe('what is due', () => {
  const at = (text: string): number => Date.parse(text);

  it('nothing before its time, the slot from then on, on time for five minutes', () => {
    const hourly = schedule({ handledSlot: at('2026-01-01T08:00Z') });
    expect(dueFiring(hourly, at('2026-01-01T08:59:59Z'))).toBeNull();
    const slot = at('2026-01-01T09:00Z');
    expect(dueFiring(hourly, slot)).toEqual({ slot, at: slot, late: false });
    expect(dueFiring(hourly, slot + ON_TIME_MS)).toMatchObject({ slot, late: false });
    expect(dueFiring(hourly, slot + ON_TIME_MS + 1)).toMatchObject({ slot, late: true });
  });

  it('only the newest of many that were missed, however long ago', () => {
    expect(dueFiring(schedule({ handledSlot: at('2020-01-01T00:00Z'), timing: cron('* * * * *') }), at('2026-01-01T00:00:30Z'))).toMatchObject({ slot: at('2026-01-01T00:00Z'), late: false });
    expect(dueFiring(schedule({ handledSlot: at('2020-01-01T00:00Z'), timing: cron('0 0 1 1 *') }), at('2026-12-30T00:00Z'))).toMatchObject({ slot: at('2026-01-01T00:00Z'), late: true });
    expect(dueFiring(schedule({ handledSlot: at('2020-01-01T00:00Z'), timing: cron('0 0 29 2 *') }), at('2027-12-30T00:00Z'))).toMatchObject({ slot: at('2024-02-29T00:00Z'), late: true });
  });

  it('whatever is due is the last firing before now that is not handled', () => {
    const timing = fc.oneof(expression.map(cron), fc.record({ kind: fc.constant('interval' as const), every: fc.integer({ min: 1, max: 50 }), unit: fc.constantFrom('minutes' as const, 'hours' as const, 'days' as const) }));
    fc.assert(
      fc.property(timing, zone, instant, fc.integer({ min: 0, max: 3 * DAY }), (own, timeZone, handledSlot, passed) => {
        const one = schedule({ timing: own, timeZone, handledSlot, anchor: Math.floor(handledSlot / MINUTE) * MINUTE });
        const now = handledSlot + passed;
        const all = firstSlots(one, handledSlot, 4_400).filter((slot) => slot <= now);
        expect(dueFiring(one, now)?.slot ?? null).toBe(all.at(-1) ?? null);
      }),
      { numRuns: 60 }
    );
  });
});
