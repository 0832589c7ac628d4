import fc from 'fast-check';
import { LEAST_PER_MINUTE, nextSlot, slotRules } from '../../../server/src/domain/rate/slots';

const MINUTE = 60_000_000;

/** When each request goes out, if it asks at these times (in order). */
function departures(perMinute: number, arrivals: number[]): number[] {
  const rules = slotRules(perMinute);
  let line: number | null = null;
  return arrivals.map((now) => {
    const slot = nextSlot(rules, line, now);
    line = slot.filledUntilUs;
    return now + slot.waitUs;
  });
}

it('in any minute no more go out than are allowed, in the order in which they asked', () => {
  // All at once, a crowd, or now and then.
  const gaps = fc.oneof(fc.constant(Array.from({ length: 700 }, () => 0)), fc.array(fc.nat(100_000), { minLength: 300, maxLength: 700 }), fc.array(fc.oneof(fc.constant(0), fc.nat(200_000), fc.nat(20_000_000)), { minLength: 1, maxLength: 400 }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), gaps, (perMinute, steps) => {
      let now = 0;
      const out = departures(perMinute, steps.map((step) => (now += step)));
      expect([...out].sort((a, b) => a - b)).toEqual(out);
      for (let first = 0; first + perMinute < out.length; first += 1) {
        expect((out[first + perMinute] ?? Infinity) - (out[first] ?? 0)).toBeGreaterThanOrEqual(MINUTE);
      }
    }),
    { numRuns: 60 }
  );
});

it.each([LEAST_PER_MINUTE, 180, 600, 60_000])('of %s a minute nearly all can be used', (perMinute) => {
  const out = departures(perMinute, Array.from({ length: perMinute * 3 }, () => 0));
  const seconds = (out.at(-1) ?? 0) / 1e6;
  expect((perMinute * 3) / seconds).toBeGreaterThan((perMinute / 60) * 0.88);
});

it('a burst goes out at once', () => {
  expect(departures(600, Array.from({ length: 60 }, () => 0))).toEqual(Array.from({ length: 60 }, () => 0));
});
