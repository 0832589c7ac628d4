import type { Core } from '@strapi/types';
import type { Container } from '../../container';
import type { PluginStatus } from '../../contracts/connection';
import { publicOrigin } from '../scim/base-path';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Health of the plugin at a glance, for the panel and for other code. */
export async function statusOf(strapi: Core.Strapi, container: Container): Promise<PluginStatus> {
  const { connections, deliveryStates, maintenance, operations, secrets } = container;
  const all = await connections.all();
  const deliveries = [...(await deliveryStates.byConnection()).values()];
  const oldest = deliveries.map((state) => state.oldestPendingAt).filter((time) => time !== null).sort()[0];
  return {
    encryptionReady: secrets.isReady,
    maintenance: await maintenance.current(),
    connections: { total: all.length, enabled: all.filter((connection) => connection.enabled).length },
    delivery: {
      pending: deliveries.reduce((sum, state) => sum + state.pending, 0),
      failed: deliveries.reduce((sum, state) => sum + state.failed, 0),
      oldestPendingAt: oldest ?? null,
    },
    operations24h: await operations.outcomesSince(container.now() - DAY_MS),
    absoluteUrlKnown: publicOrigin(strapi) !== '',
  };
}
