import { Button, Flex, Link, Typography } from '@strapi/design-system';
import { ArrowClockwise, PaperPlane } from '@strapi/icons';
import { useState } from 'react';
import { Link as RouterLink } from 'react-router-dom';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { ConfirmAction } from '../../../components/ConfirmAction';
import { Notice } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { RelativeTime } from '../../../components/RelativeTime';
import { useLogRights } from '../../../hooks/usePermissions';
import { useReport } from '../../../hooks/useReport';
import { useGetConnectionQuery, useProvisionAllMutation, useRetryFailedMutation } from '../../../services/connections';
import { useT } from '../../../utils/i18n';
import { PATHS } from '../../../utils/paths';
import { DeliveryText } from '../DeliveryText';

const POLLING_MS = 5_000;

interface DeliveryPanelProps {
  connection: ConnectionInfo;
  canUpdate: boolean;
}

/** What has reached the application and what has not. */
export const DeliveryPanel = ({ connection: { id, name, enabled, delivery }, canUpdate }: DeliveryPanelProps) => {
  const t = useT();
  const logs = useLogRights();
  const { success, failure } = useReport();
  const [provisionAll] = useProvisionAllMutation();
  const [retryFailed, { isLoading: retrying }] = useRetryFailedMutation();
  const [asking, setAsking] = useState(false);
  // Follows the delivery while something waits; the page shows the same cache entry.
  useGetConnectionQuery(id, { pollingInterval: delivery !== null && delivery.pending > 0 ? POLLING_MS : 0 });

  const queued = (count: number) =>
    t('delivery.queued', '{count, plural, =0 {Nothing had to be queued.} one {# person is queued.} other {# people are queued.}}', { count });

  const provision = async () => {
    const result = await provisionAll(id);
    setAsking(false);
    if ('error' in result) return failure(result.error);
    success(queued(result.data.queued));
  };
  const retry = async () => {
    const result = await retryFailed(id);
    if ('error' in result) return failure(result.error);
    success(queued(result.data.queued));
  };

  const failed = delivery?.failed ?? 0;
  return (
    <Panel
      title={t('delivery.title', 'Delivery')}
      actions={
        canUpdate ? (
          <>
            {failed > 0 ? (
              <Button variant="secondary" startIcon={<ArrowClockwise />} loading={retrying} onClick={() => void retry()}>
                {t('delivery.retry', 'Retry failed')}
              </Button>
            ) : null}
            <Button variant="secondary" startIcon={<PaperPlane />} onClick={() => setAsking(true)}>
              {t('delivery.provision-all', 'Provision everyone now')}
            </Button>
          </>
        ) : undefined
      }
    >
      <Flex direction="column" alignItems="flex-start" gap={3}>
        {enabled ? null : (
          <Notice variant="info">
            {t('delivery.paused', 
              'The connection is paused, so nothing is sent. What changes meanwhile is kept and sent once it is active again.'
            )}
          </Notice>
        )}
        <Flex gap={4} wrap="wrap">
          <DeliveryText delivery={delivery} />
          {delivery?.oldestPendingAt ? (
            <Typography variant="pi" textColor="neutral600">
              {t('delivery.oldest', 'Oldest waiting change:')} <RelativeTime value={delivery.oldestPendingAt} />
            </Typography>
          ) : null}
          {logs.canRead ? (
            <Link
              tag={RouterLink}
              to={PATHS.logsWith({ connectionId: String(id), ...(failed > 0 ? { outcome: 'refused,failed' } : {}) })}
            >
              {failed > 0 ? t('delivery.log-failed', 'See why in the log') : t('delivery.log', 'See it in the log')}
            </Link>
          ) : null}
        </Flex>
      </Flex>
      <ConfirmAction
        open={asking}
        onOpenChange={setAsking}
        variant="default"
        title={t('delivery.provision-all-title', 'Provision everyone to "{name}"?', { name })}
        onConfirm={provision}
      >
        {t(
          'delivery.provision-all-text',
          'Every person of this Strapi is compared with the application. Whoever is missing there is created, whoever differs is updated; the others cost no request.'
        )}
      </ConfirmAction>
    </Panel>
  );
};
