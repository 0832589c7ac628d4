import { Flex } from '@strapi/design-system';
import type { ConnectionWithToken } from '../../../../../server/src/contracts/connection';
import { CopyField } from '../../../components/CopyField';
import { Notice } from '../../../components/Notice';
import { useT } from '../../../utils/i18n';
import { displayUrl } from '../../../utils/paths';

/** What was just made: a token, or the three values of an OAuth client. The only moment in which the secret can be read. */
export const SecretOnce = ({ issued: { connection, token, clientId } }: { issued: ConnectionWithToken }) => {
  const t = useT();
  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      <Notice variant="warning" title={t('secret.once', 'Copy it now')}>
        {t('secret.once-text', 'The secret is shown this one time and not stored. If it gets lost, make a new one.')}
      </Notice>
      {clientId === null ? (
        <CopyField label={t('token.token', 'Token')} value={token ?? ''} />
      ) : (
        <>
          <CopyField label={t('token.token-url', 'Token URL')} value={displayUrl(connection.tokenUrl ?? '')} />
          <CopyField label={t('token.client-id', 'Client id')} value={clientId} />
          <CopyField label={t('token.client-secret', 'Client secret')} value={token ?? ''} />
        </>
      )}
    </Flex>
  );
};
