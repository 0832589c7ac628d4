import { Flex, LinkButton, Loader } from '@strapi/design-system';
import { Plus } from '@strapi/icons';
import { Link } from 'react-router-dom';
import { LoadFailed } from '../../components/LoadFailed';
import { PluginPage } from '../../components/PluginPage';
import { useConnectionRights } from '../../hooks/usePermissions';
import { useGetConnectionsQuery } from '../../services/connections';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';
import { ConnectionTable } from './ConnectionTable';
import { FirstConnection } from './FirstConnection';
import { StatusSummary } from './StatusSummary';

/** Changes wait for seconds, not for minutes: the delivery column follows them while the page is open. */
const POLLING_MS = 15_000;

export const ListPage = () => {
  const t = useT();
  const rights = useConnectionRights();
  const { data, error, isLoading, refetch } = useGetConnectionsQuery(undefined, {
    pollingInterval: POLLING_MS,
    refetchOnMountOrArgChange: true,
  });

  const hasConnections = data !== undefined && data.length > 0;
  return (
    <PluginPage
      withSubNavigation
      busy={isLoading}
      title={t('plugin.name', 'User Provisioning')}
      subtitle={t(
        'connections.intro',
        'Keeps the people of this Strapi equal to those of your identity provider and your applications, by the SCIM standard. Connect a system, assign people there, and see every change with its reason in the provisioning log.'
      )}
      primaryAction={
        hasConnections && rights.canCreate ? (
          <LinkButton tag={Link} to={PATHS.createConnection} startIcon={<Plus />} size="S">
            {t('connections.create', 'Add connection')}
          </LinkButton>
        ) : undefined
      }
    >
      {isLoading ? (
        <Flex justifyContent="center" padding={8}>
          <Loader>{t('connections.loading', 'Loading the connections')}</Loader>
        </Flex>
      ) : data === undefined ? (
        <LoadFailed error={error} onRetry={() => void refetch()} />
      ) : (
        <Flex direction="column" alignItems="stretch" gap={6}>
          <StatusSummary />
          {hasConnections ? (
            <ConnectionTable connections={data} rights={rights} />
          ) : (
            <FirstConnection canCreate={rights.canCreate} />
          )}
        </Flex>
      )}
    </PluginPage>
  );
};
