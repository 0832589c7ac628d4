import type { IdSource } from '../../../server/src/ports/clock';

/** UUIDs in a row, so that a failing test names the same ids every time. */
export class MemoryIdSource implements IdSource {
  private last = 0;

  uuid(): string {
    this.last += 1;
    return `00000000-0000-4000-8000-${String(this.last).padStart(12, '0')}`;
  }
}
