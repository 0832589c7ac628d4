import { isSelective, outboundOf } from '../domain/connection/outbound';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { ConnectionStore } from '../ports/connection-store';
import type { Outbox } from '../ports/outbox';
import { toNumber, type Database } from './database';
import type { DeliveryStates } from './delivery-state';
import type { SqlStandingStore } from './standing-store';

const BATCH = 500;

/** So long another instance may still decide by the connection as it was: then everybody is looked at once more. */
const STALE_MS = 6_000;

/** Done, and to be done once more by the job's next run; before every id. */
const AGAIN = -1;

interface WaitingRow {
  id: number;
  population: string;
  requeue_after: number;
  updated_at: number | string;
}

/**
 * Looks at everybody of a connection anew, after its scope or its rules changed: markers, in pages. That it has to be done,
 * and how far it came, stands with the connection, so that it goes on after a crash.
 */
export class Requeue {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly connections: ConnectionStore,
    private readonly outbox: Outbox,
    private readonly states: DeliveryStates,
    private readonly standings: SqlStandingStore,
    private readonly wakeWorker: () => void
  ) {}

  /** Asks for it; `busy`: it is being done already. */
  async request(id: number): Promise<'started' | 'busy'> {
    const noted = await this.database.query<number>(async (tables) => tables(TABLES.connections).where({ id }).whereNull('requeue_after').update({ requeue_after: 0 }));
    return noted > 0 ? 'started' : 'busy';
  }

  async run(isStopping: () => boolean): Promise<void> {
    const waiting = await this.database.query<WaitingRow[]>(async (tables) =>
      tables(TABLES.connections).whereNotNull('requeue_after').select('id', 'population', 'requeue_after', 'updated_at')
    );
    for (const row of waiting) await this.one(row, isStopping);
  }

  private async one({ id, population, requeue_after: from, updated_at }: WaitingRow, isStopping: () => boolean): Promise<void> {
    const again = this.database.client !== 'sqlite' && this.clock.now() - toNumber(updated_at) < STALE_MS;
    // First those who are remembered for not taking part: some have no account any more and are on no page of the population.
    for (let after = 0; from <= 0 && !isStopping(); ) {
      const page = await this.standings.page(id, after, BATCH);
      const last = page.at(-1);
      if (last === undefined) break;
      await this.outbox.mark([id], 'User', page.map(({ scimId }) => scimId), null);
      after = last.id;
    }
    if (from <= 0 && !isStopping()) {
      await this.forgetIfPlain(id);
      // What failed as the connection was gets another try.
      await this.states.retryFailed(id);
    }
    for (let after = from; !isStopping(); ) {
      const page = await this.states.identityPage(population, after, BATCH);
      const last = page.at(-1);
      const goesOn = await this.database.run(async () => {
        await this.outbox.mark([id], 'User', page.map(({ scimId }) => scimId), null);
        return this.database.query<number>(async (tables) =>
          tables(TABLES.connections).where({ id, requeue_after: after }).update({ requeue_after: last?.id ?? (again ? AGAIN : null) })
        );
      });
      this.wakeWorker();
      // The connection was changed once more, or another instance goes on with it.
      if (last === undefined || goesOn === 0) return;
      after = last.id;
    }
  }

  /** A connection that provisions everybody at once does not ask how people stand: what it remembers would be wrong one day. */
  private async forgetIfPlain(id: number): Promise<void> {
    const connection = await this.connections.get(id);
    if (connection !== null && !isSelective(outboundOf(connection))) await this.standings.removeAll(id);
  }
}
