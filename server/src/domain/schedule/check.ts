import { SCHEDULE_LIMITS, type ScheduleInput } from '../../contracts/schedule';
import { parseCron } from './cron';
import { firstSlots, SCHEDULE_DEFAULTS } from './schedule';
import { isTimeZone } from './zone';

const MINUTE_MS = 60_000;
/** So many firings are looked at for the shortest pause between two. */
const LOOK_AT = 100;

export interface ScheduleProblem {
  path: string[];
  message: string;
}

/** What is wrong with a schedule that somebody wants to save; none: it will fire. */
export function checkSchedule({ timing, timeZone = SCHEDULE_DEFAULTS.timeZone, jitterMinutes = 0 }: ScheduleInput, now: number): ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  if (!isTimeZone(timeZone)) problems.push({ path: ['timeZone'], message: `“${timeZone.slice(0, 64)}” is no time zone. Use a name such as Europe/Berlin or UTC.` });
  if (timing.kind === 'cron') {
    const parsed = parseCron(timing.expression);
    if ('problem' in parsed) problems.push({ path: ['timing', 'expression'], message: parsed.problem });
  } else if (timing.every > SCHEDULE_LIMITS.every[timing.unit]) {
    problems.push({ path: ['timing', 'every'], message: `Between 1 and ${SCHEDULE_LIMITS.every[timing.unit]} ${timing.unit}.` });
  }
  if (problems.length > 0) return problems;
  const slots = firstSlots({ timing, timeZone, anchor: now }, now, LOOK_AT);
  if (slots.length === 0) return [{ path: ['timing', 'expression'], message: 'This date never comes.' }];
  const shortest = Math.min(...slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0)));
  if (jitterMinutes * MINUTE_MS >= shortest) {
    problems.push({ path: ['jitterMinutes'], message: `Less than the shortest pause between two firings, which is ${shortest / MINUTE_MS} minutes.` });
  }
  return problems;
}
