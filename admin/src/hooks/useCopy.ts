import { useClipboard, useNotification } from '@strapi/strapi/admin';
import { useCallback } from 'react';
import { useT } from '../utils/i18n';

/** Copies a text and says whether it worked: the clipboard is closed to pages without HTTPS. */
export const useCopy = (): ((text: string) => Promise<void>) => {
  const t = useT();
  const { copy } = useClipboard();
  const { toggleNotification } = useNotification();

  return useCallback(
    async (text) => {
      const done = await copy(text);
      toggleNotification(
        done
          ? { type: 'success', message: t('copy.done', 'Copied to the clipboard') }
          : { type: 'warning', message: t('copy.failed', 'The browser did not allow copying. Select the text and copy it by hand.') }
      );
    },
    [copy, t, toggleNotification]
  );
};
