import type { Population } from '../../contracts/connection';
import type { Clock } from '../../ports/clock';
import { TABLES } from '../../models';
import type { Knex } from 'knex';
import { toNumber, type Database, type Tables } from '../database';

/** How long another instance's users may be missing from a count. */
const STALE_MS = 5_000;

export interface Count {
  total: number;
  /** Largest row id that was counted: what came later is behind it. */
  lastId: number;
}

/**
 * How many users each population has, kept by our own commits and read again now and then, because other instances
 * write too. Counting them for every page would make each page cost as much as the site is large.
 */
export class LiveCounts {
  private readonly known = new Map<Population, Count & { at: number }>();
  private readonly pending = new Map<Population, number>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async of(population: Population): Promise<Count> {
    const known = this.known.get(population);
    if (known !== undefined && this.clock.now() - known.at < STALE_MS) return known;
    // A commit while this reads may or may not be in what it read: then the next one reads again.
    const before = this.changes(population);
    const live = (tables: Tables): Knex.QueryBuilder => tables(TABLES.identities).where({ population }).whereNull('state').whereNotNull('account_id');
    const [row] = await this.database.query<{ total: number | string; last: number | null }[]>(async (tables) => live(tables).count({ total: '*' }).max({ last: 'id' }));
    const count = { total: toNumber(row?.total ?? 0), lastId: toNumber(row?.last ?? 0), at: this.clock.now() };
    if (this.changes(population) === before) this.known.set(population, count);
    return count;
  }

  /** In the transaction that makes identities; they count once it is committed. */
  async added(population: Population, number: number, lastId: number): Promise<void> {
    await this.database.afterCommit(() => {
      this.change(population, number, lastId);
    });
  }

  /** The same where a user stops being one. */
  async removed(population: Population): Promise<void> {
    await this.database.afterCommit(() => {
      this.change(population, -1, 0);
    });
  }

  /** Something else changed who counts. */
  async changed(population: Population): Promise<void> {
    await this.database.afterCommit(() => {
      this.pending.set(population, this.changes(population) + 1);
      this.known.delete(population);
    });
  }

  private changes(population: Population): number {
    return this.pending.get(population) ?? 0;
  }

  private change(population: Population, by: number, id: number): void {
    this.pending.set(population, this.changes(population) + 1);
    const known = this.known.get(population);
    if (known !== undefined) this.known.set(population, { ...known, total: known.total + by, lastId: Math.max(known.lastId, id) });
  }
}
