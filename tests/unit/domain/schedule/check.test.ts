/** What is refused when a schedule is saved, and how it is said. */
import fc from 'fast-check';
import type { ScheduleInput } from '../../../../server/src/contracts/schedule';
import { checkSchedule } from '../../../../server/src/domain/schedule/check';

const NOW = Date.UTC(2026, 0, 15, 12);
const cron = (expression: string, more: Partial<ScheduleInput> = {}): ScheduleInput => ({ timing: { kind: 'cron', expression }, ...more });

it.each(['* * * * *', '*/15 8-18 * * 1-5', '0 3 * * sun', '17 2 1,15 * *', '@daily', '0 0 L * ?', '0 0 29 2 1', '5-55/10 * * * *'])('%s is taken', (expression) => {
  expect(checkSchedule(cron(expression), NOW)).toEqual([]);
});

it.each([
  ['', 'Five fields'],
  ['0 3 * *', 'There are 4'],
  ['0 0 3 * * *', 'There are 6'],
  ['*/100 * * * *', '“minute” (*/100): a step is at least 1 and less than 60.'],
  ['*/60 * * * *', 'less than 60'],
  ['*/0 * * * *', 'at least 1'],
  ['0 */24 * * *', 'less than 24'],
  ['5/10 * * * *', 'a step needs a range: “*/10” or “5-59/10”.'],
  ['60 * * * *', '“minute” (60)'],
  ['0 24 * * *', '“hour” (24)'],
  ['0 0 0 * *', '“day of month” (0)'],
  ['0 0 31 2 *', 'never comes'],
  ['0 0 L-30 2 *', 'This date never comes.'],
  ['0 0 1 13 *', '“month” (13)'],
  ['0 0 * * 8', '“weekday” (8)'],
  ['0 0 * * monday', '“monday” is no value'],
  ['a b c d e', '“a” is no value'],
  ['@reboot', 'no cron expression'],
  ['0-99999999999 * * * *', 'is no value, range or step'],
  [`${'0,'.repeat(150)}0 * * * *`, 'At most 200'],
])('“%s” is refused: %s', (expression, reason) => {
  const problems = checkSchedule(cron(expression), NOW);
  expect(problems.map(({ path }) => path.join('.'))).toEqual(['timing.expression']);
  expect(problems[0]?.message).toContain(reason);
});

it.each(['', 'Mars/Olympus', '+02:00', 'Europe/Berlin; drop', 'Etc'])('“%s” is no time zone', (timeZone) => {
  expect(checkSchedule(cron('0 * * * *', { timeZone }), NOW)).toEqual([{ path: ['timeZone'], message: expect.stringContaining('is no time zone') }]);
});

it('jitter must be shorter than the pause between two firings', () => {
  expect(checkSchedule(cron('*/10 * * * *', { jitterMinutes: 10 }), NOW)).toEqual([{ path: ['jitterMinutes'], message: 'Less than the shortest pause between two firings, which is 10 minutes.' }]);
  expect(checkSchedule(cron('*/10 * * * *', { jitterMinutes: 9 }), NOW)).toEqual([]);
});

it('an interval has its limits', () => {
  expect(checkSchedule({ timing: { kind: 'interval', every: 367, unit: 'days' } }, NOW)).toEqual([{ path: ['timing', 'every'], message: 'Between 1 and 366 days.' }]);
  expect(checkSchedule({ timing: { kind: 'interval', every: 366, unit: 'days' } }, NOW)).toEqual([]);
});

it('whatever is typed gets an answer', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9*,/LW#? -]{0,40}$/)), (expression) => {
      expect(Array.isArray(checkSchedule(cron(expression), NOW))).toBe(true);
    }),
    { numRuns: 500 }
  );
});
