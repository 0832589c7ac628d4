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
  queued_to: number;
  queued_at: number | string | null;
}

/** A publication whose linked users are not all queued yet. */
export interface UnfinishedMapping {
  id: number;
  connectionId: number;
  publishedAt: number;
  /** Row id of the last link that was queued. */
  queuedTo: number;
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
   * Makes rules (null: the preset's) the ones that hold, and answers their version. With `baseVersion` it throws
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
    return rows.map(toVersion);
  }

  async version(connectionId: number, version: number): Promise<MappingVersion | null> {
    const row = await this.database.query<MappingRow | undefined>(async (tables) =>
      tables(TABLES.mappings).where({ connection_id: connectionId, version }).first()
    );
    return row === undefined ? null : toVersion(row);
  }

  /** Of versions that hold; an older one that was never finished is overtaken by its successor. */
  async unfinished(): Promise<UnfinishedMapping[]> {
    const { connections, mappings } = TABLES;
    const rows = await this.database.query<MappingRow[]>(async (tables) =>
      tables(mappings)
        .innerJoin(connections, (both) => both.on(`${mappings}.connection_id`, `${connections}.id`).andOn(`${mappings}.version`, `${connections}.mapping_version`))
        .whereNull(`${mappings}.queued_at`)
        .orderBy(`${mappings}.id`)
        .select(`${mappings}.*`)
    );
    return rows.map((row) => ({ id: row.id, connectionId: row.connection_id, publishedAt: toNumber(row.created_at), queuedTo: row.queued_to }));
  }

  /** Joins the ambient transaction. `queuedTo` null: that was the last one. */
  async advance(id: number, queuedTo: number | null): Promise<void> {
    const values = queuedTo === null ? { queued_at: this.clock.now() } : { queued_to: queuedTo };
    await this.database.query(async (tables) => tables(TABLES.mappings).where({ id }).update(values));
  }

  private async insert(connectionId: number, rules: MappingRule[] | null, publishedBy: string, baseVersion: number | undefined): Promise<number> {
    const [latest] = await this.versions(connectionId);
    const present = latest?.version ?? 0;
    if (baseVersion !== undefined && baseVersion !== present) {
      throw new ProvisioningError('version-mismatch', `Version ${present} was published meanwhile, by ${latest?.publishedBy ?? 'somebody'}. Look at it, then publish again.`);
    }
    const version = present + 1;
    const now = this.clock.now();
    const row = { connection_id: connectionId, version, rules: toJson(rules), published_by: publishedBy, created_at: now, queued_to: 0 };
    try {
      await this.database.query(async (tables) => tables(TABLES.mappings).insert(row));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Somebody was faster: run again from the start, as after a lost deadlock.
      throw new ProvisioningError('conflict', 'Another version was published at the same moment.', { cause: error });
    }
    await this.database.query(async (tables) =>
      tables(TABLES.connections).where({ id: connectionId }).update({ mapping_version: version, updated_at: now })
    );
    return version;
  }
}

const toVersion = (row: MappingRow): MappingVersion => ({
  version: row.version,
  publishedAt: new Date(toNumber(row.created_at)).toISOString(),
  publishedBy: row.published_by,
  rules: parseJson<MappingRule[]>(row.rules),
  queued: row.queued_at !== null,
});
