import type { ObjectType } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { DirectoryEntry, DirectoryPage } from '../../ports/directory';
import type { KnownObject, PullStore } from '../../ports/pull-store';
import { backoffMs } from '../push/backoff';
import type { PullContext } from './context';

export interface CycleOptions {
  /** Number of this read: higher than that of any read before. */
  cycle: number;
  /** Objects that are asked for at a time. */
  limit?: number;
  /** Where a read that was interrupted goes on. */
  from?: string | null;
  isStopping?: () => boolean;
  /** After each page, when all its objects were handed over; `next` is what `from` takes. */
  onPage?: (next: string | null) => Promise<void> | void;
}

export interface CycleDeps {
  pulls: PullStore;
  /** Lets time pass while the source asks for it. */
  wait(ms: number): Promise<void>;
  random(): number;
}

export interface CycleResult {
  read: number;
  /** Why who did not come may be there all the same; null: the read was complete. */
  incomplete: string | null;
  stopped: boolean;
}

const PAGE_SIZE = 100;
const ATTEMPTS = 6;
/** A page of objects that all came before in this read: once after an interruption, never twice in a row. */
const MAX_STALE = 2;

/**
 * Walks through the objects of a source, page by page, and hands each over with what is known of it here. Only ids of one
 * page are in memory: who was seen is marked in the database with the number of the read. What `each` throws ends the walk.
 */
export async function pullCycle(
  pull: PullContext,
  type: ObjectType,
  options: CycleOptions,
  each: (entry: DirectoryEntry, known: KnownObject | null) => Promise<void>,
  deps: CycleDeps
): Promise<CycleResult> {
  const { cycle, limit = PAGE_SIZE, isStopping = () => false } = options;
  const { connection } = pull;
  let cursor = options.from ?? null;
  let read = 0;
  let stale = 0;
  for (;;) {
    if (isStopping()) return { read, incomplete: 'The read was stopped.', stopped: true };
    const page = await patiently(() => pull.source.list(type, { cursor, limit }), deps);
    const refs = page.entries.map(({ ref }) => ref);
    const known = new Map((await deps.pulls.known(connection.id, type, refs)).map((object) => [object.remoteId, object]));
    stale = refs.length > 0 && refs.every((ref) => known.get(ref)?.seenCycle === cycle) ? stale + 1 : 0;
    for (const entry of page.entries) {
      if (isStopping()) return { read, incomplete: 'The read was stopped.', stopped: true };
      await each(entry, known.get(entry.ref) ?? null);
    }
    await deps.pulls.seen(connection.id, type, refs, cycle);
    read += refs.length;
    await options.onPage?.(page.next);
    if (page.next === null) return { read, incomplete: page.incomplete, stopped: false };
    if (stale >= MAX_STALE) return { read, incomplete: 'The read of the source was not complete: it went round in circles.', stopped: false };
    cursor = page.next;
  }
}

/** A source that is busy or away for a moment is waited for; then its error is thrown. */
export async function patiently<T = DirectoryPage>(ask: () => Promise<T>, { wait, random }: Pick<CycleDeps, 'wait' | 'random'>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof ProvisioningError && (error.code === 'target-unavailable' || error.code === 'target-rate-limited');
      if (!passes || attempt >= ATTEMPTS) throw error;
      await wait(backoffMs(attempt, error.retryAfterMs, random()));
    }
  }
}
