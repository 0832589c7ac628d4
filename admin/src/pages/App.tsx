import { Page } from '@strapi/strapi/admin';
import { Navigate, Route, Routes } from 'react-router-dom';
import { useConnectionRights } from '../hooks/usePermissions';
import { PERMISSIONS } from '../permissions';
import { PATHS } from '../utils/paths';
import { CreatePage } from './connections/CreatePage';
import { EditPage } from './connections/EditPage';
import { ListPage } from './connections/ListPage';
import { LogPage } from './logs/LogPage';

/** Whoever may only read the log starts there. */
const Start = () => {
  const { canRead, isLoading } = useConnectionRights();
  if (isLoading) return <Page.Loading />;
  return <Navigate to={canRead ? PATHS.connections : PATHS.logs} replace />;
};

export const App = () => (
  <Page.Protect permissions={PERMISSIONS.main}>
    <Routes>
      <Route index element={<Start />} />
      <Route
        path="connections"
        element={
          <Page.Protect permissions={PERMISSIONS.readConnections}>
            <ListPage />
          </Page.Protect>
        }
      />
      <Route
        path="connections/create"
        element={
          <Page.Protect permissions={PERMISSIONS.createConnections}>
            <CreatePage />
          </Page.Protect>
        }
      />
      <Route
        path="connections/:id"
        element={
          <Page.Protect permissions={PERMISSIONS.readConnections}>
            <EditPage />
          </Page.Protect>
        }
      />
      <Route
        path="logs"
        element={
          <Page.Protect permissions={PERMISSIONS.readLogs}>
            <LogPage />
          </Page.Protect>
        }
      />
      <Route path="*" element={<Navigate to={PATHS.root} replace />} />
    </Routes>
  </Page.Protect>
);
