import type { MappingRule, MappingVersion } from '../contracts/mapping';
import { ProvisioningError } from '../domain/errors';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { SqlConnectionStore } from './connection-store';
import { isUniqueViolation, parseJson, toJson, toNumber, type Database } from './database';

interface MappingRow {
  id: number;
  connection_id: number;
  version: number;
  rules: string | null;
  published_by: string;
  created_at: number | string;
}

const LISTED = 50;

/** Published mappings. A version is never changed: taking one back publishes it again. */
export class SqlMappingStore {
  constructor(
    private readonly database: Database,
    private readonly connections: SqlConnectionStore,
    private readonly clock: Clock
  ) {}

  /**
   * Makes rules (null: the preset's) the ones that hold, answers their version and has everybody looked at anew. With `baseVersion` it throws
   * ProvisioningError `version-mismatch` where another one holds by now.
   */
  async publish(connectionId: number, rules: MappingRule[] | null, publishedBy: string, baseVersion?: number): Promise<number> {
    const version = await this.database.run(() => this.insert(connectionId, rules, publishedBy, baseVersion));
    this.connections.forget();
    return version;
  }

  /** Newest first. */
  async versions(connectionId: number): Promise<MappingVersion[]> {
    const rows = await this.database.query<MappingRow[]>(async (tables) =>
      tables(TABLES.mappings).where({ connection_id: connectionId }).orderBy('version', 'desc').limit(LISTED)
    );
    const pending = await this.database.query<{ requeue_after: number | null } | undefined>(async (tables) =>
      tables(TABLES.connections).where({ id: connectionId }).first('requeue_after')
    );
    const isQueued = (index: number): boolean => index > 0 || pending?.requeue_after == null;
    return rows.map((row, index) => ({ ...toVersion(row), queued: isQueued(index) }));
  }

  async version(connectionId: number, version: number): Promise<Omit<MappingVersion, 'queued'> | null> {
    const row = await this.database.query<MappingRow | undefined>(async (tables) =>
      tables(TABLES.mappings).where({ connection_id: connectionId, version }).first()
    );
    return row === undefined ? null : toVersion(row);
  }

  private async insert(connectionId: number, rules: MappingRule[] | null, publishedBy: string, baseVersion: number | undefined): Promise<number> {
    const [latest] = await this.versions(connectionId);
    const present = latest?.version ?? 0;
    if (baseVersion !== undefined && baseVersion !== present) {
      throw new ProvisioningError('version-mismatch', `Version ${present} was published meanwhile, by ${latest?.publishedBy ?? 'somebody'}. Look at it, then publish again.`);
    }
    const version = present + 1;
    const now = this.clock.now();
    const row = { connection_id: connectionId, version, rules: toJson(rules), published_by: publishedBy, created_at: now };
    try {
      await this.database.query(async (tables) => tables(TABLES.mappings).insert(row));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Somebody was faster: run again from the start, as after a lost deadlock.
      throw new ProvisioningError('conflict', 'Another version was published at the same moment.', { cause: error });
    }
    await this.database.query(async (tables, knex) =>
      // Whom an application is pulled from is looked at by the next pull, not by the delivery.
      tables(TABLES.connections).where({ id: connectionId }).update({ mapping_version: version, requeue_after: knex.raw("case when direction = 'outbound' then 0 else null end"), updated_at: now })
    );
    return version;
  }
}

const toVersion = (row: MappingRow): Omit<MappingVersion, 'queued'> => ({
  version: row.version,
  publishedAt: new Date(toNumber(row.created_at)).toISOString(),
  publishedBy: row.published_by,
  rules: parseJson<MappingRule[]>(row.rules),
});
