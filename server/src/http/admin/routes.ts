import { ACTIONS, actionId, type ActionUid } from '../../contracts/permissions';
import type { AdminHandlers } from './controllers';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The admin API under `/user-provisioning`; every route needs a signed-in admin with the action. */
export function adminRoutes(handlers: AdminHandlers) {
  const route = (method: Method, path: string, handler: AdminHandlers[keyof AdminHandlers], action: ActionUid) => ({
    method,
    path,
    handler,
    config: {
      policies: [
        'admin::isAuthenticatedAdmin',
        { name: 'admin::hasPermissions', config: { actions: [actionId(action)] } },
      ],
    },
  });
  return {
    type: 'admin' as const,
    routes: [
      route('GET', '/status', handlers.status, ACTIONS.connectionsRead),
      route('GET', '/connections', handlers.listConnections, ACTIONS.connectionsRead),
      route('POST', '/connections', handlers.createConnection, ACTIONS.connectionsCreate),
      route('GET', '/connections/:id', handlers.getConnection, ACTIONS.connectionsRead),
      route('PUT', '/connections/:id', handlers.updateConnection, ACTIONS.connectionsUpdate),
      route('DELETE', '/connections/:id', handlers.deleteConnection, ACTIONS.connectionsDelete),
      route('POST', '/connections/:id/test', handlers.testConnection, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/approvals', handlers.listApprovals, ACTIONS.logsRead),
      route('POST', '/connections/:id/links', handlers.approveLink, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/provision-all', handlers.provisionAll, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/retry-failed', handlers.retryFailed, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/try-now', handlers.tryNow, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/failed', handlers.listFailed, ACTIONS.logsRead),
      route('POST', '/connections/:id/failed/retry', handlers.retrySelected, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/failed/dismiss', handlers.dismissFailed, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/mapping', handlers.getMapping, ACTIONS.connectionsRead),
      route('PUT', '/connections/:id/mapping', handlers.publishMapping, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/mapping/preview', handlers.previewMapping, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/mapping/impact', handlers.measureMapping, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/tokens', handlers.createToken, ACTIONS.connectionsRotateToken),
      route('POST', '/connections/:id/rotate-token', handlers.rotateToken, ACTIONS.connectionsRotateToken),
      route('DELETE', '/connections/:id/tokens/:tokenId', handlers.revokeToken, ACTIONS.connectionsRotateToken),
      route('GET', '/connections/:id/attributes', handlers.connectionAttributes, ACTIONS.connectionsRead),
      route('GET', '/attributes', handlers.listAttributes, ACTIONS.connectionsRead),
      route('POST', '/connections/:id/scope/count', handlers.countScope, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/scope/test', handlers.testScope, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/assigned', handlers.listAssigned, ACTIONS.connectionsRead),
      route('POST', '/connections/:id/assigned', handlers.assignUsers, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/assigned/remove', handlers.unassignUsers, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/schedules', handlers.listSchedules, ACTIONS.connectionsRead),
      route('POST', '/connections/:id/schedules', handlers.createSchedule, ACTIONS.connectionsUpdate),
      route('PUT', '/connections/:id/schedules/:scheduleId', handlers.updateSchedule, ACTIONS.connectionsUpdate),
      route('DELETE', '/connections/:id/schedules/:scheduleId', handlers.deleteSchedule, ACTIONS.connectionsUpdate),
      route('POST', '/schedules/preview', handlers.previewSchedule, ACTIONS.connectionsRead),
      route('PUT', '/connections/:id/review', handlers.setReview, ACTIONS.connectionsUpdate),
      route('PUT', '/maintenance', handlers.setMaintenance, ACTIONS.connectionsUpdate),
      route('GET', '/connections/:id/holds', handlers.listHolds, ACTIONS.connectionsRead),
      route('GET', '/connections/:id/holds/:kind/objects', handlers.listHeldObjects, ACTIONS.logsRead),
      route('POST', '/connections/:id/holds/:kind/approve', handlers.approveHold, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/holds/:kind/dismiss', handlers.dismissHold, ACTIONS.connectionsUpdate),
      route('POST', '/connections/:id/provision', handlers.provisionUser, ACTIONS.runsStart),
      route('POST', '/connections/:id/runs', handlers.startRun, ACTIONS.runsStart),
      route('GET', '/runs', handlers.listRuns, ACTIONS.runsRead),
      route('GET', '/runs/:id', handlers.getRun, ACTIONS.runsRead),
      route('GET', '/runs/:id/items', handlers.listRunItems, ACTIONS.runsRead),
      route('POST', '/runs/:id/approve', handlers.approveRun, ACTIONS.runsApprove),
      route('POST', '/runs/:id/cancel', handlers.cancelRun, ACTIONS.runsStart),
      route('POST', '/runs/:id/pause', handlers.pauseRun, ACTIONS.runsStart),
      route('POST', '/runs/:id/resume', handlers.resumeRun, ACTIONS.runsStart),
      route('POST', '/runs/:id/undo', handlers.undoRun, ACTIONS.runsStart),
      route('POST', '/runs/:id/retry', handlers.retryRun, ACTIONS.runsStart),
      route('GET', '/roles', handlers.listRoles, ACTIONS.connectionsRead),
      route('GET', '/operations', handlers.listOperations, ACTIONS.logsRead),
      route('GET', '/operations/:id', handlers.getOperation, ACTIONS.logsRead),
    ],
  };
}
