import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Alerts } from '../../../server/src/ports/alerts';

/** Remembers what was told. */
export class MemoryAlerts implements Alerts {
  readonly told: string[] = [];

  quarantineEntered(connection: Connection): void {
    this.told.push(`entered ${connection.id}`);
  }

  quarantineLeft(connection: Connection): void {
    this.told.push(`left ${connection.id}`);
  }
}
