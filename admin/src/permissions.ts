import type { Permission } from '@strapi/strapi/admin';
import { ACTIONS, actionId, type ActionUid } from '../../server/src/contracts/permissions';

/** What a page, a menu link or a check needs of a permission; the rest belongs to a stored one. */
type PermissionCheck = Pick<Permission, 'action' | 'subject'>;

const check = (uid: ActionUid): PermissionCheck => ({ action: actionId(uid), subject: null });

/**
 * `useRBAC` names a right after the last segment of its action, so `connections.read` and `logs.read` would collapse
 * into one `canRead`: the groups are checked apart.
 */
export const CONNECTION_PERMISSIONS = [
  check(ACTIONS.connectionsRead),
  check(ACTIONS.connectionsCreate),
  check(ACTIONS.connectionsUpdate),
  check(ACTIONS.connectionsDelete),
  check(ACTIONS.connectionsRotateToken),
];
export const LOG_PERMISSIONS = [check(ACTIONS.logsRead)];

export const PERMISSIONS = {
  readConnections: [check(ACTIONS.connectionsRead)],
  createConnections: [check(ACTIONS.connectionsCreate)],
  readLogs: LOG_PERMISSIONS,
  /** Any of these opens the plugin. */
  main: [check(ACTIONS.connectionsRead), check(ACTIONS.logsRead)],
};
