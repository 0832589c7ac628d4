import { TABLES } from '../models';
import type { CountedKind } from '../domain/guard/window';
import type { Clock } from '../ports/clock';
import type { GuardWindow, WindowCounts } from '../ports/guard-window';
import { toNumber, type Database } from './database';

/** Counting links may take about a hundredth of the time; small connections are counted every second. */
const SHARE = 100;
const FRESH_MS = 1_000;

interface Linked {
  total: number;
  until: number;
}

export class SqlGuardWindow implements GuardWindow {
  private readonly known = new Map<number, Linked>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async counts(connectionId: number, kinds: readonly CountedKind[], fromMinute: number, { latest } = { latest: false }): Promise<WindowCounts> {
    const rows = await this.database.query<{ kind: CountedKind; total: number | string }[]>(async (tables) => {
      const buckets = tables(TABLES.guardCounts).where({ connection_id: connectionId }).whereIn('kind', [...kinds]).where('minute', '>=', fromMinute);
      // MySQL reads a transaction's snapshot unless it locks; the others see what was committed meanwhile.
      if (latest && this.database.client === 'mysql') return buckets.select('kind', 'total').forUpdate();
      return buckets.groupBy('kind').select('kind').sum({ total: 'total' });
    });
    const sums: Partial<Record<CountedKind, number>> = {};
    for (const { kind, total } of rows) sums[kind] = (sums[kind] ?? 0) + toNumber(total);
    return sums;
  }

  async add(connectionId: number, kind: CountedKind, minute: number, by: number): Promise<void> {
    await this.database.query(async (tables, knex) =>
      tables(TABLES.guardCounts)
        .insert({ connection_id: connectionId, kind, minute, total: by })
        .onConflict(['connection_id', 'kind', 'minute'])
        .merge({ total: knex.raw('?? + ?', [`${TABLES.guardCounts}.total`, by]) })
    );
  }

  async reset(connectionId: number, kinds: readonly CountedKind[]): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.guardCounts).where({ connection_id: connectionId }).whereIn('kind', [...kinds]).delete());
  }

  async linked(connectionId: number): Promise<number> {
    const known = this.known.get(connectionId);
    const startedAt = this.clock.now();
    if (known !== undefined && startedAt < known.until) return known.total;
    const [row] = await this.database.query<{ total: number | string }[]>(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: 'User' }).count({ total: '*' })
    );
    const now = this.clock.now();
    const total = toNumber(row?.total ?? 0);
    this.known.set(connectionId, { total, until: now + Math.max(FRESH_MS, (now - startedAt) * SHARE) });
    return total;
  }

  async hasLinks(connectionId: number): Promise<boolean> {
    const row = await this.database.query<{ id: number } | undefined>(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: 'User' }).first('id')
    );
    return row !== undefined;
  }

  async prune(beforeMinute: number): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.guardCounts).where('minute', '<', beforeMinute).delete());
  }
}
