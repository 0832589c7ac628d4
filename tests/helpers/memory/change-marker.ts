import type { Population } from '../../../server/src/contracts/connection';
import { isChosen } from '../../../server/src/domain/groups/choice';
import type { ChangeMarker } from '../../../server/src/ports/change-marker';
import type { ConnectionStore } from '../../../server/src/ports/connection-store';
import type { Outbox } from '../../../server/src/ports/outbox';
import type { UnitOfWork } from '../../../server/src/ports/unit-of-work';
import type { MemoryOriginContext } from './origin-context';

export class MemoryChangeMarker implements ChangeMarker {
  /** How often the worker was woken; only committed changes wake it. */
  wakes = 0;

  constructor(
    private readonly connections: ConnectionStore,
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly origin: MemoryOriginContext
  ) {}

  async usersChanged(population: Population, scimIds: string[]): Promise<void> {
    const targets = await this.connections.outbound(population);
    if (targets.length === 0 || scimIds.length === 0) return;
    await this.outbox.mark(
      targets.map((connection) => connection.id),
      'User',
      scimIds,
      this.origin.system
    );
    await this.unitOfWork.afterCommit(() => {
      this.wakes += 1;
    });
  }

  async groupsChanged(population: Population, keys: string[]): Promise<void> {
    for (const connection of await this.connections.outbound(population)) {
      const chosen = keys.filter((key) => isChosen(connection, key));
      if (chosen.length > 0) await this.outbox.mark([connection.id], 'Group', chosen, this.origin.system);
    }
  }
}
