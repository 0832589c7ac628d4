import { Typography } from '@strapi/design-system';
import type { ErrorAdvice } from '../../../../../server/src/contracts/operation';
import { Notice } from '../../../components/Notice';
import { useT } from '../../../utils/i18n';

/** What the error means and the way out; translated by its code, in the server's words where there is no translation. */
export const AdviceBox = ({ advice: { code, cause, whatToDo, retryHelps } }: { advice: ErrorAdvice }) => {
  const t = useT();
  return (
    <Notice variant={retryHelps ? 'info' : 'warning'} title={t(`error.${code}.cause`, cause)}>
      <Typography textColor="neutral800">{t(`error.${code}.what-to-do`, whatToDo)}</Typography>
      <Typography variant="pi" textColor="neutral600">
        {retryHelps
          ? t('advice.retry-helps', 'Trying again can help.')
          : t('advice.retry-useless', 'Trying again without a change ends the same way.')}{' '}
        {t('advice.code', 'Code: {code}', { code })}
      </Typography>
    </Notice>
  );
};
