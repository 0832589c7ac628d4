import type { ErrorCode } from '../../contracts/error-codes';

/** Times of retries and of the quarantine, in milliseconds; a site may change them in its config. */
export interface RetryTimes {
  /** Before the second attempt; doubles from there. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** A target that failed so often in a row, for so long, is quarantined. Wrong credentials are not waited for. */
  quarantineAfterFailures: number;
  quarantineAfterMs: number;
  /** Between two attempts in quarantine, at most. */
  longestProbeMs: number;
}

export const DEFAULT_RETRY_TIMES: RetryTimes = {
  firstPauseMs: 1_000,
  longestPauseMs: 15 * 60_000,
  quarantineAfterFailures: 8,
  quarantineAfterMs: 2 * 60_000,
  longestProbeMs: 3_600_000,
};

/**
 * Waiting time before the next attempt: exponential, with jitter in its upper half, never shorter than what the target asked for.
 * `random` is in [0, 1).
 */
export function backoffMs(
  attempts: number,
  retryAfterMs: number | undefined,
  random: number,
  { firstPauseMs, longestPauseMs }: Pick<RetryTimes, 'firstPauseMs' | 'longestPauseMs'> = DEFAULT_RETRY_TIMES
): number {
  const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts, 30));
  return Math.max(Math.round(ceiling * (0.5 + random / 2)), retryAfterMs ?? 0);
}

/** The trouble is with the target as a whole, not with this object: everything for it waits. */
const TARGET_WIDE: ReadonlySet<ErrorCode> = new Set([
  'target-auth',
  'target-rate-limited',
  'target-unavailable',
  'target-unexpected',
  'credential-unreadable',
]);

export const isTargetWide = (code: ErrorCode): boolean => TARGET_WIDE.has(code);

/**
 * After so many attempts that failed because of this object it is set aside. A name that is taken may become free, its
 * present holder's own rename or deletion can be on its way; an application that breaks at this one object will go on doing so.
 */
export const OWN_ATTEMPTS = 12;

/** Whether trying again can help without anybody doing anything. `blamed`: earlier attempts that failed because of this object. */
export const isRetryable = (code: ErrorCode, blamed: number): boolean =>
  code === 'internal' || ((isTargetWide(code) || code === 'uniqueness' || code === 'conflict') && blamed < OWN_ATTEMPTS);
