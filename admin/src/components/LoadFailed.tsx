import { Button, EmptyStateLayout } from '@strapi/design-system';
import { ArrowClockwise, WarningCircle } from '@strapi/icons';
import type { ReactNode } from 'react';
import { messageOf } from '../utils/errors';
import { useT } from '../utils/i18n';

interface LoadFailedProps {
  error: unknown;
  onRetry?: () => void;
  action?: ReactNode;
}

/** Says what the server said, and offers the one next step. */
export const LoadFailed = ({ error, onRetry, action }: LoadFailedProps) => {
  const t = useT();
  const message = messageOf(error);
  return (
    <div role="alert">
      <EmptyStateLayout
        icon={<WarningCircle width="6.4rem" height="6.4rem" fill="danger600" />}
        content={
          message
            ? t('load.failed', 'This could not be loaded: {message}', { message })
            : t('load.failed-silent', 'This could not be loaded. Strapi did not say why; its log may.')
        }
        action={
          action ??
          (onRetry ? (
            <Button variant="secondary" startIcon={<ArrowClockwise />} onClick={onRetry}>
              {t('load.retry', 'Try again')}
            </Button>
          ) : undefined)
        }
      />
    </div>
  );
};
