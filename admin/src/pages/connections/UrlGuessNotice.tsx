import { Notice } from '../../components/Notice';
import { useGetStatusQuery } from '../../services/status';
import { useT } from '../../utils/i18n';

/** The address of Strapi as the provider sees it may differ from the one in this browser. */
export const UrlGuessNotice = () => {
  const t = useT();
  const { data: status } = useGetStatusQuery();
  if (status?.absoluteUrlKnown !== false) return null;
  return (
    <Notice variant="info" title={t('url.guess', 'Check the address')}>
      {t(
        'url.guess-text',
        'Strapi does not know its public address, so the one of this browser is shown. The provider must reach it over the internet; set "url" in config/server to show the right one.'
      )}
    </Notice>
  );
};
