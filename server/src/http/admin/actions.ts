import { ACTIONS } from '../../contracts/permissions';

/** RBAC actions, shown in Settings > Roles under Plugins > User Provisioning. */
export const RBAC_ACTIONS = [
  { uid: ACTIONS.connectionsRead, displayName: 'Read', subCategory: 'connections' },
  { uid: ACTIONS.connectionsCreate, displayName: 'Create', subCategory: 'connections' },
  { uid: ACTIONS.connectionsUpdate, displayName: 'Update, test and provision', subCategory: 'connections' },
  { uid: ACTIONS.connectionsDelete, displayName: 'Delete', subCategory: 'connections' },
  { uid: ACTIONS.connectionsRotateToken, displayName: 'Issue, rotate and revoke tokens', subCategory: 'connections' },
  { uid: ACTIONS.runsRead, displayName: 'Read', subCategory: 'runs' },
  { uid: ACTIONS.runsStart, displayName: 'Start, pause, cancel and undo', subCategory: 'runs' },
  { uid: ACTIONS.runsApprove, displayName: 'Approve', subCategory: 'runs' },
  { uid: ACTIONS.offboardingsRead, displayName: 'Read', subCategory: 'offboardings' },
  { uid: ACTIONS.offboardingsStart, displayName: 'Plan, retry and cancel', subCategory: 'offboardings' },
  { uid: ACTIONS.offboardingsApprove, displayName: 'Approve', subCategory: 'offboardings' },
  { uid: ACTIONS.logsRead, displayName: 'Read', subCategory: 'provisioning log' },
].map((action) => ({ section: 'plugins', pluginName: 'user-provisioning', ...action }));
