import type { Core } from '@strapi/types';
import { createContainer, type Container } from './container';
import type { Population } from './contracts/connection';
import { RBAC_ACTIONS } from './http/admin/actions';
import { createAdminHandlers } from './http/admin/controllers';
import { adminRoutes } from './http/admin/routes';
import { scimBridge } from './http/scim/bridge';
import { scimEnvelope } from './http/scim/envelope';
import { oauthTokenEndpoint } from './http/scim/oauth/endpoint';
import { scimRoutes } from './http/scim/routes';
import { RetentionJob } from './jobs/retention';
import { provisioningService } from './service';
import { models } from './models';
import { guardPasswordReset } from './strapi/accounts/password-reset';
import { subscribeToAccounts } from './strapi/capture';
import { allowWebhooks } from './strapi/event-hub';
import { subscribeToRoles } from './strapi/role-capture';
import { makeNamesExact } from './strapi/collations';

const INDEXED = { type: 'plugin', name: 'user-provisioning', key: 'indexed' } as const;

/** One Strapi's instance of the plugin: what is made at register, used by requests and taken down at destroy. */
class PluginInstance {
  private container: Container | null = null;
  private unsubscribe: (() => void)[] = [];
  private retention: RetentionJob | null = null;

  constructor(private readonly strapi: Core.Strapi) {}

  register(): void {
    guardPasswordReset(this.strapi, (accountId) => this.running().isProvisioned('end-users', accountId));
    for (const model of models) this.strapi.get('models').add(model as never);
    this.strapi.server.use(scimEnvelope(this.strapi, this.running) as never);
  }

  async bootstrap(): Promise<void> {
    const container = createContainer(this.strapi);
    this.container = container;
    allowWebhooks(this.strapi);
    await this.strapi.service('admin::permission').actionProvider.registerMany(RBAC_ACTIONS);
    const { database, context, sweeper, populations } = container;
    for (const parts of Object.values(populations)) {
      this.unsubscribe.push(subscribeToAccounts(this.strapi, parts, database, context, sweeper.request));
    }
    this.unsubscribe.push(subscribeToRoles(this.strapi, { connections: container.connections, deleted: container.deletedRoles, changes: container.receiveDeps.changes, database, populations, requestSweep: sweeper.request }));
    await makeNamesExact(database);
    if (database.client === 'sqlite') {
      await container.outbox.releaseAll();
      await container.runStore.releaseAll();
    }
    await this.indexAccounts(container);
    await container.continuity.check();
    container.heartbeat.start();
    if (container.config.worker) {
      container.worker.start();
      container.runLoop.start();
      container.transitionLoop.start();
      container.scheduleJob.start();
    }
    this.retention = new RetentionJob(container, (error) => this.strapi.log.error(error));
    this.retention.start();
    if (container.config.sealLog) container.sealLoop.start();
    container.departures.start();
    container.leavers.start();
  }

  /** Requests are refused until every account has its identity; that is waited for once in the life of a site. */
  private async indexAccounts(container: Container): Promise<void> {
    const names = Object.keys(container.populations) as Population[];
    const store = this.strapi.store(INDEXED);
    // Tables that were dropped with the plugin and made again are empty, whatever the store remembers.
    const isWhole = await Promise.all(
      names.map(async (name) => {
        const { identities } = container.populations[name];
        // Also where a newer version of the plugin, or the site's own fields, ask for another index of values.
        return (await identities.page(0, 1)).length > 0 && !(await identities.hasUnindexed());
      })
    );
    const indexed = (await store.get({})) === true && isWhole.every(Boolean);
    if (indexed) names.forEach((population) => container.markReady(population));
    const swept = container.sweeper.start();
    void swept.then(async () => {
      if (!indexed && names.every((population) => container.isReady(population))) await store.set({ value: true });
    }).catch((error: unknown) => this.strapi.log.error(error));
  }

  async destroy(): Promise<void> {
    this.unsubscribe.forEach((unsubscribe) => unsubscribe());
    await this.container?.heartbeat.stop();
    await this.container?.scheduleJob.stop();
    await this.retention?.stop();
    await this.container?.pulls.stop();
    await this.container?.departures.stop();
    await this.container?.leavers.stop();
    await this.container?.sweeper.stop();
    await this.container?.transitionLoop.stop();
    await this.container?.runLoop.stop();
    await this.container?.worker.stop();
    await this.container?.reads.flush();
    await this.container?.sealLoop.stop();
    await this.container?.targets.close();
    await this.container?.passwords.close();
    this.container = null;
  }

  readonly running = (): Container => {
    if (this.container === null) throw new Error('The plugin is not running.');
    return this.container;
  };
}

/** Strapi may be started several times in one process (tests do): each has its own instance. */
const instances = new WeakMap<Core.Strapi, PluginInstance>();

const instanceOf = (strapi: Core.Strapi): PluginInstance => {
  const present = instances.get(strapi) ?? new PluginInstance(strapi);
  instances.set(strapi, present);
  return present;
};

export interface Loaded {
  strapi: Core.Strapi;
}

export const register = ({ strapi }: Loaded): void => instanceOf(strapi).register();
export const bootstrap = ({ strapi }: Loaded): Promise<void> => instanceOf(strapi).bootstrap();
export const destroy = ({ strapi }: Loaded): Promise<void> => instanceOf(strapi).destroy();

export const routes = {
  'content-api': ({ strapi }: Loaded) => {
    const { running } = instanceOf(strapi);
    return scimRoutes({ scim: scimBridge(strapi, running), oauthToken: oauthTokenEndpoint(strapi, running) });
  },
  admin: ({ strapi }: Loaded) => adminRoutes(createAdminHandlers(strapi, instanceOf(strapi).running)),
};

export const services = {
  provisioning: ({ strapi }: Loaded) => provisioningService(strapi, instanceOf(strapi).running),
};
