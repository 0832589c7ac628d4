import { schedule, type ScheduledTask } from 'node-cron';
import type { ReadSummary } from '../engine/read-summary';
import { windowStart } from '../domain/guard/window';
import type { Database } from '../strapi/database';
import { removeLeftovers } from '../strapi/leftovers';
import type { LogSeals } from '../strapi/log-seals';
import type { OperationReader } from '../strapi/operation-reader';
import type { TokenStore } from '../strapi/token-store';

const DAY_MS = 24 * 60 * 60 * 1_000;

interface RetentionParts {
  database: Database;
  reads: ReadSummary;
  operations: OperationReader;
  logSeals: LogSeals;
  transitions: { prune(before: number): Promise<void> };
  runStore: { prune(before: number): Promise<number> };
  tokens: TokenStore;
  holds: { prune(): Promise<void> };
  guardWindow: { prune(beforeMinute: number): Promise<void> };
  config: { logRetentionDays: number };
  now(): number;
}

/** Housekeeping: summarised reads become rows of the log every minute, its old rows and old runs go at night, expired tokens and what the guard counted every hour. */
export class RetentionJob {
  private tasks: ScheduledTask[] = [];

  constructor(
    private readonly parts: RetentionParts,
    private readonly onError: (error: unknown) => void
  ) {}

  start(): void {
    const guarded = (work: () => Promise<unknown>) => () => work().then(() => undefined, this.onError);
    this.tasks = [
      schedule('* * * * *', guarded(() => this.parts.reads.flush()), { noOverlap: true }),
      schedule('7 * * * *', guarded(() => this.parts.tokens.removeExpired()), { noOverlap: true }),
      schedule('11 * * * *', guarded(() => this.pruneGuard()), { noOverlap: true }),
      schedule('17 3 * * *', guarded(() => this.prune()), { noOverlap: true }),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.destroy()));
  }

  private async pruneGuard(): Promise<void> {
    const { guardWindow, holds, now } = this.parts;
    await guardWindow.prune(windowStart(now()));
    await holds.prune();
  }

  /** What is older than the log is kept for, and what is left of connections that are gone. */
  async prune(): Promise<number> {
    const { config, database, logSeals, operations, runStore, transitions, now } = this.parts;
    await removeLeftovers(database);
    if (config.logRetentionDays === 0) return 0;
    const before = now() - config.logRetentionDays * DAY_MS;
    await transitions.prune(before);
    // Plans say the same of people as the log does, and go with it.
    return (await logSeals.prune(before)) + (await operations.prune(before)) + (await runStore.prune(before));
  }
}
