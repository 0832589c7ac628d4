import type { Core } from '@strapi/types';
import type { Connection } from '../domain/connection/connection';
import { ProvisioningError } from '../domain/errors';
import { UndiciClient } from '../http/outgoing/undici-client';
import { outboundOf } from '../domain/connection/outbound';
import type { RequestBudget } from '../ports/request-budget';
import type { TargetFactory } from '../ports/target-factory';
import { ScimTargetDirectory } from '../scim/client/target-directory';
import type { SqlConnectionStore, StoredConnection } from './connection-store';
import type { SecretBox } from './secret-box';

interface OpenTarget {
  /** Of the row it was built from: an edited connection gets a new one. */
  updatedAt: number;
  client: UndiciClient;
  directory: ScimTargetDirectory;
}

/** Directories behind outbound connections, one per connection, so that what was learnt of a target is remembered. */
export class Targets implements TargetFactory {
  private readonly targets = new Map<number, OpenTarget>();

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly connections: SqlConnectionStore,
    private readonly secrets: SecretBox,
    private readonly options: { connections: number; timeoutMs: number; budgetOf(connectionId: number, perMinute: number): RequestBudget }
  ) {}

  async open(connection: Connection): Promise<ScimTargetDirectory> {
    const stored = await this.connections.get(connection.id);
    if (!stored) throw new ProvisioningError('not-found', 'The connection no longer exists.');
    const present = this.targets.get(stored.id);
    if (present?.updatedAt === stored.updatedAt) return present.directory;
    void present?.client.close();
    const built = this.build(stored);
    this.targets.set(stored.id, built);
    return built.directory;
  }

  async close(): Promise<void> {
    const clients = [...this.targets.values()].map((target) => target.client);
    this.targets.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  private build(stored: StoredConnection): OpenTarget {
    const token = stored.credential === null ? null : this.secrets.open(stored.credential);
    const client = new UndiciClient({ connections: this.options.connections, proxyUrl: this.proxyUrl() });
    const perMinute = outboundOf(stored).requestsPerMinute ?? null;
    const directory = new ScimTargetDirectory({
      http: client,
      baseUrl: stored.targetUrl,
      bearerToken: token,
      timeoutMs: this.options.timeoutMs,
      ...(perMinute === null ? {} : { budget: this.options.budgetOf(stored.id, perMinute) }),
    });
    return { updatedAt: stored.updatedAt, client, directory };
  }

  /** Strapi's own setting for outgoing requests. */
  private proxyUrl(): string | null {
    const proxy = this.strapi.config.get('server.proxy') as { global?: string; fetch?: string | { uri?: string } } | undefined;
    const url = typeof proxy?.fetch === 'object' ? proxy.fetch.uri : (proxy?.fetch ?? proxy?.global);
    return url === undefined || url === '' ? null : url;
  }
}
