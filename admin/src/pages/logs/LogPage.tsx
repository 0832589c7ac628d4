import { Button, Checkbox, Flex, Loader } from '@strapi/design-system';
import { ArrowClockwise } from '@strapi/icons';
import { useState } from 'react';
import { LoadFailed } from '../../components/LoadFailed';
import { PluginPage } from '../../components/PluginPage';
import { useConnectionRights } from '../../hooks/usePermissions';
import { useGetConnectionsQuery } from '../../services/connections';
import { useGetOperationsQuery } from '../../services/operations';
import { statusOf } from '../../utils/errors';
import { useT } from '../../utils/i18n';
import { LogEmpty } from './LogEmpty';
import { LogFilters } from './LogFilters';
import { LogPaging } from './LogPaging';
import { FILTER_KEYS, toApiQuery } from './logQuery';
import { LogTable } from './LogTable';
import { OperationModal } from './OperationModal';
import { useLogView } from './useLogView';

const POLLING_MS = 5_000;

export const LogPage = () => {
  const t = useT();
  const rights = useConnectionRights();
  const { view, change } = useLogView();
  const [following, setFollowing] = useState(false);
  const { data: connections } = useGetConnectionsQuery(undefined, { skip: !rights.canRead });
  const { data, currentData, error, isFetching, refetch } = useGetOperationsQuery(toApiQuery(view), {
    // New entries only ever come in on the first page.
    pollingInterval: following && view.cursor === null ? POLLING_MS : 0,
    refetchOnMountOrArgChange: true,
  });

  // While other filters load, their predecessor's rows stay: the page does not jump.
  const page = currentData ?? (error === undefined ? data : undefined);
  const clear = () => change(Object.fromEntries([...FILTER_KEYS, 'cursor'].map((key) => [key, undefined])));
  const filtered = view.cursor !== null || FILTER_KEYS.some((key) => view.filters[key] !== undefined);

  return (
    <PluginPage
      withSubNavigation
      busy={isFetching}
      title={t('nav.logs', 'Provisioning log')}
      subtitle={t(
        'logs.intro',
        'Every create, read, update and delete of people and groups, what was skipped or refused, and why.'
      )}
      primaryAction={
        <Flex gap={4} wrap="wrap">
          <Checkbox checked={following} onCheckedChange={(next) => setFollowing(next === true)}>
            {t('logs.follow', 'Refresh automatically')}
          </Checkbox>
          <Button variant="secondary" startIcon={<ArrowClockwise />} onClick={() => void refetch()}>
            {t('logs.refresh', 'Refresh')}
          </Button>
        </Flex>
      }
    >
      <Flex direction="column" alignItems="stretch" gap={6}>
        <LogFilters view={view} change={change} connections={connections ?? []} />
        {page === undefined ? (
          isFetching ? (
            <Flex justifyContent="center" padding={8}>
              <Loader>{t('logs.loading', 'Loading the log')}</Loader>
            </Flex>
          ) : (
            <LoadFailed
              error={error}
              onRetry={() => void refetch()}
              action={
                // A page link that the server does not know any more: asking again would end the same way.
                statusOf(error) === 400 ? (
                  <Button variant="secondary" onClick={clear}>
                    {t('logs.filter.clear', 'Clear filters')}
                  </Button>
                ) : undefined
              }
            />
          )
        ) : page.results.length === 0 ? (
          <LogEmpty filtered={filtered} onClear={clear} />
        ) : (
          <>
            <LogTable rows={page.results} busy={isFetching} onOpen={(id) => change({ id: String(id) })} />
            <LogPaging view={view} change={change} page={page} />
          </>
        )}
      </Flex>
      <OperationModal id={view.id} onClose={() => change({ id: undefined })} />
    </PluginPage>
  );
};
