import type { GuardedKind, GuardVerdict, HeldObjectPage, HoldInfo } from '../../../server/src/contracts/guard';
import type { CountedKind } from '../../../server/src/domain/guard/window';
import type { Clock } from '../../../server/src/ports/clock';
import type { GuardWindow, WindowCounts } from '../../../server/src/ports/guard-window';
import { LISTED_OBJECTS, type HoldObject, type HoldStore } from '../../../server/src/ports/hold-store';
import type { MemoryLinkStore } from './link-store';
import type { MemoryOutbox } from './outbox';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

interface Bucket {
  connectionId: number;
  kind: CountedKind;
  minute: number;
  total: number;
}

export class MemoryGuardWindow implements GuardWindow {
  private readonly buckets: MemoryTable<Bucket>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly links: MemoryLinkStore
  ) {
    this.buckets = database.table<Bucket>({ bucket: (row) => JSON.stringify([row.connectionId, row.kind, row.minute]) });
  }

  counts(connectionId: number, kinds: readonly CountedKind[], fromMinute: number): Promise<WindowCounts> {
    return this.database.query(() => {
      const sums: Partial<Record<CountedKind, number>> = {};
      for (const row of this.buckets.where((one) => one.connectionId === connectionId && kinds.includes(one.kind) && one.minute >= fromMinute)) {
        sums[row.kind] = (sums[row.kind] ?? 0) + row.total;
      }
      return sums;
    });
  }

  async add(connectionId: number, kind: CountedKind, minute: number, by: number): Promise<void> {
    await this.database.query(() => {
      const changed = this.buckets.update((one) => one.connectionId === connectionId && one.kind === kind && one.minute === minute, ({ total }) => ({ total: total + by }));
      if (changed === 0) this.buckets.insert({ connectionId, kind, minute, total: by });
    });
  }

  async reset(connectionId: number, kinds: readonly CountedKind[]): Promise<void> {
    await this.database.query(() => this.buckets.delete((one) => one.connectionId === connectionId && kinds.includes(one.kind)));
  }

  async linked(connectionId: number): Promise<number> {
    let total = 0;
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.links.linksPage(connectionId, 'User', after, 1_000);
      total += page.links.length;
      after = page.next;
    }
    return total;
  }

  async hasLinks(connectionId: number): Promise<boolean> {
    return (await this.links.linksPage(connectionId, 'User', 0, 1)).links.length > 0;
  }

  async prune(beforeMinute: number): Promise<void> {
    await this.database.query(() => this.buckets.delete((one) => one.minute < beforeMinute));
  }
}

interface HoldRow {
  connectionId: number;
  kind: GuardedKind;
  state: 'held' | 'approved';
  since: number;
  lastAt: number;
  attempts: number;
  listed: number;
  beyond: number;
  verdict: GuardVerdict;
  approvedBy: string | null;
  approvedUntil: number | null;
}

type ObjectRow = HoldObject & { connectionId: number; kind: GuardedKind; firstAt: number; lastAt: number; attempts: number; approvedUntil: number | null };

export class MemoryHoldStore implements HoldStore {
  private readonly holds: MemoryTable<HoldRow>;
  private readonly listed: MemoryTable<ObjectRow>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly clock: Clock,
    private readonly outbox: MemoryOutbox
  ) {
    this.holds = database.table<HoldRow>({ kind: (row) => JSON.stringify([row.connectionId, row.kind]) });
    // No unique key: it would look at every row for each of ten thousand.
    this.listed = database.table<ObjectRow>();
  }

  held(): Promise<{ connectionId: number; kind: GuardedKind }[]> {
    return this.database.query(() => this.holds.where((row) => row.state === 'held').map(({ connectionId, kind }) => ({ connectionId, kind })));
  }

  verdict(connectionId: number, kind: GuardedKind): Promise<GuardVerdict | null> {
    return this.database.query(() => this.holds.first((row) => is(row, connectionId, kind) && row.state === 'held')?.verdict ?? null);
  }

  open(connectionId: number, kind: GuardedKind, verdict: GuardVerdict): Promise<boolean> {
    const now = this.clock.now();
    return this.database.query(() => {
      if (this.holds.update((row) => is(row, connectionId, kind) && row.state === 'held', ({ attempts }) => ({ attempts: attempts + 1, lastAt: now })) > 0) return false;
      const begun: HoldRow = { connectionId, kind, state: 'held', since: now, lastAt: now, attempts: 1, listed: 0, beyond: 0, verdict, approvedBy: null, approvedUntil: null };
      if (this.holds.update((row) => is(row, connectionId, kind), () => begun) === 0) this.holds.insert(begun);
      return true;
    });
  }

  refuse(connectionId: number, kind: GuardedKind, objects: readonly HoldObject[]): Promise<number> {
    const now = this.clock.now();
    return this.database.query(() => {
      const known = new Set(this.listed.where((row) => is(row, connectionId, kind)).map(({ key }) => key));
      const room = LISTED_OBJECTS - (this.holds.first((row) => is(row, connectionId, kind))?.listed ?? 0);
      let added = 0;
      let beyond = 0;
      for (const object of objects) {
        if (known.has(object.key)) {
          this.listed.update(
            (row) => is(row, connectionId, kind) && row.key === object.key,
            ({ attempts, approvedUntil }) => ({ attempts: attempts + 1, lastAt: now, approvedUntil: (approvedUntil ?? 0) > now ? approvedUntil : null })
          );
        } else if (added < room) {
          this.listed.insert({ ...object, connectionId, kind, firstAt: now, lastAt: now, attempts: 1, approvedUntil: null });
          added += 1;
        } else beyond += 1;
      }
      this.holds.update((row) => is(row, connectionId, kind), (hold) => ({ listed: hold.listed + added, beyond: hold.beyond + beyond }));
      return added;
    });
  }

  approved(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<Set<string>> {
    return this.database.query(
      () => new Set(this.listed.where((row) => is(row, connectionId, kind) && keys.includes(row.key) && this.isApproved(row)).map(({ key }) => key))
    );
  }

  async done(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<void> {
    await this.database.query(() => this.listed.delete((row) => is(row, connectionId, kind) && keys.includes(row.key)));
  }

  async approve(connectionId: number, kind: GuardedKind, until: number, by: string): Promise<number | null> {
    const approved = await this.database.query(() => {
      const ended = this.holds.update((row) => is(row, connectionId, kind) && row.state === 'held', () => ({ state: 'approved', approvedBy: by, approvedUntil: until }));
      return ended === 0 ? null : this.listed.update((row) => is(row, connectionId, kind) && !this.isApproved(row), () => ({ approvedUntil: until }));
    });
    if (approved !== null) await this.outbox.releaseHeld(connectionId);
    return approved;
  }

  async dismiss(connectionId: number, kind: GuardedKind): Promise<boolean> {
    const dismissed = await this.database.query(() => {
      this.listed.delete((row) => is(row, connectionId, kind));
      return this.holds.delete((row) => is(row, connectionId, kind)) > 0;
    });
    if (dismissed) await this.outbox.releaseHeld(connectionId);
    return dismissed;
  }

  list(connectionId: number): Promise<HoldInfo[]> {
    return this.database.query(() =>
      this.holds
        .where((row) => row.connectionId === connectionId)
        .map(({ kind, state, since, lastAt, attempts, beyond, verdict, approvedBy, approvedUntil }) => {
          const objects = this.listed.where((row) => is(row, connectionId, kind));
          const approved = objects.filter((row) => this.isApproved(row)).length;
          return {
            kind, state, since: iso(since), lastAt: iso(lastAt), waiting: objects.length - approved, approved, beyond, attempts, verdict, approvedBy,
            approvedUntil: approvedUntil === null ? null : iso(approvedUntil),
          };
        })
        .filter(({ state, approved }) => state === 'held' || approved > 0)
    );
  }

  objects(connectionId: number, kind: GuardedKind, after: number, limit: number): Promise<HeldObjectPage> {
    return this.database.query(() => {
      const rows = this.listed.where((row) => is(row, connectionId, kind) && row.id > after).sort((left, right) => left.id - right.id);
      const shown = rows.slice(0, limit);
      const results = shown.map((row) => ({
        objectId: row.objectId, name: row.name, asked: row.asked, state: this.isApproved(row) ? ('approved' as const) : ('waiting' as const),
        since: iso(row.firstAt), lastAt: iso(row.lastAt), attempts: row.attempts,
      }));
      return { results, nextCursor: rows.length > limit ? String(shown.at(-1)?.id) : null };
    });
  }

  async counts(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const { connectionId } of await this.held()) counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1);
    return counts;
  }

  async prune(): Promise<void> {
    const isOver = (row: { approvedUntil: number | null }): boolean => row.approvedUntil !== null && row.approvedUntil <= this.clock.now();
    await this.database.query(() => {
      this.listed.delete(isOver);
      this.holds.delete((row) => row.state === 'approved' && isOver(row));
    });
  }

  private isApproved({ approvedUntil }: ObjectRow): boolean {
    return (approvedUntil ?? 0) > this.clock.now();
  }
}

const is = (row: { connectionId: number; kind: GuardedKind }, connectionId: number, kind: GuardedKind): boolean => row.connectionId === connectionId && row.kind === kind;

const iso = (time: number): string => new Date(time).toISOString();
