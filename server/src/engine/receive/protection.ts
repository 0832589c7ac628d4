import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { GrantStore } from '../../ports/grant-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';

interface ProtectionDeps {
  grants: GrantStore;
  directoryOf(population: Connection['population']): LocalDirectory;
}

/**
 * Of these users, the ids of those that are protected from the connection. A super admin is manageable where the
 * connection may grant that role and one of its groups did; a super admin made by hand never is.
 */
export async function protectedFrom(deps: ProtectionDeps, connection: Connection, users: LocalUser[]): Promise<Set<string>> {
  const guarded = users.filter((user) => user.protection !== null);
  const result = new Set(guarded.map((user) => user.ref));
  const superAdmins = guarded.filter((user) => user.protection?.reason === 'super-admin').map((user) => user.ref);
  if (superAdmins.length === 0 || !connection.policies.allowSuperAdmin) return result;
  const special = await deps.directoryOf(connection.population).protectedRoleIds();
  for (const grant of await deps.grants.ofUsers(superAdmins)) {
    if (grant.connectionId === connection.id && special.includes(grant.roleId)) result.delete(grant.identityId);
  }
  return result;
}

/** Throws `protected` (403) where the connection may not write the user. */
export async function refuseProtected(deps: ProtectionDeps, connection: Connection, user: LocalUser): Promise<void> {
  if (user.protection === null || !(await protectedFrom(deps, connection, [user])).has(user.ref)) return;
  throw new ProvisioningError('protected', user.protection.message);
}

/** Nobody could administer the site any more: also a connection that may manage super admins may not do this. */
export async function refuseLastSuperAdmin(deps: ProtectionDeps, connection: Connection, user: LocalUser): Promise<void> {
  if (user.protection?.reason !== 'super-admin') return;
  if (!(await deps.directoryOf(connection.population).isLastSuperAdmin(user))) return;
  throw new ProvisioningError('protected', lastSuperAdmin(user));
}

export const lastSuperAdmin = (user: LocalUser): string => `${String(user.resource.userName)} is the last active super admin and stays one.`;
