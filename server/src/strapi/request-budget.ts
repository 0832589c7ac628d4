import { ProvisioningError } from '../domain/errors';
import { nextSlot, slotRules } from '../domain/rate/slots';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { RequestBudget } from '../ports/request-budget';
import { toNumberOrNull, type Database } from './database';
import { ensureRow } from './target-health';

/** Longer than this a request does not wait in the line: its change is taken up again when there is room. */
const LONGEST_WAIT_MS = 20_000;

const US = 1_000;

/**
 * One connection's limit of requests, shared by all instances through one number in the database. Who asks first goes first:
 * each request is promised its own moment, and sleeps until then.
 */
export class SqlRequestBudget implements RequestBudget {
  private line: Promise<unknown> = Promise.resolve();
  private hasRow = false;

  constructor(
    private readonly connectionId: number,
    private readonly perMinute: number,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  ) {}

  async take(): Promise<void> {
    // One after the other within this instance: only other instances can be in the way.
    const promised = this.line.then(() => this.reserve());
    this.line = promised.catch(() => undefined);
    const waitMs = await promised;
    if (waitMs > 0) await this.sleep(waitMs);
  }

  private async reserve(): Promise<number> {
    const rules = slotRules(this.perMinute);
    if (!this.hasRow) await ensureRow(this.database, this.connectionId);
    this.hasRow = true;
    for (;;) {
      const row = await this.database.query<{ budget_until: number | string | null } | undefined>(async (tables) =>
        tables(TABLES.targetHealth).where({ connection_id: this.connectionId }).first('budget_until')
      );
      // The connection was removed: what is under way may end.
      if (row === undefined) return 0;
      const present = toNumberOrNull(row.budget_until);
      const { filledUntilUs, waitUs } = nextSlot(rules, present, this.clock.now() * US);
      const waitMs = Math.ceil(waitUs / US);
      if (waitMs > LONGEST_WAIT_MS) {
        const message = `The connection’s limit of ${this.perMinute} requests per minute is used up for now; nothing was sent.`;
        throw new ProvisioningError('target-rate-limited', message, { retryAfterMs: waitMs - LONGEST_WAIT_MS / 2 });
      }
      const isMine = await this.database.query<number>(async (tables) =>
        tables(TABLES.targetHealth)
          .where({ connection_id: this.connectionId })
          .andWhere((same) => (present === null ? same.whereNull('budget_until') : same.where('budget_until', present)))
          .update({ budget_until: filledUntilUs })
      );
      if (isMine > 0) return waitMs;
    }
  }
}
