import { randomBytes } from 'node:crypto';
import type { MappingRule } from '../contracts/mapping';
import type { InboundPolicies, Population, RoleMapping } from '../contracts/connection';
import { isPulled, type Connection } from '../domain/connection/connection';
import type { GuardPolicyInput } from '../contracts/guard';
import type { ReviewReason } from '../contracts/maintenance';
import type { OutboundPoliciesInput } from '../contracts/scope';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../domain/connection/outbound';
import { DEFAULT_GUARD, mergeGuard } from '../domain/guard/limits';
import { withDefaults } from '../domain/connection/policies';
import { ProvisioningError } from '../domain/errors';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { ConnectionStore } from '../ports/connection-store';
import { parseJson, toJson, toNumber, type Database } from './database';

interface ConnectionRow {
  id: number;
  key: string;
  name: string;
  direction: string;
  source: string | null;
  population: string;
  system: string;
  preset: string;
  enabled: boolean | number;
  target_url: string | null;
  credential: string | null;
  default_role_id: number | null;
  role_mappings: string | null;
  policies: string | null;
  mapping_version: number | null;
  mapping_rules: string | null;
  outbound: string | null;
  guard: string | null;
  review: string | null;
  created_at: number | string;
  updated_at: number | string;
}

/** A connection with what only administration sees. */
export interface StoredConnection extends Connection {
  /** Sealed; null when none is stored. */
  credential: string | null;
  /** Why nothing is sent until a person has looked; null: it works. */
  review: ReviewReason | null;
  createdAt: number;
  updatedAt: number;
}

export type ConnectionFields = Omit<StoredConnection, 'id' | 'key' | 'mapping' | 'review' | 'createdAt' | 'updatedAt'>;

const toConnection = (row: ConnectionRow): StoredConnection => ({
  id: row.id,
  key: row.key,
  name: row.name,
  direction: row.direction === 'outbound' ? 'outbound' : 'inbound',
  ...(row.direction === 'outbound' ? {} : { source: row.source === 'pull' ? ('pull' as const) : ('push' as const) }),
  population: row.population === 'admin-users' ? 'admin-users' : 'end-users',
  system: row.system,
  preset: row.preset,
  enabled: Boolean(row.enabled),
  targetUrl: row.target_url ?? '',
  credential: row.credential,
  mapping: row.mapping_version === null ? null : { version: row.mapping_version, rules: parseJson<MappingRule[]>(row.mapping_rules) },
  defaultRoleId: row.default_role_id,
  roleMappings: parseJson<RoleMapping[]>(row.role_mappings) ?? [],
  policies: withDefaults(parseJson<Partial<InboundPolicies>>(row.policies)),
  outbound: mergeOutbound(DEFAULT_OUTBOUND, parseJson<OutboundPoliciesInput>(row.outbound)),
  guard: mergeGuard(DEFAULT_GUARD, parseJson<GuardPolicyInput>(row.guard)),
  review: row.review as ReviewReason | null,
  createdAt: toNumber(row.created_at),
  updatedAt: toNumber(row.updated_at),
});

/** Tables whose rows belong to a connection, beside those that hang on its groups and runs. */
/** What is removed with a connection; each has a `connection_id`. */
export const OWN_TABLES = [
  TABLES.mappings, TABLES.groups, TABLES.grants, TABLES.links, TABLES.values, TABLES.departures, TABLES.assignments, TABLES.standings,
  TABLES.pushedMembers, TABLES.outbox, TABLES.tokens, TABLES.runs, TABLES.schedules, TABLES.firings, TABLES.guardCounts, TABLES.holds,
  TABLES.heldObjects, TABLES.targetHealth,
];

/** How long another instance's change may go unnoticed. */
const CACHE_MS = 5_000;

export class SqlConnectionStore implements ConnectionStore {
  private cache: { at: number; connections: StoredConnection[] } | null = null;

  /** Raised by every change made here, so that a list read before it is not kept after it. */
  private generation = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async get(id: number): Promise<StoredConnection | null> {
    return (await this.cached()).find((connection) => connection.id === id) ?? null;
  }

  async outbound(population: Population): Promise<Connection[]> {
    return (await this.cached()).filter((connection) => connection.direction === 'outbound' && connection.population === population);
  }

  async sendsHere({ population, system }: Pick<Connection, 'population' | 'system'>): Promise<boolean> {
    return (await this.cached()).some((other) => other.direction === 'inbound' && other.enabled && other.population === population && other.system === system);
  }

  async refresh(): Promise<void> {
    if (this.cache === null) return;
    const { connections, at } = this.cache;
    const rows = await this.database.query<{ id: number; updated_at: number | string }[]>(async (tables) => tables(TABLES.connections).orderBy('id').select('id', 'updated_at'));
    const isSame = rows.length === connections.length && rows.every((row, index) => row.id === connections[index]?.id && toNumber(row.updated_at) === connections[index]?.updatedAt);
    if (!isSame && this.cache?.at === at) this.forget();
  }

  async paused(): Promise<number[]> {
    return (await this.cached()).filter((connection) => connection.direction === 'outbound' && (!connection.enabled || connection.review !== null)).map(({ id }) => id);
  }

  async onDemandOnly(): Promise<number[]> {
    return (await this.cached()).filter((connection) => connection.direction === 'outbound' && connection.outbound?.realTime === false).map(({ id }) => id);
  }

  /** Straight from the database. */
  async all(): Promise<StoredConnection[]> {
    const { connections, mappings } = TABLES;
    const rows = await this.database.query<ConnectionRow[]>(async (tables) =>
      tables(connections)
        .leftJoin(mappings, (both) =>
          both.on(`${mappings}.connection_id`, `${connections}.id`).andOn(`${mappings}.version`, `${connections}.mapping_version`)
        )
        .orderBy(`${connections}.id`)
        .select(`${connections}.*`, `${mappings}.rules as mapping_rules`)
    );
    return rows.map(toConnection);
  }

  async create(fields: ConnectionFields): Promise<StoredConnection> {
    const now = this.clock.now();
    const key = keyFor(fields.name);
    await this.database.query(async (tables) =>
      tables(TABLES.connections).insert({ key, ...columnsOf(fields), created_at: now, updated_at: now })
    );
    this.forget();
    const created = (await this.all()).find((connection) => connection.key === key);
    if (!created) throw new ProvisioningError('internal', 'The connection was not stored.');
    return created;
  }

  /** `requeue`: everybody has to be looked at anew, which is noted in the same statement. */
  async update(id: number, fields: ConnectionFields, { requeue } = { requeue: false }): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.connections)
        .where({ id })
        .update({ ...columnsOf(fields), updated_at: this.clock.now(), ...(requeue ? { requeue_after: 0 } : {}) })
    );
    this.forget();
  }

  /** With everything that belongs to it, except the log: what happened stays told. */
  async remove(id: number): Promise<void> {
    await this.database.run(() =>
      this.database.query(async (tables) => {
        const groups = tables(TABLES.groups).where({ connection_id: id }).select('id');
        await tables(TABLES.members).whereIn('group_id', groups).delete();
        const runs = tables(TABLES.runs).where({ connection_id: id }).select('id');
        await tables(TABLES.planItems).whereIn('run_id', runs).delete();
        for (const table of OWN_TABLES) {
          await tables(table).where({ connection_id: id }).delete();
        }
        await tables(TABLES.connections).where({ id }).delete();
      })
    );
    this.forget();
  }

  private async cached(): Promise<StoredConnection[]> {
    const now = this.clock.now();
    if (this.cache !== null && now - this.cache.at <= CACHE_MS) return this.cache.connections;
    const { generation } = this;
    const connections = await this.all();
    // Inside a transaction the list may be older than the last change (repeatable read), or never be committed.
    if (generation === this.generation && !this.database.inTransaction) this.cache = { at: now, connections };
    return connections;
  }

  /** After a change that was made beside this store. Call it once that is committed. */
  forget(): void {
    this.generation += 1;
    this.cache = null;
  }
}

function columnsOf(fields: ConnectionFields): Record<string, unknown> {
  return {
    name: fields.name,
    direction: fields.direction,
    source: isPulled(fields) ? 'pull' : null,
    population: fields.population,
    system: fields.system,
    preset: fields.preset,
    enabled: fields.enabled,
    target_url: fields.targetUrl,
    credential: fields.credential,
    default_role_id: fields.defaultRoleId,
    role_mappings: toJson(fields.roleMappings),
    policies: toJson(fields.policies),
    outbound: toJson(fields.outbound),
    guard: toJson(fields.guard),
  };
}

/** A readable part and a random one: keys are in URLs that providers keep, and are no secret. */
function keyFor(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  return `${slug || 'connection'}-${randomBytes(4).toString('hex')}`;
}
