import type { Population } from '../../../server/src/contracts/connection';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import type { ConnectionStore } from '../../../server/src/ports/connection-store';

/** Connections are configuration: no transaction of provisioning writes them. */
export class MemoryConnectionStore implements ConnectionStore {
  private readonly connections = new Map<number, Connection>();

  /** Adds one with the next id, or replaces the one with the same id. */
  put(fields: Partial<Connection> & Pick<Connection, 'direction'>): Connection {
    const id = fields.id ?? this.connections.size + 1;
    const connection: Connection = {
      key: `connection-${id}`,
      name: `Connection ${id}`,
      population: 'end-users',
      system: `system-${id}`,
      preset: 'generic',
      enabled: true,
      targetUrl: fields.direction === 'outbound' ? `https://target-${id}.example/scim/v2` : '',
      mapping: null,
      defaultRoleId: null,
      roleMappings: [],
      policies: DEFAULT_POLICIES,
      ...fields,
      id,
    };
    this.connections.set(id, connection);
    return connection;
  }

  remove(id: number): void {
    this.connections.delete(id);
  }

  known(id: number): Connection | null {
    return this.connections.get(id) ?? null;
  }

  async get(id: number): Promise<Connection | null> {
    return this.connections.get(id) ?? null;
  }

  async outbound(population: Population): Promise<Connection[]> {
    return this.targets().filter((connection) => connection.population === population);
  }

  async sendsHere({ population, system }: Pick<Connection, 'population' | 'system'>): Promise<boolean> {
    return [...this.connections.values()].some((other) => other.direction === 'inbound' && other.enabled && other.population === population && other.system === system);
  }

  async refresh(): Promise<void> {
    // Memory is always up to date.
  }

  async paused(): Promise<number[]> {
    return this.targets().flatMap((connection) => (connection.enabled ? [] : [connection.id]));
  }

  async onDemandOnly(): Promise<number[]> {
    return this.targets().flatMap((connection) => (connection.outbound?.realTime === false ? [connection.id] : []));
  }

  private targets(): Connection[] {
    return [...this.connections.values()].filter((connection) => connection.direction === 'outbound');
  }
}
