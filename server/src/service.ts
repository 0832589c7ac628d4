import { errors } from '@strapi/utils';
import type { Core } from '@strapi/types';
import type { Container } from './container';
import type { ConnectionRef, ProvisioningService, RunApi } from './contracts/service';
import { ScopeService } from './http/admin/scope-service';
import { statusOf } from './http/admin/status';
import type { StoredConnection } from './strapi/connection-store';

/** Who stands in the log where the caller names nobody. */
const ACTOR = 'Service API';

/**
 * The plugin's one service for other code. It is trusted code of the site: there is no permission to ask for, but the pipeline with
 * its guard and its log is the same.
 */
export function provisioningService(strapi: Core.Strapi, container: () => Container): ProvisioningService {
  const connectionOf = async (ref: ConnectionRef): Promise<StoredConnection> => {
    const found = (await container().connections.all()).find(({ id, key }) => (typeof ref === 'number' ? id === ref : key === ref));
    if (found === undefined) throw new errors.NotFoundError(`There is no connection ${typeof ref === 'number' ? 'with the id' : 'with the key'} ${ref}.`);
    return found;
  };
  const runs = (): RunApi => {
    const { runApi } = container();
    if (runApi === null) throw new errors.NotImplementedError('This version of User Provisioning makes no plans yet.');
    return runApi;
  };
  return {
    status: () => statusOf(strapi, container()),

    async connections() {
      const all = await container().connections.all();
      return all.map(({ id, key, name, direction, population, system, enabled, review }) => ({ id, key, name, direction, population, system, enabled, review }));
    },

    async provision({ connection, user }) {
      const { id, direction, population, name } = await connectionOf(connection);
      if (direction !== 'outbound') throw new errors.ValidationError(`${name} is an inbound connection: its provider sends the users.`);
      const { database, outbox, worker } = container();
      const [userId = ''] = await new ScopeService(container()).scimIds(population, [user], () => 'user');
      await outbox.mark([id], 'User', [userId], null);
      await database.afterCommit(worker.wake);
      return { userId };
    },

    async plan({ connection, ...input }) {
      return runs().plan((await connectionOf(connection)).id, { ...input, dryRun: true }, ACTOR);
    },
    apply: ({ run, actor }) => runs().apply(run, actor ?? ACTOR),
    run: (id) => runs().get(id),

    pause: (reason = '') => container().setMaintenance(true, reason),
    resume: () => container().setMaintenance(false, ''),
  };
}
