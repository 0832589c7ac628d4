import type { IntervalUnit } from '../../contracts/schedule';
import { instantsOf, jumpOver, wallOf } from './zone';

const DAY_MS = 86_400_000;
const ELAPSED = { minutes: 60_000, hours: 3_600_000 } as const;

/**
 * Every so many minutes or hours of elapsed time, or days by the calendar of the zone at the same time of day, counted from the
 * anchor; the first one a whole interval after it.
 */
export function* intervalSlots(every: number, unit: IntervalUnit, zone: string, anchor: number, after: number): Generator<number> {
  if (unit !== 'days') {
    const step = every * ELAPSED[unit];
    for (let count = Math.max(1, Math.floor((after - anchor) / step) + 1); ; count += 1) yield anchor + count * step;
  }
  const start = wallOf(anchor, zone);
  // A clock change moves a day by less than one.
  for (let count = Math.max(1, Math.floor((after - anchor) / (every * DAY_MS)) - 1); ; count += 1) {
    const wall = start + count * every * DAY_MS;
    const slot = instantsOf(wall, zone)[0] ?? jumpOver(wall, zone);
    if (slot > after) yield slot;
  }
}
