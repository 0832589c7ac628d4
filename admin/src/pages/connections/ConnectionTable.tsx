import { Table, Tbody, Th, Thead, Tr, Typography, VisuallyHidden } from '@strapi/design-system';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import type { ConnectionRights } from '../../hooks/usePermissions';
import { useT } from '../../utils/i18n';
import { ConnectionRow } from './ConnectionRow';

interface ConnectionTableProps {
  connections: ConnectionInfo[];
  rights: ConnectionRights;
}

const COLUMNS = 7;

export const ConnectionTable = ({ connections, rights }: ConnectionTableProps) => {
  const t = useT();
  const headers = [
    t('connections.column.name', 'Name'),
    t('connections.column.direction', 'Direction'),
    t('connections.column.population', 'People'),
    t('connections.column.state', 'State'),
    t('connections.column.delivery', 'Delivery'),
    t('connections.column.last-use', 'Last use'),
  ];
  return (
    <Table colCount={COLUMNS} rowCount={connections.length + 1} aria-label={t('nav.connections', 'Connections')}>
      <Thead>
        <Tr>
          {headers.map((header) => (
            <Th key={header}>
              <Typography variant="sigma" textColor="neutral600">
                {header}
              </Typography>
            </Th>
          ))}
          <Th>
            <VisuallyHidden>{t('connections.column.actions', 'Actions')}</VisuallyHidden>
          </Th>
        </Tr>
      </Thead>
      <Tbody>
        {connections.map((connection) => (
          <ConnectionRow key={connection.id} connection={connection} rights={rights} />
        ))}
      </Tbody>
    </Table>
  );
};
