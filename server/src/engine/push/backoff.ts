import type { ErrorCode } from '../../contracts/error-codes';

const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;

/**
 * Waiting time before the next attempt: exponential, with jitter in its upper half, never shorter than what the target asked for.
 * `random` is in [0, 1).
 */
export function backoffMs(attempts: number, retryAfterMs: number | undefined, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 20));
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

/** A name that is taken may become free: its present holder's own rename or deletion can be on its way. */
const NAME_ATTEMPTS = 12;

/** Whether trying again can help without anybody doing anything. */
export const isRetryable = (code: ErrorCode, attempts: number): boolean =>
  isTargetWide(code) || code === 'internal' || ((code === 'uniqueness' || code === 'conflict') && attempts < NAME_ATTEMPTS);
