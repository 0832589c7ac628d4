import type { GuardVerdict } from '../../../server/src/contracts/guard';
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Alerts } from '../../../server/src/ports/alerts';

/** Remembers what was told. */
export class MemoryAlerts implements Alerts {
  readonly told: string[] = [];
  readonly holds: { connectionId: number; verdict: GuardVerdict }[] = [];

  async quarantineEntered(connection: Connection): Promise<void> {
    this.told.push(`entered ${connection.id}`);
  }

  async quarantineLeft(connection: Connection): Promise<void> {
    this.told.push(`left ${connection.id}`);
  }

  async held(connection: Connection, verdict: GuardVerdict): Promise<void> {
    this.holds.push({ connectionId: connection.id, verdict });
  }
}
