import { Flex, IconButton, Table, Tbody, Td, Th, Thead, Tr, Typography, VisuallyHidden } from '@strapi/design-system';
import { Eye } from '@strapi/icons';
import { styled } from 'styled-components';
import type { OperationSummary } from '../../../../server/src/contracts/operation';
import { OperationBadge, OutcomeBadge } from '../../components/OperationBadges';
import { PersonName } from '../../components/PersonName';
import { RelativeTime } from '../../components/RelativeTime';
import { useT } from '../../utils/i18n';

interface LogTableProps {
  rows: OperationSummary[];
  busy: boolean;
  onOpen: (id: number) => void;
}

const COLUMNS = 7;

export const LogTable = ({ rows, busy, onOpen }: LogTableProps) => {
  const t = useT();
  const headers = [
    t('logs.column.time', 'Time'),
    t('logs.column.operation', 'Operation'),
    t('logs.column.outcome', 'Outcome'),
    t('logs.column.object', 'Person or group'),
    t('logs.column.connection', 'Connection'),
    t('logs.column.message', 'What happened'),
  ];
  return (
    <Table colCount={COLUMNS} rowCount={rows.length + 1} aria-busy={busy} aria-label={t('nav.logs', 'Provisioning log')}>
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
        {rows.map((row) => (
          <LogRow key={row.id} row={row} onOpen={onOpen} />
        ))}
      </Tbody>
    </Table>
  );
};

/** The reason is what the log is read for: two lines of it, the rest as title and in the entry. */
const Message = styled(Typography)`
  display: -webkit-box;
  max-width: 24rem;
  overflow: hidden;
  white-space: normal;
  overflow-wrap: anywhere;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 2;
`;

/** The name opens the entry too, also from the keyboard. */
const NameButton = styled.button`
  padding: 0;
  border: none;
  background: transparent;
  color: inherit;
  font: inherit;
  text-align: start;
  cursor: pointer;

  &:hover,
  &:focus-visible {
    text-decoration: underline;
  }
`;

interface LogRowProps {
  row: OperationSummary;
  onOpen: (id: number) => void;
  /** Given by `Tbody`; without it the arrow keys do not find the row. */
  'aria-rowindex'?: number;
}

const LogRow = ({ row, onOpen, ...position }: LogRowProps) => {
  const t = useT();
  const { id, at, operation, outcome, objectName, objectId, objectType, connectionName, message, count } = row;
  const name = objectName ?? objectId;
  return (
    <Tr {...position} onClick={() => onOpen(id)} style={{ cursor: 'pointer' }}>
      <Td>
        <Typography>
          <RelativeTime value={at} />
        </Typography>
      </Td>
      <Td>
        <Flex gap={2}>
          <OperationBadge operation={operation} />
          {count > 1 ? (
            <Typography variant="pi" textColor="neutral600">
              {t('logs.count', '{count, plural, one {# request} other {# requests}}', { count })}
            </Typography>
          ) : null}
        </Flex>
      </Td>
      <Td>
        <OutcomeBadge outcome={outcome} />
      </Td>
      <Td>
        <Flex direction="column" alignItems="flex-start">
          {name === null ? <Typography textColor="neutral600">–</Typography> : (
            <NameButton
              type="button"
              onClick={(event) => {
                event.stopPropagation();
                onOpen(id);
              }}
            >
              <PersonName maxWidth="17rem">{name}</PersonName>
            </NameButton>
          )}
          {objectType === 'Group' ? (
            <Typography variant="pi" textColor="neutral600">
              {t('logs.group', 'Group')}
            </Typography>
          ) : null}
        </Flex>
      </Td>
      <Td>
        <PersonName maxWidth="13rem">{connectionName}</PersonName>
      </Td>
      <Td>
        <Message dir="ltr" title={message}>
          {message}
        </Message>
      </Td>
      <Td onClick={(event) => event.stopPropagation()}>
        <IconButton
          variant="ghost"
          label={t('logs.open', 'Show the details of {name}', { name: name ?? connectionName })}
          onClick={() => onOpen(id)}
        >
          <Eye />
        </IconButton>
      </Td>
    </Tr>
  );
};
