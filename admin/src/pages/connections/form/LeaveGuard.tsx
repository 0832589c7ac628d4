import { useBlocker } from 'react-router-dom';
import { ConfirmAction } from '../../../components/ConfirmAction';
import { useT } from '../../../utils/i18n';

/** Asks before a page with unsaved changes is left. */
export const LeaveGuard = ({ when }: { when: boolean }) => {
  const t = useT();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => when && currentLocation.pathname !== nextLocation.pathname
  );
  return (
    <ConfirmAction
      open={blocker.state === 'blocked'}
      onOpenChange={(open) => {
        if (!open && blocker.state === 'blocked') blocker.reset();
      }}
      title={t('leave.title', 'Leave without saving?')}
      onConfirm={() => {
        if (blocker.state === 'blocked') blocker.proceed();
      }}
    >
      {t('leave.text', 'What you changed on this page is lost.')}
    </ConfirmAction>
  );
};
