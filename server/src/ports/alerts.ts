import type { GuardVerdict } from '../contracts/guard';
import type { Connection } from '../domain/connection/connection';
import type { TargetHealth } from './target-health';

/** What somebody should hear of at once, in words. Joins the open transaction as events do. */
export interface Alerts {
  quarantineEntered(connection: Connection, health: TargetHealth): Promise<void>;
  quarantineLeft(connection: Connection, health: TargetHealth): Promise<void>;
  /** A limit holds pushed traffic of one kind until somebody decides. */
  held(connection: Connection, verdict: GuardVerdict): Promise<void>;
}
