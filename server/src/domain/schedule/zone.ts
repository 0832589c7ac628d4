/**
 * Wall clocks and instants. A wall time is the epoch milliseconds it would have if it were UTC, so that it can be counted with;
 * `Intl` knows the zones.
 */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const FORMATS = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  FORMATS.set(zone, format);
  return format;
};

/** Names only: an offset would never change with daylight saving, which is what people do not expect of it. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What clocks in the zone show at the instant. */
export function wallOf(instant: number, zone: string): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const offsetAt = (instant: number, zone: string): number => wallOf(instant, zone) - Math.floor(instant / 1_000) * 1_000;

/** The one offset of the wall day, or null where clocks are changed on it or right beside it. */
export function steadyOffset(wallDay: number, zone: string): number | null {
  const before = offsetAt(wallDay - DAY_MS, zone);
  return offsetAt(wallDay + 2 * DAY_MS, zone) === before && offsetAt(wallDay + DAY_MS / 2, zone) === before ? before : null;
}

/** When clocks show this time: once, twice where they are set back, never where they jump over it. Earliest first. */
export function instantsOf(wall: number, zone: string): number[] {
  const offsets = new Set([wall - DAY_MS, wall + DAY_MS].map((near) => offsetAt(near, zone)));
  return [...offsets].map((offset) => wall - offset).filter((instant) => wallOf(instant, zone) === wall).sort((a, b) => a - b);
}

/** The instant at which clocks jumped over this wall time. */
export function jumpOver(wall: number, zone: string): number {
  let early = wall - offsetAt(wall + DAY_MS, zone);
  let late = wall - offsetAt(wall - DAY_MS, zone);
  while (late - early > MINUTE_MS) {
    const middle = early + Math.floor((late - early) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallOf(middle, zone) > wall) late = middle;
    else early = middle;
  }
  return late;
}
