import { ERROR_CATALOGUE, type ErrorCode } from '../contracts/error-codes';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { HealthChange, TargetHealth, TargetHealthStore } from '../ports/target-health';
import { toNumberOrNull, type Database } from './database';

interface HealthRow {
  connection_id: number;
  version: number;
  failures: number;
  failing_since: number | string | null;
  blocked_until: number | string | null;
  quarantined_since: number | string | null;
  error_code: string | null;
  reason: string | null;
}

/** What other instances wrote is seen this late; what this one wrote at once. */
const CACHE_MS = 500;
const ATTEMPTS = 20;
const WELL = { failures: 0, failing_since: null, blocked_until: null, quarantined_since: null, error_code: null, reason: null } as const;

/** One row per target, changed only where it is still as it was read: instances do not overwrite each other. */
export class SqlTargetHealthStore implements TargetHealthStore {
  private cache: { at: number; troubled: TargetHealth[] } | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async troubled(): Promise<TargetHealth[]> {
    const now = this.clock.now();
    if (this.cache !== null && now - this.cache.at < CACHE_MS) return this.cache.troubled;
    const rows = await this.database.query<HealthRow[]>(async (tables) => tables(TABLES.targetHealth).where('failures', '>', 0));
    const troubled = rows.flatMap((row) => healthOf(row) ?? []);
    this.cache = { at: now, troubled };
    return troubled;
  }

  async change(connectionId: number, change: (present: TargetHealth | null) => TargetHealth | null): Promise<HealthChange> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const row = await this.row(connectionId);
      const before = row === undefined ? null : healthOf(row);
      const after = change(before);
      if (before === null && after === null) return { before, after };
      const stored = await this.store(connectionId, row?.version ?? 0, after);
      this.cache = null;
      if (stored) return { before, after };
    }
    throw new Error('How the target stands could not be stored: too many instances change it at the same time.');
  }

  private async row(connectionId: number): Promise<HealthRow | undefined> {
    return this.database.query<HealthRow | undefined>(async (tables) => tables(TABLES.targetHealth).where({ connection_id: connectionId }).first());
  }

  private async store(connectionId: number, version: number, health: TargetHealth | null): Promise<boolean> {
    await ensureRow(this.database, connectionId);
    const changed = await this.database.query<number>(async (tables) =>
      tables(TABLES.targetHealth).where({ connection_id: connectionId, version }).update({ ...columnsOf(health), version: version + 1 })
    );
    return changed > 0;
  }
}

/** The row that health and budget of a target stand in. */
export async function ensureRow(database: Database, connectionId: number): Promise<void> {
  await database.query(async (tables) =>
    tables(TABLES.targetHealth).insert({ connection_id: connectionId, version: 0, failures: 0 }).onConflict(['connection_id']).ignore()
  );
}

const columnsOf = (health: TargetHealth | null): Record<string, unknown> =>
  health === null
    ? WELL
    : {
        failures: health.failures,
        failing_since: health.failingSince,
        blocked_until: health.blockedUntil,
        quarantined_since: health.quarantinedSince,
        error_code: health.code,
        reason: health.reason.slice(0, 1_000),
      };

function healthOf(row: HealthRow): TargetHealth | null {
  if (row.failures === 0) return null;
  return {
    connectionId: row.connection_id,
    failures: row.failures,
    failingSince: toNumberOrNull(row.failing_since) ?? 0,
    blockedUntil: toNumberOrNull(row.blocked_until) ?? 0,
    quarantinedSince: toNumberOrNull(row.quarantined_since),
    code: ERROR_CATALOGUE.has(row.error_code ?? '') ? (row.error_code as ErrorCode) : 'internal',
    reason: row.reason ?? '',
  };
}
