import type { Clock } from '../../../server/src/ports/clock';

/** Stands still until it is told to go on. */
export class MemoryClock implements Clock {
  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }

  /** Never goes back. */
  advanceTo(time: number): void {
    this.time = Math.max(this.time, time);
  }
}
