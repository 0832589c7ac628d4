import type { Core } from '@strapi/types';
import type { Population } from '../contracts/connection';
import type { DeletedRole } from '../engine/receive/deleted-role';
import { roleKey } from '../domain/groups/choice';
import type { ChangeMarker } from '../ports/change-marker';
import { followAccounts } from './account-changes';
import type { SqlConnectionStore } from './connection-store';
import type { Database } from './database';
import type { PopulationParts } from './population';

const ROLES: Readonly<Record<string, Population>> = {
  'plugin::users-permissions.role': 'end-users',
  'admin::role': 'admin-users',
};

interface RoleEvent {
  model: { uid: string };
  params?: { data?: { users?: unknown } };
  result?: { id?: number | string; name?: string } | null;
}

export interface RoleParts {
  connections: SqlConnectionStore;
  deleted: DeletedRole;
  changes: ChangeMarker;
  database: Database;
  populations: Record<Population, PopulationParts>;
  /** Looks at all accounts, where nobody can say which of them changed. */
  requestSweep(): void;
}

/**
 * What follows from a new, changed or deleted role, also for the people who get or lose it from its side. What a lifecycle misses: grants are cleaned up when the users' groups change
 * next, groups at applications by the sweep.
 */
export function subscribeToRoles(strapi: Core.Strapi, { connections, deleted, changes, database, populations, requestSweep }: RoleParts): () => void {
  const sweep = (): Promise<void> => database.afterCommit(requestSweep);
  /** Strapi fires nothing for users whose role is written from the role's side. */
  const followUsers = async (population: Population, { params }: RoleEvent): Promise<void> => {
    const { named, isWhole } = usersIn(params?.data?.users);
    if (named.length > 0) await database.run(() => followAccounts(populations[population], named));
    if (isWhole) await sweep();
  };
  const follow = async (event: RoleEvent): Promise<void> => {
    const { model, result } = event;
    const population = ROLES[model.uid];
    const id = Number(result?.id);
    if (population === undefined || !Number.isInteger(id)) return;
    try {
      await changes.groupsChanged(population, [roleKey(id)]);
      await followUsers(population, event);
    } catch (error) {
      // Changing a role must not fail because of us.
      strapi.log.error(`[user-provisioning] the change of the role ${id} is sent after the next sweep: ${error instanceof Error ? error.message : 'unknown'}`);
      requestSweep();
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
    // Who had it has no role, or another one.
    await sweep();
  };
  return strapi.db.lifecycles.subscribe({ models: Object.keys(ROLES), afterCreate: follow as never, afterUpdate: follow as never, afterDelete: deletion as never, afterUpdateMany: sweep, afterDeleteMany: sweep }) as () => void;
}

/** Accounts that a write of a role names. `isWhole`: it replaces all that the role had, who are not named. */
function usersIn(users: unknown): { named: number[]; isWhole: boolean } {
  if (users === undefined) return { named: [], isWhole: false };
  if (typeof users !== 'object' || users === null || Array.isArray(users)) return { named: idsIn(users), isWhole: true };
  const { connect, disconnect, set } = users as { connect?: unknown; disconnect?: unknown; set?: unknown };
  return { named: [...new Set([...idsIn(connect), ...idsIn(disconnect), ...idsIn(set)])], isWhole: set !== undefined || 'id' in users };
}

const idsIn = (entries: unknown): number[] =>
  (Array.isArray(entries) ? entries : [entries]).map((entry: unknown) => Number(typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : entry)).filter((id) => Number.isInteger(id) && id > 0);
