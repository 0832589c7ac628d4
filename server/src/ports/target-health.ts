import type { ErrorCode } from '../contracts/error-codes';

/** Of a target in trouble: it failed as a whole since the last time it answered. */
export interface TargetHealth {
  connectionId: number;
  /** In a row. */
  failures: number;
  /** Times in epoch ms. */
  failingSince: number;
  /** Nothing is sent before; afterwards one change tries it. */
  blockedUntil: number;
  /** Null: not in quarantine. */
  quarantinedSince: number | null;
  /** Of the last failure. */
  code: ErrorCode;
  reason: string;
}

export interface HealthChange {
  before: TargetHealth | null;
  after: TargetHealth | null;
}

/** How targets stand, shared by all instances and kept over restarts. */
export interface TargetHealthStore {
  /** Those in trouble. What another instance learnt may be a second late. */
  troubled(): Promise<TargetHealth[]>;
  /**
   * Reads, changes and stores as one: of two instances at the same moment the second sees what the first stored. `change` may
   * be called again; null stands for a target that is well.
   */
  change(connectionId: number, change: (present: TargetHealth | null) => TargetHealth | null): Promise<HealthChange>;
}
