import type { Core } from '@strapi/types';
import type { Population } from '../contracts/connection';
import type { DeletedRole } from '../engine/receive/deleted-role';
import type { SqlConnectionStore } from './connection-store';

const ROLES: Readonly<Record<string, Population>> = {
  'plugin::users-permissions.role': 'end-users',
  'admin::role': 'admin-users',
};

interface RoleEvent {
  model: { uid: string };
  result?: { id?: number | string; name?: string } | null;
}

/** What follows from the deletion of a role. What a lifecycle misses is cleaned up when the users' groups change next. */
export function subscribeToRoles(strapi: Core.Strapi, connections: SqlConnectionStore, deleted: DeletedRole): () => void {
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
  return strapi.db.lifecycles.subscribe({ models: Object.keys(ROLES), afterDelete: settle as never }) as () => void;
}
