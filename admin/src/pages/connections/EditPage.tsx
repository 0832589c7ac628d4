import { BackButton } from '@strapi/strapi/admin';
import { Flex, LinkButton, Loader } from '@strapi/design-system';
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router-dom';
import { LoadFailed } from '../../components/LoadFailed';
import { PluginPage } from '../../components/PluginPage';
import { useGetConnectionQuery } from '../../services/connections';
import { statusOf } from '../../utils/errors';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';
import { ConnectionDetails } from './ConnectionDetails';
import { CreatedPage } from './CreatedPage';
import { forgetFreshToken, freshTokenOf } from './freshToken';

export const EditPage = () => {
  const t = useT();
  const { id } = useParams<{ id: string }>();
  const connectionId = Number(id);
  const { data, error, isLoading, refetch } = useGetConnectionQuery(connectionId, {
    skip: !Number.isInteger(connectionId),
    refetchOnMountOrArgChange: true,
  });

  // Shown until the person says so or leaves; never again after that.
  const [fresh, setFresh] = useState(() => ({ connectionId, token: freshTokenOf(connectionId) }));
  useEffect(() => forgetFreshToken, []);

  if (data !== undefined && data.id === connectionId) {
    return fresh.token === null || fresh.connectionId !== connectionId ? (
      <ConnectionDetails key={data.id} connection={data} />
    ) : (
      <CreatedPage connection={data} token={fresh.token} onDone={() => setFresh({ connectionId, token: null })} />
    );
  }

  const missing = !Number.isInteger(connectionId) || statusOf(error) === 404;
  return (
    <PluginPage
      busy={isLoading}
      title={t('edit.title', 'Connection')}
      navigationAction={<BackButton fallback={PATHS.connections} />}
    >
      {isLoading ? (
        <Flex justifyContent="center" padding={8}>
          <Loader>{t('edit.loading', 'Loading the connection')}</Loader>
        </Flex>
      ) : (
        <LoadFailed
          error={missing ? { message: t('edit.missing', 'This connection does not exist (any more).') } : error}
          onRetry={() => void refetch()}
          action={
            missing ? (
              <LinkButton tag={Link} to={PATHS.connections} variant="secondary">
                {t('edit.to-list', 'To the connections')}
              </LinkButton>
            ) : undefined
          }
        />
      )}
    </PluginPage>
  );
};
