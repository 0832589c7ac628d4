/**
 * Evenly spaced slots with a burst, as one number that several instances can share: the time until which the promised
 * requests fill the line. In any minute at most `perMinute` of them go out.
 */
export interface SlotRules {
  /** Microseconds between two requests once the burst is used. */
  intervalUs: number;
  /** So far the line may run ahead of the clock without anybody waiting. */
  toleranceUs: number;
}

const MINUTE_US = 60_000_000;

/** Fewer, and one person's few requests would take longer than a delivery may. */
export const LEAST_PER_MINUTE = 30;

/** A tenth at once; the rest of the minute is spread so that burst and rest stay within the limit. */
export function slotRules(perMinute: number): SlotRules {
  const burst = Math.max(1, Math.floor(perMinute / 10));
  const intervalUs = Math.ceil(MINUTE_US / (perMinute - burst + 1));
  return { intervalUs, toleranceUs: (burst - 1) * intervalUs };
}

/** Where the line ends after one more request, and how long that request waits. */
export function nextSlot({ intervalUs, toleranceUs }: SlotRules, filledUntilUs: number | null, nowUs: number): { filledUntilUs: number; waitUs: number } {
  const start = Math.max(filledUntilUs ?? 0, nowUs);
  return { filledUntilUs: start + intervalUs, waitUs: Math.max(0, start - toleranceUs - nowUs) };
}
