import type { ErrorCode } from '../../contracts/error-codes';
import type { TargetHealth } from '../../ports/target-health';
import { backoffMs, type RetryTimes } from './backoff';

export interface TargetFailure {
  code: ErrorCode;
  message: string;
  retryAfterMs: number | undefined;
}

/** Nothing changes by itself until a person enters another credential: fewer attempts are enough to know. */
const NEEDS_A_PERSON: ReadonlySet<ErrorCode> = new Set(['target-auth', 'credential-unreadable']);
const AUTH_FAILURES = 5;

/**
 * How a target stands after one more failure that concerns all of it. The first closes the way for a moment; from there one
 * change at a time tries it, with growing pauses. Those that were under way when it closed say nothing new.
 */
export function afterFailure(present: TargetHealth | null, connectionId: number, failure: TargetFailure, now: number, random: number, times: RetryTimes): TargetHealth {
  const { code, message, retryAfterMs } = failure;
  if (present !== null && now < present.blockedUntil) {
    return { ...present, blockedUntil: Math.max(present.blockedUntil, now + (retryAfterMs ?? 0)) };
  }
  const failures = (present?.failures ?? 0) + 1;
  const failingSince = present?.failingSince ?? now;
  const quarantinedSince = present?.quarantinedSince ?? (isHopeless(code, failures, now - failingSince, times) ? now : null);
  const longestPauseMs = quarantinedSince === null ? times.longestPauseMs : Math.max(times.longestPauseMs, times.longestProbeMs);
  const pause = backoffMs(failures - 1, retryAfterMs, random, { firstPauseMs: times.firstPauseMs, longestPauseMs });
  return { connectionId, failures, failingSince, blockedUntil: now + pause, quarantinedSince, code, reason: message };
}

/** Who asks to slow down is well: that never quarantines. */
function isHopeless(code: ErrorCode, failures: number, forMs: number, times: RetryTimes): boolean {
  if (code === 'target-rate-limited') return false;
  if (NEEDS_A_PERSON.has(code)) return failures >= Math.min(AUTH_FAILURES, times.quarantineAfterFailures);
  return failures >= times.quarantineAfterFailures && forMs >= times.quarantineAfterMs;
}
