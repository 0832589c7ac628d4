import { Box, Button, Flex, Typography } from '@strapi/design-system';
import type { PendingApproval } from '../../../../../server/src/contracts/connection';
import { PersonName } from '../../../components/PersonName';
import { RelativeTime } from '../../../components/RelativeTime';
import { msg, useT, type Message } from '../../../utils/i18n';

const ATTEMPT_TEXTS: Record<PendingApproval['attempt'], Message> = {
  update: msg('approvals.update', 'The provider found the account and wanted to change it.'),
  create: msg('approvals.create', 'The provider wanted to create an account of the same name.'),
  group: msg('approvals.group', 'The person is in a group of the provider that gives a role.'),
};

interface ApprovalListProps {
  label: string;
  people: PendingApproval[];
  canApprove: boolean;
  onApprove: (person: PendingApproval) => void;
}

/** A list, not a table: on a narrow page the buttons stay in sight. */
export const ApprovalList = ({ label, people, canApprove, onApprove }: ApprovalListProps) => (
  <Flex tag="ul" aria-label={label} direction="column" alignItems="stretch" gap={3}>
    {people.map((person) => (
      <Box key={person.id} tag="li" borderColor="neutral200" borderStyle="solid" borderWidth="1px" hasRadius padding={4}>
        <Person person={person} canApprove={canApprove} onApprove={() => onApprove(person)} />
      </Box>
    ))}
  </Flex>
);

interface PersonProps {
  person: PendingApproval;
  canApprove: boolean;
  onApprove: () => void;
}

const Person = ({ person: { userName, email, attempt, attempts, since, lastAt, obstacle }, canApprove, onApprove }: PersonProps) => {
  const t = useT();
  return (
    <Flex justifyContent="space-between" gap={4}>
      <Flex direction="column" alignItems="flex-start" gap={1} minWidth={0}>
        <PersonName fontWeight="bold" maxWidth="100%">
          {userName}
        </PersonName>
        {email === null || email === userName ? null : (
          <PersonName variant="pi" textColor="neutral600" maxWidth="100%">
            {email}
          </PersonName>
        )}
        <Typography>{t(...ATTEMPT_TEXTS[attempt])}</Typography>
        <Typography variant="pi" textColor="neutral600">
          {t('approvals.since', 'Waiting since:')} <RelativeTime value={since} />
          {attempts > 1 ? (
            <>
              {` · ${t('approvals.attempts', '{count, plural, one {# attempt} other {# attempts}}, the last one:', { count: attempts })} `}
              <RelativeTime value={lastAt} />
            </>
          ) : null}
        </Typography>
        {obstacle === null ? null : (
          <Typography variant="pi" textColor="warning700">
            {t('approvals.obstacle', 'It cannot be approved: {reason}', { reason: obstacle })}
          </Typography>
        )}
      </Flex>
      {canApprove && obstacle === null ? (
        <Box flex="none">
          <Button variant="secondary" aria-label={t('approvals.approve-label', 'Approve {name}', { name: userName })} onClick={onApprove}>
            {t('approvals.approve', 'Approve')}
          </Button>
        </Box>
      ) : null}
    </Flex>
  );
};
