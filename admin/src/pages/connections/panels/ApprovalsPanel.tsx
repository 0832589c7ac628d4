import { Flex } from '@strapi/design-system';
import { useEffect, useRef, useState } from 'react';
import type { ConnectionInfo, PendingApproval } from '../../../../../server/src/contracts/connection';
import { ConfirmAction } from '../../../components/ConfirmAction';
import { LoadFailed } from '../../../components/LoadFailed';
import { Notice } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { useReport } from '../../../hooks/useReport';
import { useApproveMutation, useGetApprovalsQuery } from '../../../services/approvals';
import { useT } from '../../../utils/i18n';
import { ApprovalList } from './ApprovalList';

interface ApprovalsPanelProps {
  connection: ConnectionInfo;
  canUpdate: boolean;
}

/** Whom the provider wants to manage and may not until somebody says so. Nothing to see while there is nobody. */
export const ApprovalsPanel = ({ connection, canUpdate }: ApprovalsPanelProps) => {
  const t = useT();
  const { failure } = useReport();
  const { data, error, refetch } = useGetApprovalsQuery(connection.id, { refetchOnMountOrArgChange: true });
  const [approve] = useApproveMutation();
  const [chosen, setChosen] = useState<PendingApproval | null>(null);
  const [approved, setApproved] = useState<string | null>(null);
  const result = useRef<HTMLDivElement>(null);

  // The button that was pressed is gone with its row.
  useEffect(() => {
    if (approved !== null) result.current?.focus();
  }, [approved]);

  const title = t('approvals.title', 'People waiting for approval');
  if (error !== undefined) {
    return (
      <Panel title={title}>
        <LoadFailed error={error} onRetry={() => void refetch()} />
      </Panel>
    );
  }
  if (data === undefined || (data.people.length === 0 && approved === null)) return null;

  const confirm = async () => {
    if (chosen === null) return;
    const answer = await approve({ connectionId: connection.id, accountId: chosen.accountId });
    setChosen(null);
    if ('error' in answer) return failure(answer.error);
    setApproved(answer.data.userName);
  };

  return (
    <Panel
      title={title}
      description={t(
        'approvals.text',
        'The provider asked for these people, who had an account before. It was refused: an account is handed over only if somebody approves it.'
      )}
    >
      <Flex direction="column" alignItems="stretch" gap={4}>
        {approved === null ? null : (
          <div ref={result} tabIndex={-1} style={{ outline: 'none' }}>
            <Notice variant="success" title={t('approvals.done', 'Approved: {name}', { name: approved })}>
              {t('approvals.done-text', 'The provider may manage the account now. Its next attempt goes through; most try again by themselves, and a retry there speeds it up.')}
            </Notice>
          </div>
        )}
        {data.people.length > 0 && !data.mayApprove ? (
          <Notice variant="info">{t('approvals.super-admin', 'Only a super admin can approve. Ask one to open this page.')}</Notice>
        ) : null}
        {data.people.length === 0 ? null : (
          <ApprovalList label={title} people={data.people} canApprove={data.mayApprove && canUpdate} onApprove={setChosen} />
        )}
        {data.more ? (
          <Notice variant="info">{t('approvals.more', 'There are more. They are shown once these are dealt with.')}</Notice>
        ) : null}
      </Flex>
      <ConfirmAction
        open={chosen !== null}
        onOpenChange={(open) => (open ? undefined : setChosen(null))}
        variant="default"
        title={t('approvals.confirm-title', 'Hand {name} over to "{connection}"?', { name: chosen?.userName, connection: connection.name })}
        onConfirm={confirm}
      >
        {t(
          'approvals.confirm',
          'From now on the provider may change, block and delete this account, as the rules of the connection say. Roles of groups that the person is in there are given at once. Everything else stays as it is until the provider tries again.'
        )}
      </ConfirmAction>
    </Panel>
  );
};
