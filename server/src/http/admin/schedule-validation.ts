import { z } from 'zod';
import { SCHEDULED_CYCLES, INTERVAL_UNITS, MISSED_POLICIES, SCHEDULE_LIMITS, type ScheduleInput } from '../../contracts/schedule';
import { checkSchedule } from '../../domain/schedule/check';

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, `Choose one of: ${values.join(', ')}.`);

const timing = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('cron'), expression: z.string('Enter a cron expression.').trim().min(1, 'Enter a cron expression.').max(200, 'At most 200 characters.') }),
    z.strictObject({ kind: z.literal('interval'), every: z.int('Enter a whole number.').min(1, 'At least 1.'), unit: oneOf(INTERVAL_UNITS) }),
  ],
  'Choose the kind: cron or interval.'
);

const fields = z.strictObject({
  timing,
  timeZone: z.string('Enter a time zone.').trim().max(64, 'At most 64 characters.').optional(),
  cycle: oneOf(SCHEDULED_CYCLES).optional(),
  enabled: z.boolean('Choose true or false.').optional(),
  jitterMinutes: z.int('Enter a whole number of minutes.').min(0, `Between 0 and ${SCHEDULE_LIMITS.jitterMinutes} minutes.`).max(SCHEDULE_LIMITS.jitterMinutes, `Between 0 and ${SCHEDULE_LIMITS.jitterMinutes} minutes.`).optional(),
  missed: oneOf(MISSED_POLICIES).optional(),
});

/** A schedule that will fire: what never comes is refused here, with the field and the reason. */
export const scheduleInput = (now: number) =>
  fields
    .transform((given): ScheduleInput => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as ScheduleInput)
    .check((context) => {
      for (const { path, message } of checkSchedule(context.value, now)) context.issues.push({ code: 'custom', input: context.value, path, message });
    });
