import { charge, fault } from './budget';

const FIELD = /yyyy|yy|MM|M|dd|d|HH|H|mm|m|ss|s|'[^']*'/g;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Reads an ISO 8601 date or time; without a time of day it is midnight UTC. */
function momentOf(value: string): Date {
  const moment = ISO_DAY.test(value) || ISO_TIME.test(value) ? new Date(value) : new Date(Number.NaN);
  if (Number.isNaN(moment.getTime())) throw fault(`“${value.slice(0, 40)}” is not a date such as 2026-11-21 or 2026-11-21T08:00:00Z.`);
  return moment;
}

function partsIn(moment: Date, timeZone: string): Parts {
  charge(200);
  let found: Intl.DateTimeFormatPart[];
  try {
    const format = new Intl.DateTimeFormat('en-u-hc-h23', {
      timeZone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    found = format.formatToParts(moment);
  } catch {
    throw fault(`“${timeZone.slice(0, 40)}” is not a time zone such as Europe/Berlin.`);
  }
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(found.find((part) => part.type === type)?.value);
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute'), second: of('second') };
}

const pad = (value: number, length: number): string => String(value).padStart(length, '0');

/** `yyyy MM dd HH mm ss` and their short forms; text in single quotes stays as it is. UTC unless a time zone is named. */
export function formatDate(value: string, pattern: string, timeZone = 'UTC'): string {
  if (value === '') return '';
  const parts = partsIn(momentOf(value), timeZone);
  return pattern.replace(FIELD, (field) => {
    switch (field) {
      case 'yyyy': return pad(parts.year, 4);
      case 'yy': return pad(parts.year % 100, 2);
      case 'MM': case 'M': return pad(parts.month, field.length);
      case 'dd': case 'd': return pad(parts.day, field.length);
      case 'HH': case 'H': return pad(parts.hour, field.length);
      case 'mm': case 'm': return pad(parts.minute, field.length);
      case 'ss': case 's': return pad(parts.second, field.length);
      default: return field.slice(1, -1);
    }
  });
}

/** Reads a date written in a pattern of `formatDate`, as UTC; answers ISO 8601, without a time where the pattern has none. */
export function parseDate(value: string, pattern: string): string {
  if (value === '') return '';
  const refuse = () => fault(`“${value.slice(0, 40)}” is not a date of the form ${pattern}.`);
  const parts: Record<string, number> = { y: 0, M: 1, d: 1, H: 0, m: 0, s: 0 };
  let at = 0;
  let rest = 0;
  const literal = (expected: string): void => {
    if (!value.startsWith(expected, at)) throw refuse();
    at += expected.length;
  };
  for (const match of pattern.matchAll(FIELD)) {
    literal(pattern.slice(rest, match.index));
    const [field] = match;
    rest = match.index + field.length;
    if (field.startsWith("'")) {
      literal(field.slice(1, -1));
      continue;
    }
    const most = field.length === 1 ? 2 : field.length;
    let end = at;
    while (end < at + most && /\d/.test(value.charAt(end))) end += 1;
    if (end - at < field.length) throw refuse();
    const number = Number(value.slice(at, end));
    parts[field.charAt(0)] = field === 'yy' ? 2_000 + number : number;
    at = end;
  }
  literal(pattern.slice(rest));
  const { y = 0, M = 1, d = 1, H = 0, m = 0, s = 0 } = parts;
  const iso = `${pad(y, 4)}-${pad(M, 2)}-${pad(d, 2)}T${pad(H, 2)}:${pad(m, 2)}:${pad(s, 2)}Z`;
  const moment = new Date(iso);
  // 31 February is no date, whatever it rolls over to.
  if (at !== value.length || Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(iso.slice(0, 19))) throw refuse();
  return /[Hms]/.test(pattern.replace(/'[^']*'/g, '')) ? iso : iso.slice(0, 10);
}
