import { Box, Flex, Typography } from '@strapi/design-system';
import { useState, type ReactNode } from 'react';
import { useIntl } from 'react-intl';
import { Link } from 'react-router-dom';
import { EncryptionNotice } from '../../components/EncryptionNotice';
import { RelativeTime } from '../../components/RelativeTime';
import { useLogRights } from '../../hooks/usePermissions';
import { useGetStatusQuery } from '../../services/status';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';

const DAY_MS = 86_400_000;

interface FigureProps {
  label: string;
  value: string;
  to?: string;
  alarming?: boolean;
  note?: ReactNode;
}

const Figure = ({ label, value, to, alarming = false, note }: FigureProps) => (
  <Box
    tag="li"
    background="neutral0"
    borderColor={alarming ? 'danger200' : 'neutral150'}
    borderStyle="solid"
    borderWidth="1px"
    hasRadius
    padding={4}
    flex="1 1 16rem"
  >
    <Flex direction="column" alignItems="flex-start" gap={1}>
      <Typography variant="pi" textColor="neutral600">
        {label}
      </Typography>
      <Typography variant="beta" textColor={alarming ? 'danger600' : 'neutral800'}>
        {to ? (
          <Link to={to} style={{ color: 'inherit' }} aria-label={`${label}: ${value}`}>
            {value}
          </Link>
        ) : (
          value
        )}
      </Typography>
      {note}
    </Flex>
  </Box>
);

/** What runs, what waits and what went wrong since yesterday; each figure leads to its entries of the log. */
export const StatusSummary = () => {
  const t = useT();
  const { formatNumber } = useIntl();
  const logs = useLogRights();
  const { data: status } = useGetStatusQuery(undefined, { refetchOnMountOrArgChange: true });
  const [since] = useState(() => new Date(Date.now() - DAY_MS).toISOString());

  // A summary that cannot be had must not stand in the way of the list.
  if (status === undefined) return null;

  const { connections, delivery, operations24h } = status;
  const problems = operations24h.refused + operations24h.failed;
  const logLink = (outcome: string) => (logs.canRead ? PATHS.logsWith({ outcome, from: since }) : undefined);
  return (
    <>
      {status.encryptionReady ? null : <EncryptionNotice />}
      {connections.total > 0 ? (
        <Flex tag="ul" gap={4} wrap="wrap" alignItems="stretch" aria-label={t('status.label', 'Overview')}>
          <Figure
            label={t('status.connections', 'Active connections')}
            value={t('status.connections-value', '{enabled, number} of {total, number}', connections)}
          />
          <Figure
            label={t('status.waiting', 'Changes waiting for delivery')}
            value={formatNumber(delivery.pending)}
            note={
              delivery.oldestPendingAt ? (
                <Typography variant="pi" textColor="neutral600">
                  {t('status.oldest', 'Oldest:')} <RelativeTime value={delivery.oldestPendingAt} />
                </Typography>
              ) : null
            }
          />
          <Figure
            label={t('status.done', 'Successful in 24 hours')}
            value={formatNumber(operations24h.success)}
            to={logLink('success')}
          />
          <Figure
            label={t('status.problems', 'Refused or failed in 24 hours')}
            value={formatNumber(problems)}
            to={logLink('refused,failed')}
            alarming={problems > 0}
          />
        </Flex>
      ) : null}
    </>
  );
};
