import type { GuardedKind, GuardVerdict } from '../../contracts/guard';
import type { Connection } from '../../domain/connection/connection';
import { guardOf } from '../../domain/guard/limits';
import { minuteOf, windowStart, windowVerdict, type CountedKind } from '../../domain/guard/window';
import type { Clock } from '../../ports/clock';
import type { GuardWindow } from '../../ports/guard-window';

/** Where fewer than this are left, what others do at the same moment is looked at before anything is final. */
const NEAR = 100;

export interface Room {
  /** As what it counts; null: there is no limit, and nothing is counted. */
  countAs: CountedKind | null;
  /** Null: there is room. */
  verdict: GuardVerdict | null;
  /** Others who are at it now could use the room up. */
  isNear: boolean;
  /** How many were linked before; null: nobody had to know. */
  linked: number | null;
}

/** Where it was counted. */
export interface CountedAt {
  connectionId: number;
  countAs: CountedKind;
  minute: number;
}

interface Counted {
  verdict: GuardVerdict | null;
  at: CountedAt | null;
}

const UNLIMITED: Room = { countAs: null, verdict: null, isNear: false, linked: null };

/** The limits of connections against what was done in the last hour. */
export class WindowLimit {
  constructor(
    private readonly window: GuardWindow,
    private readonly clock: Clock
  ) {}

  /** Whether there is room for so many more. */
  async room(connection: Connection, kind: GuardedKind, wanted: number): Promise<Room> {
    const policy = guardOf(connection);
    const { count, percent } = policy.limits[kind];
    if (count === null && percent === null) return UNLIMITED;
    const kinds: CountedKind[] = kind === 'create' ? ['create', 'first-load'] : [kind];
    const sums = await this.window.counts(connection.id, kinds, windowStart(this.clock.now()));
    const done = sums[kind] ?? 0;
    if (kind === 'create' && policy.freeFirstLoad && (await this.isFirstLoad(connection.id, done, sums['first-load'] ?? 0))) {
      return { ...UNLIMITED, countAs: 'first-load' };
    }
    const left = (count ?? 0) - done - wanted;
    if (left >= 0) return { countAs: kind, verdict: null, isNear: left < NEAR, linked: null };
    const linked = await this.window.linked(connection.id);
    return { countAs: kind, verdict: windowVerdict(policy, kind, { done, wanted, linked }), isNear: true, linked };
  }

  /**
   * Counts so many, in the transaction of what is done. A verdict: others were faster at the same moment, and that
   * transaction has to be undone.
   */
  async count(connection: Connection, kind: GuardedKind, { countAs, isNear, linked }: Room, wanted: number): Promise<Counted> {
    if (countAs === null) return { verdict: null, at: null };
    const now = this.clock.now();
    const at = { connectionId: connection.id, countAs, minute: minuteOf(now) };
    await this.window.add(connection.id, countAs, at.minute, wanted);
    return { at, verdict: isNear ? await this.afterOthers(connection, kind, wanted, linked, now) : null };
  }

  /** What was counted ahead was not done. */
  async release({ connectionId, countAs, minute }: CountedAt, number: number): Promise<void> {
    await this.window.add(connectionId, countAs, minute, -number);
  }

  private async afterOthers(connection: Connection, kind: GuardedKind, wanted: number, linked: number | null, now: number): Promise<GuardVerdict | null> {
    const policy = guardOf(connection);
    const sums = await this.window.counts(connection.id, [kind], windowStart(now), { latest: true });
    const done = (sums[kind] ?? 0) - wanted;
    if (done + wanted <= (policy.limits[kind].count ?? 0)) return null;
    return windowVerdict(policy, kind, { done, wanted, linked: linked ?? (await this.window.linked(connection.id)) });
  }

  /**
   * A first load begins with a connection that is linked to nobody, and ends when an hour passes without a creation: an
   * identity provider that sends ten thousand people one by one is not stopped in the middle of it.
   */
  private async isFirstLoad(connectionId: number, created: number, loaded: number): Promise<boolean> {
    return loaded > 0 || (created === 0 && !(await this.window.hasLinks(connectionId)));
  }
}
