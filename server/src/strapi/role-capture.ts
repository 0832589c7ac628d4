import type { Core } from '@strapi/types';
import type { Population } from '../contracts/connection';
import type { GrantStore } from '../ports/grant-store';
import type { SqlConnectionStore } from './connection-store';

const ROLES: Readonly<Record<string, Population>> = {
  'plugin::users-permissions.role': 'end-users',
  'admin::role': 'admin-users',
};

interface RoleEvent {
  model: { uid: string };
  result?: { id?: number | string } | null;
}

/** Grants of a role end with it. What a lifecycle misses is cleaned up when the users' groups change next. */
export function subscribeToRoles(strapi: Core.Strapi, connections: SqlConnectionStore, grants: GrantStore): () => void {
  const forget = async ({ model, result }: RoleEvent): Promise<void> => {
    const population = ROLES[model.uid];
    const roleId = Number(result?.id);
    if (population === undefined || !Number.isInteger(roleId)) return;
    try {
      const own = (await connections.all()).filter((connection) => connection.population === population);
      await grants.removeRole(roleId, own.map((connection) => connection.id));
    } catch (error) {
      // Deleting a role must not fail because of us.
      strapi.log.error(`[user-provisioning] grants of the deleted role ${roleId} remain for now: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  };
  return strapi.db.lifecycles.subscribe({ models: Object.keys(ROLES), afterDelete: forget as never }) as () => void;
}
