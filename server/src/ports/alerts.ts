import type { Connection } from '../domain/connection/connection';
import type { TargetHealth } from './target-health';

/** What somebody should hear of at once. Never throws, and is never waited for. */
export interface Alerts {
  quarantineEntered(connection: Connection, health: TargetHealth): void;
  quarantineLeft(connection: Connection, health: TargetHealth): void;
}
