import { validateDetailed } from 'node-cron';
import { instantsOf, jumpOver, steadyOffset, wallOf } from './zone';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Leap days on one weekday are up to forty years apart. */
const HORIZON_DAYS = 41 * 366;

/** Of each field: its name, the names its values may have, and how many values there are. */
const FIELDS = [
  { name: 'minute', words: '', most: 60 },
  { name: 'hour', words: '', most: 24 },
  { name: 'day of month', words: '', most: 31 },
  { name: 'month', words: 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec', most: 12 },
  { name: 'weekday', words: 'sun|mon|tue|wed|thu|fri|sat', most: 7 },
] as const;

const KEYS: Record<string, string> = { dayOfMonth: 'day of month', dayOfWeek: 'weekday', second: 'minute' };

export interface CronFields {
  minutes: number[];
  hours: number[];
  months: ReadonlySet<number>;
  /** Numbers, and the tokens of node-cron: `L`, `L-3`, `15W`, `LW`; `5L`, `2#1`. */
  days: (number | string)[];
  weekdays: (number | string)[];
  /** No hour is named: it goes by elapsed time, clock changes or not. */
  everyHour: boolean;
}

/** Reads the expression, or says why not. node-cron expands what is written before it looks at it, and takes steps that never come. */
export function parseCron(expression: string): CronFields | { problem: string } {
  const text = expression.trim();
  if (text.length > 200) return { problem: 'At most 200 characters.' };
  if (!text.startsWith('@')) {
    const written = text.split(/\s+/);
    if (written.length !== FIELDS.length) return { problem: `Five fields: minute, hour, day of month, month, weekday. There are ${text === '' ? 0 : written.length}.` };
    for (const [index, { name, words, most }] of FIELDS.entries()) {
      const problem = looksWrong(written[index] ?? '', words, most);
      if (problem !== null) return { problem: `The field “${name}” (${written[index]}): ${problem}` };
    }
  }
  const { valid, fields, errors } = validateDetailed(text);
  if (!valid || fields === undefined) {
    const [first] = errors;
    return { problem: first === undefined || first.field === 'expression' ? 'This is no cron expression.' : `The field “${KEYS[first.field] ?? first.field}” (${first.value ?? ''}) is not valid, or never comes.` };
  }
  const { minute, hour, dayOfMonth, month, dayOfWeek } = fields;
  return { minutes: ascending(minute), hours: ascending(hour), months: new Set(month), days: dayOfMonth, weekdays: dayOfWeek, everyHour: new Set(hour).size === 24 };
}

const ascending = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

function looksWrong(field: string, words: string, most: number): string | null {
  const value = words === '' ? '\\d{1,2}' : `(?:\\d{1,2}|${words})`;
  const range = new RegExp(`^(?:\\*|${value}(?:-${value})?)(?:/(\\d+))?$`, 'i');
  for (const part of field.split(',')) {
    const found = range.exec(part);
    if (found === null) {
      if (most >= 7 && /^(?:\?|L|L-\d{1,2}|\d{1,2}W|LW|[0-7]L|[0-7]#[1-5])$/i.test(part)) continue;
      return `“${part}” is no value, range or step.`;
    }
    const [, step] = found;
    if (step === undefined) continue;
    if (!/^\*|-/.test(part)) return `a step needs a range: “*/${step}” or “${part.split('/')[0]}-${most - 1}/${step}”.`;
    if (Number(step) < 1 || Number(step) >= most) return `a step is at least 1 and less than ${most}.`;
  }
  return null;
}

/**
 * The instants it fires at, after the given one, in order. Clocks that jump over a named hour fire when they have jumped; an hour
 * that comes twice fires once. Where every hour is meant, neither makes a difference to the rhythm.
 */
export function* cronSlots(fields: CronFields, zone: string, after: number): Generator<number> {
  let last = after;
  // The day before too: where clocks are changed at midnight it may reach into this one, or come back.
  let day = Math.floor(wallOf(after, zone) / DAY_MS) * DAY_MS - DAY_MS;
  for (let left = HORIZON_DAYS; left > 0; left -= 1, day += DAY_MS) {
    if (!isDay(fields, day)) continue;
    for (const slot of slotsOfDay(fields, zone, day)) {
      if (slot <= last) continue;
      yield slot;
      last = slot;
      left = HORIZON_DAYS;
    }
  }
}

function slotsOfDay({ hours, minutes, everyHour }: CronFields, zone: string, day: number): number[] {
  const walls = hours.flatMap((hour) => minutes.map((minute) => day + hour * HOUR_MS + minute * MINUTE_MS));
  const offset = steadyOffset(day, zone);
  if (offset !== null) return walls.map((wall) => wall - offset);
  const slots = walls.flatMap((wall) => {
    const instants = instantsOf(wall, zone);
    if (everyHour) return instants;
    return [instants[0] ?? jumpOver(wall, zone)];
  });
  return slots.sort((a, b) => a - b);
}

/** As node-cron has it: the day of the month and the weekday have to fit both. */
function isDay({ months, days, weekdays }: CronFields, day: number): boolean {
  const date = new Date(day);
  if (!months.has(date.getUTCMonth() + 1)) return false;
  return days.some((token) => fitsDay(token, date)) && weekdays.some((token) => fitsWeekday(token, date));
}

const lastDayOf = (date: Date): number => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function fitsDay(token: number | string, date: Date): boolean {
  const today = date.getUTCDate();
  if (typeof token === 'number') return token === today;
  const last = lastDayOf(date);
  if (token === 'L') return today === last;
  if (token.startsWith('L-')) return today === last - Number(token.slice(2));
  const target = token === 'LW' ? last : Number(token.slice(0, -1));
  return target >= 1 && target <= last && today === workday(target, last, date);
}

/** The working day next to it in the same month. */
function workday(target: number, last: number, date: Date): number {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), target)).getUTCDay();
  if (weekday === 6) return target === 1 ? 3 : target - 1;
  if (weekday === 0) return target === last ? target - 2 : target + 1;
  return target;
}

function fitsWeekday(token: number | string, date: Date): boolean {
  const today = date.getUTCDay();
  if (typeof token === 'number') return token === today;
  if (Number(token[0]) % 7 !== today) return false;
  return token.includes('#') ? Math.ceil(date.getUTCDate() / 7) === Number(token.slice(2)) : date.getUTCDate() + 7 > lastDayOf(date);
}
