import { Button, Flex, Table, Tbody, Td, Th, Thead, Tr, Typography, VisuallyHidden } from '@strapi/design-system';
import type { PendingApproval } from '../../../../../server/src/contracts/connection';
import { PersonName } from '../../../components/PersonName';
import { RelativeTime } from '../../../components/RelativeTime';
import { msg, useT, type Message } from '../../../utils/i18n';

const ATTEMPT_TEXTS: Record<PendingApproval['attempt'], Message> = {
  update: msg('approvals.update', 'It found the account and wanted to change it.'),
  create: msg('approvals.create', 'It wanted to create an account of the same name.'),
  group: msg('approvals.group', 'The person is in a group that gives a role.'),
};

interface ApprovalTableProps {
  people: PendingApproval[];
  canApprove: boolean;
  onApprove: (person: PendingApproval) => void;
}

export const ApprovalTable = ({ people, canApprove, onApprove }: ApprovalTableProps) => {
  const t = useT();
  const headers = [
    t('approvals.column.person', 'Person'),
    t('approvals.column.attempt', 'What the provider tried'),
    t('approvals.column.since', 'Waiting since'),
  ];
  return (
    <Table colCount={headers.length + 1} rowCount={people.length + 1} aria-label={t('approvals.title', 'People waiting for approval')}>
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
        {people.map((person) => (
          <ApprovalRow key={person.id} person={person} canApprove={canApprove} onApprove={() => onApprove(person)} />
        ))}
      </Tbody>
    </Table>
  );
};

interface ApprovalRowProps {
  person: PendingApproval;
  canApprove: boolean;
  onApprove: () => void;
  /** Given by `Tbody`; without it the arrow keys do not find the row. */
  'aria-rowindex'?: number;
}

const ApprovalRow = ({ person, canApprove, onApprove, ...position }: ApprovalRowProps) => {
  const t = useT();
  const { userName, email, attempt, attempts, since, lastAt, obstacle } = person;
  return (
    <Tr {...position}>
      <Td>
        <Flex direction="column" alignItems="flex-start">
          <PersonName fontWeight="semiBold" maxWidth="22rem">
            {userName}
          </PersonName>
          {email === null || email === userName ? null : (
            <PersonName variant="pi" textColor="neutral600" maxWidth="22rem">
              {email}
            </PersonName>
          )}
        </Flex>
      </Td>
      <Td>
        <Flex direction="column" alignItems="flex-start" maxWidth="36rem">
          <Typography style={{ whiteSpace: 'normal' }}>{t(...ATTEMPT_TEXTS[attempt])}</Typography>
          {obstacle === null ? null : (
            <Typography variant="pi" textColor="neutral600" style={{ whiteSpace: 'normal' }}>
              {t('approvals.obstacle', 'It cannot be approved: {reason}', { reason: obstacle })}
            </Typography>
          )}
        </Flex>
      </Td>
      <Td>
        <Flex direction="column" alignItems="flex-start">
          <Typography>
            <RelativeTime value={since} />
          </Typography>
          {attempts > 1 ? (
            <Typography variant="pi" textColor="neutral600">
              {t('approvals.attempts', '{count, plural, one {# attempt} other {# attempts}}, the last one', { count: attempts })} <RelativeTime value={lastAt} />
            </Typography>
          ) : null}
        </Flex>
      </Td>
      <Td>
        {canApprove && obstacle === null ? (
          <Flex justifyContent="flex-end">
            <Button variant="secondary" size="S" aria-label={t('approvals.approve-label', 'Approve {name}', { name: userName })} onClick={onApprove}>
              {t('approvals.approve', 'Approve')}
            </Button>
          </Flex>
        ) : null}
      </Td>
    </Tr>
  );
};
