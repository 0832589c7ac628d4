import type { ObjectType } from '../contracts/operation';
import type { Connection } from '../domain/connection/connection';
import type { Clock } from '../ports/clock';
import type { OperationLog } from '../ports/operation-log';
import { plainRecord } from './plain-record';

interface Tally {
  connection: Connection;
  actor: string;
  objectType: ObjectType;
  count: number;
  at: number;
}

/**
 * Reads would drown everything else in the log: they are counted per token and type and become one row per flush
 * (once a minute). A crash loses at most the current minute's count of reads, never a write.
 */
export class ReadSummary {
  private tallies = new Map<string, Tally>();

  constructor(
    private readonly log: OperationLog,
    private readonly clock: Clock,
    private readonly uuid: () => string
  ) {}

  count(connection: Connection, actor: string, objectType: ObjectType): void {
    const key = `${connection.id} ${objectType} ${actor}`;
    const tally = this.tallies.get(key) ?? { connection, actor, objectType, count: 0, at: this.clock.now() };
    tally.count += 1;
    this.tallies.set(key, tally);
  }

  async flush(): Promise<void> {
    for (const [key, tally] of [...this.tallies]) {
      // Taken out first: what is counted while the row is written belongs to the next one.
      this.tallies.delete(key);
      try {
        await this.store(tally);
      } catch (error) {
        const since = this.tallies.get(key);
        this.tallies.set(key, since === undefined ? tally : { ...tally, count: tally.count + since.count });
        throw error;
      }
    }
  }

  private async store({ connection, actor, objectType, count, at }: Tally): Promise<void> {
    const now = this.clock.now();
    const message = `${objectType}s were read or searched ${count === 1 ? 'once' : `${count} times`}.`;
    await this.log.record(
      // The time of the row, so that the log stays in order; the duration tells since when.
      plainRecord(connection, { at: now, durationMs: now - at, trigger: 'inbound-request', operation: 'read', outcome: 'success', objectType, message, correlationId: this.uuid(), actor, count })
    );
  }
}
