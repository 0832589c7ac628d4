import type { Connection } from '../../domain/connection/connection';
import { normaliseName } from '../../domain/identity/normalise';
import type { PlannedChange } from '../../domain/plan/change';
import type { LocalDirectory } from '../../ports/local-directory';
import { roleNamesIn } from '../receive/role-assignment';

/** What somebody gains of roles by a change of theirs, as far as the table of the connection names them. */
export interface RoleRisk {
  grants: number;
  /** One of them makes a super admin, and the connection may give it. */
  isSuperAdmin: boolean;
}

const NONE: RoleRisk = { grants: 0, isSuperAdmin: false };

/** By the person's own `roles`. */
export async function rolesOfPerson(connection: Connection, { before, desired }: PlannedChange, directory: LocalDirectory): Promise<RoleRisk> {
  if (connection.roleMappings.length === 0 || desired === null) return NONE;
  const held = new Set(before === null ? [] : roleNamesIn(before).map(normaliseName));
  const gained = rolesNamed(connection, roleNamesIn(desired).filter((name) => !held.has(normaliseName(name))));
  return { grants: gained.length > 0 ? 1 : 0, isSuperAdmin: await hasSuperAdmin(connection, gained, directory) };
}

/** By a group of this name, for people who come into it. */
export async function rolesOfGroup(connection: Connection, displayName: string | null, grants: number, directory: LocalDirectory): Promise<RoleRisk> {
  if (grants === 0 || displayName === null) return NONE;
  return { grants, isSuperAdmin: await hasSuperAdmin(connection, rolesNamed(connection, [displayName]), directory) };
}

const rolesNamed = ({ roleMappings }: Connection, names: string[]): number[] => {
  const wanted = new Set(names.map(normaliseName));
  return roleMappings.filter(({ groupName }) => wanted.has(normaliseName(groupName))).map(({ roleId }) => roleId);
};

async function hasSuperAdmin({ policies }: Connection, roleIds: number[], directory: LocalDirectory): Promise<boolean> {
  if (roleIds.length === 0 || !policies.allowSuperAdmin) return false;
  const special = await directory.protectedRoleIds();
  return roleIds.some((roleId) => special.includes(roleId));
}
