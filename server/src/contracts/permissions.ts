/** RBAC actions of the plugin; the ids are `plugin::user-provisioning.<uid>`. */
export const PLUGIN_ID = 'user-provisioning';

export const ACTIONS = {
  connectionsRead: 'connections.read',
  connectionsCreate: 'connections.create',
  connectionsUpdate: 'connections.update',
  connectionsDelete: 'connections.delete',
  connectionsRotateToken: 'connections.rotate-token',
  runsRead: 'runs.read',
  runsStart: 'runs.start',
  runsApprove: 'runs.approve',
  offboardingsRead: 'offboardings.read',
  offboardingsStart: 'offboardings.start',
  offboardingsApprove: 'offboardings.approve',
  logsRead: 'logs.read',
} as const;

export type ActionUid = (typeof ACTIONS)[keyof typeof ACTIONS];

export const actionId = (uid: ActionUid): string => `plugin::${PLUGIN_ID}.${uid}`;
