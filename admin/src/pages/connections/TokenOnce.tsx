import { Flex } from '@strapi/design-system';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { CopyField } from '../../components/CopyField';
import { Notice } from '../../components/Notice';
import { useT } from '../../utils/i18n';
import { displayUrl } from '../../utils/paths';

interface TokenOnceProps {
  connection: ConnectionInfo;
  token: string;
}

/** The only moment in which the token can be read. It lives in memory alone, never in the URL or the history. */
export const TokenOnce = ({ connection, token }: TokenOnceProps) => {
  const t = useT();
  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      <Notice variant="warning" title={t('token.once', 'Copy the token now')}>
        {t(
          'token.once-text',
          'It is shown this one time and not stored. If it gets lost, make a new one on the connection’s page.'
        )}
      </Notice>
      <CopyField label={t('token.base-url', 'SCIM base URL')} value={displayUrl(connection.baseUrl)} />
      <CopyField label={t('token.token', 'Token')} value={token} />
    </Flex>
  );
};
