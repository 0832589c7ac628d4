import { useNotification } from '@strapi/strapi/admin';
import { useCallback } from 'react';
import { messageOf } from '../utils/errors';
import { useT } from '../utils/i18n';

export interface Report {
  success: (message: string) => void;
  failure: (error: unknown) => void;
}

/** Tells the result of something the person did. */
export const useReport = (): Report => {
  const t = useT();
  const { toggleNotification } = useNotification();
  const success = useCallback((message: string) => toggleNotification({ type: 'success', message }), [toggleNotification]);
  const failure = useCallback(
    (error: unknown) =>
      toggleNotification({
        type: 'danger',
        message: messageOf(error) ?? t('action.failed', 'That did not work. Strapi did not say why; its log may.'),
      }),
    [t, toggleNotification]
  );
  return { success, failure };
};
