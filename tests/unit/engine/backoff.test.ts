import fc from 'fast-check';
import { ERROR_CATALOGUE, type ErrorCode } from '../../../server/src/contracts/error-codes';
import { backoffMs, isRetryable, isTargetWide, OWN_ATTEMPTS } from '../../../server/src/engine/push/backoff';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffMs', () => {
  it('doubles from half a second to a quarter of an hour', () => {
    expect([0, 1, 2, 3].map((attempts) => backoffMs(attempts, undefined, 0))).toEqual([500, 1_000, 2_000, 4_000]);
    expect(backoffMs(1_000, undefined, 0.999)).toBeLessThanOrEqual(15 * 60_000);
    expect(backoffMs(1_000, undefined, 0)).toBe(7.5 * 60_000);
  });

  it('is never shorter than what the target asked for, and never instant', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.option(fc.nat(1e7), { nil: undefined }), chance, (attempts, retryAfter, random) => {
        const wait = backoffMs(attempts, retryAfter, random);
        expect(wait).toBeGreaterThanOrEqual(Math.max(500, retryAfter ?? 0));
        expect(wait).toBeLessThanOrEqual(Math.max(15 * 60_000, retryAfter ?? 0));
      })
    );
  });

  it('does not send everybody at the same moment', () => {
    expect(backoffMs(5, undefined, 0.1)).not.toBe(backoffMs(5, undefined, 0.9));
  });
});

describe('what is tried again', () => {
  const codes = [...ERROR_CATALOGUE.keys()] as ErrorCode[];

  it('is everything that is wrong with the target as a whole, unless this object is to blame for it time and again', () => {
    for (const code of codes.filter(isTargetWide)) expect([0, OWN_ATTEMPTS - 1, OWN_ATTEMPTS].map((blamed) => isRetryable(code, blamed))).toEqual([true, true, false]);
    expect(codes.filter(isTargetWide).sort()).toEqual(['credential-unreadable', 'target-auth', 'target-rate-limited', 'target-unavailable', 'target-unexpected']);
  });

  it('is nothing that the target or a person has to correct', () => {
    for (const code of ['target-rejected', 'disputed', 'invalid-value', 'protected', 'linked-elsewhere'] as const) expect(isRetryable(code, 0)).toBe(false);
  });
});
