import { TABLES } from '../models';
import { ProvisioningError } from '../domain/errors';
import type { RunService } from '../engine/run/run-service';
import type { SqlConnectionStore } from './connection-store';
import type { Database } from './database';

/**
 * Looks at everybody of a connection anew, after its scope or its rules changed: as a run, so that the guard sees all of it
 * before anything is sent. That it has to be done stands with the connection, in the statement of the change.
 */
export class Requeue {
  constructor(
    private readonly database: Database,
    private readonly connections: SqlConnectionStore,
    private readonly runs: RunService
  ) {}

  /** Called after the change; and regularly, for what a crash left. */
  async run(isStopping: () => boolean = () => false): Promise<void> {
    const waiting = await this.database.query<{ id: number }[]>(async (tables) => tables(TABLES.connections).whereNotNull('requeue_after').select('id'));
    if (waiting.length === 0) return;
    // As they are in the database: another instance may have changed them a moment ago.
    const stored = await this.connections.all();
    for (const connection of stored.filter(({ id }) => waiting.some((row) => row.id === id))) {
      if (isStopping()) return;
      await this.one(connection);
    }
  }

  private async one(connection: Awaited<ReturnType<SqlConnectionStore['all']>>[number]): Promise<void> {
    try {
      await this.runs.start({ connection, trigger: 'on-demand', cycle: 'full', actor: 'Strapi', replaces: true });
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'conflict') throw error;
      // Another instance is at it, and takes the note away; where it does not, the next look does.
      return;
    }
    await this.database.query(async (tables) =>
      tables(TABLES.connections).where({ id: connection.id, updated_at: connection.updatedAt }).update({ requeue_after: null })
    );
  }
}
