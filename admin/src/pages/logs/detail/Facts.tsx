import { Box, Grid, Link, Typography } from '@strapi/design-system';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router-dom';
import type { OperationDetail } from '../../../../../server/src/contracts/operation';
import { AbsoluteTime } from '../../../components/RelativeTime';
import { useConnectionRights } from '../../../hooks/usePermissions';
import { useT } from '../../../utils/i18n';
import { DIRECTION_LABELS, POPULATION_LABELS, TRIGGER_LABELS } from '../../../utils/labels';
import { PATHS } from '../../../utils/paths';

export const Facts = ({ operation }: { operation: OperationDetail }) => {
  const t = useT();
  const rights = useConnectionRights();
  const { connectionId, connectionName, direction, population, trigger, objectType, durationMs } = operation;

  const facts: [label: string, value: ReactNode][] = [
    [t('detail.at', 'Time'), <AbsoluteTime key="at" value={operation.at} />],
    [
      t('logs.column.connection', 'Connection'),
      connectionId !== null && rights.canRead ? (
        <Link key="connection" tag={RouterLink} to={PATHS.connection(connectionId)}>
          <bdi>{connectionName}</bdi>
        </Link>
      ) : (
        <bdi key="connection">{connectionName}</bdi>
      ),
    ],
    [t('connections.column.direction', 'Direction'), t(...DIRECTION_LABELS[direction])],
    [t('connections.column.population', 'People'), t(...POPULATION_LABELS[population])],
    [t('detail.trigger', 'Started by'), t(...TRIGGER_LABELS[trigger])],
    [t('detail.actor', 'Caused by'), <bdi key="actor">{operation.actor}</bdi>],
    [
      t('detail.object-type', 'Kind'),
      objectType === 'Group' ? t('logs.group', 'Group') : t('detail.person', 'Person'),
    ],
    [t('detail.object-id', 'Id in Strapi'), operation.objectId ?? '–'],
    [t('detail.remote-id', 'Id in the other system'), operation.remoteId ?? '–'],
    [t('detail.duration', 'Duration'), t('time.milliseconds', '{ms, number} ms', { ms: Math.round(durationMs) })],
    [t('detail.attempts', 'Attempts'), String(operation.attempts)],
    [t('detail.correlation', 'Correlation id'), operation.correlationId],
  ];

  return (
    <Grid.Root tag="dl" gap={4}>
      {facts.map(([label, value]) => (
        <Grid.Item key={label} col={6} s={6} xs={12} direction="column" alignItems="flex-start">
          <Typography tag="dt" variant="pi" textColor="neutral600">
            {label}
          </Typography>
          <Box tag="dd" maxWidth="100%">
            <Typography style={{ overflowWrap: 'anywhere' }}>{value}</Typography>
          </Box>
        </Grid.Item>
      ))}
    </Grid.Root>
  );
};
