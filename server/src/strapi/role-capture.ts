import type { Core } from '@strapi/types';
import type { Population } from '../contracts/connection';
import type { DeletedRole } from '../engine/receive/deleted-role';
import { roleKey } from '../domain/groups/choice';
import type { ChangeMarker } from '../ports/change-marker';
import type { SqlConnectionStore } from './connection-store';

const ROLES: Readonly<Record<string, Population>> = {
  'plugin::users-permissions.role': 'end-users',
  'admin::role': 'admin-users',
};

interface RoleEvent {
  model: { uid: string };
  result?: { id?: number | string; name?: string } | null;
}

/**
 * What follows from a new, changed or deleted role. What a lifecycle misses: grants are cleaned up when the users' groups change
 * next, groups at applications by the sweep.
 */
export function subscribeToRoles(strapi: Core.Strapi, connections: SqlConnectionStore, deleted: DeletedRole, changes: ChangeMarker): () => void {
  const follow = async ({ model, result }: RoleEvent): Promise<void> => {
    const population = ROLES[model.uid];
    const id = Number(result?.id);
    if (population === undefined || !Number.isInteger(id)) return;
    try {
      await changes.groupsChanged(population, [roleKey(id)]);
    } catch (error) {
      // Changing a role must not fail because of us.
      strapi.log.error(`[user-provisioning] the change of the role ${id} is sent after the next sweep: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  };
  const settle = async ({ model, result }: RoleEvent): Promise<void> => {
    const population = ROLES[model.uid];
    const id = Number(result?.id);
    if (population === undefined || !Number.isInteger(id)) return;
    try {
      const own = (await connections.all()).filter((connection) => connection.population === population && connection.direction === 'inbound');
      await deleted.settle(own, { id, name: result?.name ?? '' });
    } catch (error) {
      // Deleting a role must not fail because of us.
      strapi.log.error(`[user-provisioning] grants of the deleted role ${id} remain for now: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  };
  const deletion = async (event: RoleEvent): Promise<void> => {
    await settle(event);
    await follow(event);
  };
  return strapi.db.lifecycles.subscribe({ models: Object.keys(ROLES), afterCreate: follow as never, afterUpdate: follow as never, afterDelete: deletion as never }) as () => void;
}
