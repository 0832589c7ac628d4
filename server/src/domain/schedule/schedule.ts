import type { ScheduledCycle, MissedPolicy, ScheduleInput, Timing } from '../../contracts/schedule';
import { cronSlots, parseCron } from './cron';
import { intervalSlots } from './interval';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** So late a firing is still on time: instances look every few seconds, and a restart takes a moment. */
export const ON_TIME_MS = 5 * MINUTE_MS;

export interface Schedule {
  id: number;
  connectionId: number;
  timing: Timing;
  timeZone: string;
  cycle: ScheduledCycle;
  enabled: boolean;
  jitterMinutes: number;
  missed: MissedPolicy;
  /** Intervals count from here. */
  anchor: number;
  /** Slots up to here were dealt with, or were before its time. */
  handledSlot: number;
}

/** A slot is the nominal time, the same on every instance; it fires `at`, jitter later. */
export interface Firing {
  slot: number;
  at: number;
}

type Timed = Pick<Schedule, 'timing' | 'timeZone' | 'anchor'>;
type Spread = Timed & Pick<Schedule, 'id' | 'jitterMinutes'>;

export const SCHEDULE_DEFAULTS = { timeZone: 'UTC', cycle: 'incremental', enabled: true, jitterMinutes: 0, missed: 'run-once' } as const satisfies Omit<Required<ScheduleInput>, 'timing'>;

/** Nominal times after the instant, in order, without end unless it never fires again. */
export function slotsAfter({ timing, timeZone, anchor }: Timed, after: number): Generator<number> {
  if (timing.kind === 'interval') return intervalSlots(timing.every, timing.unit, timeZone, anchor, after);
  const fields = parseCron(timing.expression);
  return 'problem' in fields ? none() : cronSlots(fields, timeZone, after);
}

function* none(): Generator<number> {
  // Of an expression that a later version of the parser does not take any more.
}

/** At most so many of them. */
export function firstSlots(schedule: Timed, after: number, count: number): number[] {
  const found: number[] = [];
  for (const slot of slotsAfter(schedule, after)) {
    found.push(slot);
    if (found.length === count) break;
  }
  return found;
}

export const firingOf = (schedule: Spread, slot: number): Firing => ({ slot, at: slot + jitter(schedule.id, slot, schedule.jitterMinutes) });

/** The next firings whose time is still to come. */
export function nextFirings(schedule: Spread, now: number, count: number): Firing[] {
  const found: Firing[] = [];
  for (const slot of slotsAfter(schedule, now - schedule.jitterMinutes * MINUTE_MS - 1)) {
    const firing = firingOf(schedule, slot);
    if (firing.at > now) found.push(firing);
    if (found.length === count) break;
  }
  return found;
}

/** Windows in which to look for the newest missed firing: nobody walks through a year of minutes. */
const LOOK_BACK = [HOUR_MS, 24 * HOUR_MS, 32 * 24 * HOUR_MS, 366 * 24 * HOUR_MS];

/**
 * The newest firing that is due, one for all that were missed before it; null: none is. `late`: it came due while nobody was
 * there, and the policy decides.
 */
export function dueFiring(schedule: Schedule, now: number): (Firing & { late: boolean }) | null {
  const newest = (after: number): Firing | null => {
    let found: Firing | null = null;
    for (const slot of slotsAfter(schedule, after)) {
      if (slot > now) break;
      const firing = firingOf(schedule, slot);
      if (firing.at <= now) found = firing;
    }
    return found;
  };
  const first = firstSlots(schedule, schedule.handledSlot, 1)[0];
  if (first === undefined || firingOf(schedule, first).at > now) return null;
  const spread = schedule.jitterMinutes * MINUTE_MS;
  for (const window of LOOK_BACK) {
    const found = newest(Math.max(schedule.handledSlot, now - spread - window));
    if (found !== null) return { ...found, late: now - found.at > ON_TIME_MS };
  }
  return { ...(newest(schedule.handledSlot) ?? firingOf(schedule, first)), late: true };
}

/** The same on every instance, and spread evenly over schedules and slots. */
function jitter(id: number, slot: number, minutes: number): number {
  if (minutes === 0) return 0;
  let hash = Math.imul(id, 0x9e3779b1) ^ Math.imul(Math.floor(slot / MINUTE_MS), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (((hash ^ (hash >>> 16)) >>> 0) % (minutes * 60 + 1)) * 1_000;
}
