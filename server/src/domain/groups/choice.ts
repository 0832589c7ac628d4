import type { Connection } from '../connection/connection';
import { outboundOf } from '../connection/outbound';

/** How a role or group is named in markers, links and `only`: `role:3`, or the SCIM id of a group that a provider pushed. */
const ROLE = /^role:(\d{1,15})$/;

export const roleKey = (roleId: number): string => `role:${roleId}`;

/** Id of the role that a key names; null: it names a group. */
export function roleIdOf(key: string): number | null {
  const digits = ROLE.exec(key)?.[1];
  return digits === undefined ? null : Number(digits);
}

export const pushesRoles = (connection: Pick<Connection, 'outbound'>): boolean => ['roles', 'roles-and-groups'].includes(outboundOf(connection).groups.source);
export const pushesGroups = (connection: Pick<Connection, 'outbound'>): boolean => ['groups', 'roles-and-groups'].includes(outboundOf(connection).groups.source);

/** Whether the connection keeps this role or group at its application, by what an admin chose. */
export function isChosen(connection: Pick<Connection, 'outbound'>, key: string): boolean {
  const { only } = outboundOf(connection).groups;
  const isOfSource = roleIdOf(key) === null ? pushesGroups(connection) : pushesRoles(connection);
  return isOfSource && (only === null || only.includes(key));
}
