import { IconButton, Switch, Td, Tr, Typography } from '@strapi/design-system';
import { Eye, Pencil, Trash } from '@strapi/icons';
import { useState, type MouseEvent } from 'react';
import { useNavigate } from 'react-router-dom';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { CellActions } from '../../components/CellActions';
import { PersonName } from '../../components/PersonName';
import { RelativeTime } from '../../components/RelativeTime';
import type { ConnectionRights } from '../../hooks/usePermissions';
import { useReport } from '../../hooks/useReport';
import { useUpdateConnectionMutation } from '../../services/connections';
import { useT } from '../../utils/i18n';
import { DIRECTION_LABELS, POPULATION_LABELS } from '../../utils/labels';
import { PATHS } from '../../utils/paths';
import { DeleteConnection } from './DeleteConnection';
import { DeliveryText } from './DeliveryText';

const lastUseOf = ({ tokens }: ConnectionInfo): string | null =>
  tokens.reduce<string | null>(
    (latest, { lastUsedAt }) => (lastUsedAt !== null && (latest === null || lastUsedAt > latest) ? lastUsedAt : latest),
    null
  );

/** Controls inside a row must not also open the row. */
const stay = (event: MouseEvent) => event.stopPropagation();

interface ConnectionRowProps {
  connection: ConnectionInfo;
  rights: ConnectionRights;
  /** Given by `Tbody`; without it the arrow keys do not find the row. */
  'aria-rowindex'?: number;
}

export const ConnectionRow = ({ connection, rights, ...position }: ConnectionRowProps) => {
  const t = useT();
  const navigate = useNavigate();
  const { success, failure } = useReport();
  const [update, { isLoading }] = useUpdateConnectionMutation();
  const [deleting, setDeleting] = useState(false);

  const { id, name, direction, population, enabled } = connection;
  const lastUse = lastUseOf(connection);
  const open = () => navigate(PATHS.connection(id));

  const toggle = async (next: boolean) => {
    const result = await update({ id, data: { enabled: next } });
    if ('error' in result) return failure(result.error);
    success(
      next
        ? t('connections.enabled', '"{name}" is active again.', { name })
        : t('connections.disabled', '"{name}" is paused: it answers no request and sends nothing.', { name })
    );
  };

  return (
    <Tr {...position} onClick={open} style={{ cursor: 'pointer' }}>
      <Td>
        <PersonName fontWeight="semiBold">{name}</PersonName>
      </Td>
      <Td>
        <Typography style={{ whiteSpace: 'nowrap' }}>{t(...DIRECTION_LABELS[direction])}</Typography>
      </Td>
      <Td>
        <Typography>{t(...POPULATION_LABELS[population])}</Typography>
      </Td>
      <Td onClick={stay}>
        <Switch
          aria-label={t('connections.state-of', 'State of {name}', { name })}
          visibleLabels
          onLabel={t('connections.on', 'Active')}
          offLabel={t('connections.off', 'Paused')}
          checked={enabled}
          disabled={!rights.canUpdate || isLoading}
          onCheckedChange={(next) => void toggle(next)}
        />
      </Td>
      <Td>
        <DeliveryText delivery={connection.delivery} />
      </Td>
      <Td>
        <Typography>{lastUse ? <RelativeTime value={lastUse} /> : '–'}</Typography>
      </Td>
      <Td onClick={stay}>
        <CellActions>
          <IconButton
            variant="ghost"
            label={
              rights.canUpdate
                ? t('connections.edit', 'Edit {name}', { name })
                : t('connections.view', 'View {name}', { name })
            }
            onClick={open}
          >
            {rights.canUpdate ? <Pencil /> : <Eye />}
          </IconButton>
          {rights.canDelete ? (
            <IconButton
              variant="ghost"
              label={t('connections.delete', 'Delete {name}', { name })}
              onClick={() => setDeleting(true)}
            >
              <Trash />
            </IconButton>
          ) : null}
          <DeleteConnection connection={connection} open={deleting} onOpenChange={setDeleting} />
        </CellActions>
      </Td>
    </Tr>
  );
};
