import type { Population } from '../contracts/connection';
import { isChosen } from '../domain/groups/choice';
import type { ChangeMarker } from '../ports/change-marker';
import type { ConnectionStore } from '../ports/connection-store';
import type { Outbox } from '../ports/outbox';
import type { Database } from './database';
import type { WriteContext } from './write-context';

/** Marks changed users and groups for every outbound connection that listens, in the transaction of the change. */
export class OutboxChangeMarker implements ChangeMarker {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly outbox: Outbox,
    private readonly database: Database,
    private readonly context: WriteContext,
    private readonly wakeWorker: () => void
  ) {}

  async usersChanged(population: Population, scimIds: string[]): Promise<void> {
    const targets = await this.connections.outbound(population);
    if (targets.length === 0 || scimIds.length === 0) return;
    const ids = targets.map((connection) => connection.id);
    await this.outbox.mark(ids, 'User', scimIds, this.context.system);
    await this.database.afterCommit(this.wakeWorker);
  }

  async groupsChanged(population: Population, keys: string[]): Promise<void> {
    for (const connection of await this.connections.outbound(population)) {
      const chosen = keys.filter((key) => isChosen(connection, key));
      if (chosen.length === 0) continue;
      await this.outbox.mark([connection.id], 'Group', chosen, this.context.system);
      await this.database.afterCommit(this.wakeWorker);
    }
  }
}
