import fc from 'fast-check';
import { RateLimiter } from '../../../server/src/http/scim/access/rate-limiter';
import { MemoryClock } from '../../helpers/memory/clock';

describe('RateLimiter', () => {
  it('lets a minute’s worth through at once, then one per share of the minute', () => {
    const clock = new MemoryClock();
    const limiter = new RateLimiter(clock);
    expect([1, 2, 3].map(() => limiter.take('a', 3))).toEqual([null, null, null]);
    expect(limiter.take('a', 3)).toBe(20);
    clock.advance(19_999);
    expect(limiter.take('a', 3)).toBe(1);
    clock.advance(1);
    expect(limiter.take('a', 3)).toBeNull();
    expect(limiter.take('b', 3)).toBeNull();
  });

  it('several that come as one are let through together, and more than a minute’s worth goes into debt', () => {
    const clock = new MemoryClock();
    const limiter = new RateLimiter(clock);
    expect([limiter.take('a', 6, 4), limiter.take('a', 6, 3), limiter.take('a', 6, 2)]).toEqual([null, 10, null]);
    expect(limiter.take('a', 6, 15)).toBe(60);
    clock.advance(60_000);
    expect([limiter.take('a', 6, 15), limiter.take('a', 6)]).toEqual([null, 100]);
    clock.advance(100_000);
    expect(limiter.take('a', 6)).toBeNull();
  });

  it('never lets more through than the limit, and who waits as told gets through', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(5_000), { maxLength: 200 }), (perMinute, pauses) => {
        const clock = new MemoryClock();
        const limiter = new RateLimiter(clock);
        const started = clock.now();
        let through = 0;
        for (const pause of pauses) {
          clock.advance(pause);
          const wait = limiter.take('a', perMinute);
          if (wait === null) through += 1;
          else {
            expect(Number.isInteger(wait) && wait >= 1).toBe(true);
            clock.advance(wait * 1_000);
            expect(limiter.take('a', perMinute)).toBeNull();
            through += 1;
          }
          expect(through).toBeLessThanOrEqual(perMinute + ((clock.now() - started) * perMinute) / 60_000 + 1e-6);
        }
      })
    );
  });

  it('counts nothing that is given back', () => {
    const limiter = new RateLimiter(new MemoryClock());
    for (let i = 0; i < 10; i += 1) {
      expect(limiter.take('a', 1)).toBeNull();
      limiter.giveBack('a');
    }
  });

  it('a changed limit holds at once', () => {
    const limiter = new RateLimiter(new MemoryClock());
    limiter.take('a', 1);
    expect(limiter.take('a', 1)).not.toBeNull();
    expect(limiter.take('a', 60)).toBeNull();
  });

  it('remembers a bounded number of keys, the latest used', () => {
    const limiter = new RateLimiter(new MemoryClock(), 3);
    for (const key of ['a', 'b', 'c', 'a', 'd', 'e']) limiter.take(key, 1);
    expect(limiter.size).toBe(3);
    expect(limiter.take('a', 1)).not.toBeNull();
  });
});
