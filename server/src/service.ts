import { errors } from '@strapi/utils';
import type { Core } from '@strapi/types';
import type { Container } from './container';
import type { RunInfo } from './contracts/run';
import type { ConnectionRef, ProvisioningService } from './contracts/service';
import type { Run } from './domain/run/run';
import { transitionInfo, transitionItemInfo } from './http/admin/receipt';
import { orRefused } from './http/admin/transition-handlers';
import { noTransitionItems } from './domain/transition/transition';
import { runInfo } from './http/admin/run-info';
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
  const infoOf = async (run: Run): Promise<RunInfo> => {
    const { connections, runStore } = container();
    const items = (await runStore.itemCounts([run.id])).get(run.id);
    if (items === undefined) throw new errors.NotFoundError(`There is no run ${run.id} (any more).`);
    return runInfo(run, await connections.get(run.connectionId), items);
  };
  const outbound = (connection: StoredConnection): StoredConnection => {
    if (connection.direction !== 'outbound') throw new errors.ValidationError(`${connection.name} is an inbound connection: its provider sends the users.`);
    return connection;
  };
  return {
    status: () => statusOf(strapi, container()),

    async connections() {
      const all = await container().connections.all();
      return all.map(({ id, key, name, direction, population, system, enabled, review }) => ({ id, key, name, direction, population, system, enabled, review }));
    },

    async provision({ connection, user }) {
      const { id, population } = outbound(await connectionOf(connection));
      const { database, outbox, worker } = container();
      const [userId = ''] = await new ScopeService(container()).scimIds(population, [user], () => 'user');
      await outbox.mark([id], 'User', [userId], null, { asked: true });
      await database.afterCommit(worker.wake);
      return { userId };
    },

    async plan({ connection, cycle = 'full', userIds }) {
      const stored = outbound(await connectionOf(connection));
      const selection = userIds === undefined ? [] : await new ScopeService(container()).scimIds(stored.population, userIds, (index) => `userIds.${index}`);
      const of = userIds === undefined ? { cycle } : { cycle: 'selection' as const, selection: [...new Set(selection)] };
      return infoOf(await container().runs.start({ connection: stored, trigger: 'on-demand', ...of, dryRun: true, actor: ACTOR }));
    },

    async apply({ run: id, actor = ACTOR }) {
      const run = await container().runStore.get(id);
      if (run === null) throw new errors.NotFoundError(`There is no run ${id} (any more).`);
      await container().approve(run, actor);
      return infoOf((await container().runStore.get(id)) ?? run);
    },

    async run(id) {
      const run = await container().runStore.get(id);
      return run === null ? null : infoOf(run);
    },

    async offboard({ population, users, action = null, account = 'block', comment = '', approve = false, actor = ACTOR }) {
      const { transitionService, transitions } = container();
      const ids = [...new Set(await new ScopeService(container()).scimIds(population, users, (index) => `users.${index}`))];
      if (ids.length === 0 || ids.length > 100) throw new errors.ValidationError('users: between 1 and 100 at a time.');
      const made = await orRefused(() => transitionService.offboard({ population, ids, action, account, comment, actor, isApproved: approve }));
      return transitionInfo(made, (await transitions.itemCounts([made.id])).get(made.id) ?? noTransitionItems());
    },

    async transition(id) {
      const { transitions } = container();
      const found = await transitions.get(id);
      if (found === null) return null;
      const items = await transitions.items(id, { limit: 1_000 });
      const counts = (await transitions.itemCounts([id])).get(id) ?? noTransitionItems();
      return { ...transitionInfo(found, counts), systems: items.map(transitionItemInfo), nextCursor: items.length < 1_000 ? null : String(items.at(-1)?.id) };
    },

    pause: (reason = '') => container().setMaintenance(true, reason),
    resume: () => container().setMaintenance(false, ''),
  };
}
