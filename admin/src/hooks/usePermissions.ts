import { useRBAC } from '@strapi/strapi/admin';
import { CONNECTION_PERMISSIONS, LOG_PERMISSIONS } from '../permissions';

export interface ConnectionRights {
  canRead: boolean;
  canCreate: boolean;
  canUpdate: boolean;
  canDelete: boolean;
  canRotateToken: boolean;
}

export const useConnectionRights = (): ConnectionRights & { isLoading: boolean } => {
  const { allowedActions, isLoading } = useRBAC(CONNECTION_PERMISSIONS);
  return {
    canRead: allowedActions.canRead === true,
    canCreate: allowedActions.canCreate === true,
    canUpdate: allowedActions.canUpdate === true,
    canDelete: allowedActions.canDelete === true,
    canRotateToken: allowedActions.canRotateToken === true,
    isLoading,
  };
};

export const useLogRights = (): { canRead: boolean; isLoading: boolean } => {
  const { allowedActions, isLoading } = useRBAC(LOG_PERMISSIONS);
  return { canRead: allowedActions.canRead === true, isLoading };
};
