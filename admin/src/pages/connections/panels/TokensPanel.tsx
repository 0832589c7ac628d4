import { Accordion, Button, Flex, Typography } from '@strapi/design-system';
import { Plus } from '@strapi/icons';
import { useState } from 'react';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { CopyField } from '../../../components/CopyField';
import { Panel } from '../../../components/Panel';
import { useReport } from '../../../hooks/useReport';
import { useRotateTokenMutation } from '../../../services/connections';
import { useT } from '../../../utils/i18n';
import { displayUrl } from '../../../utils/paths';
import { ProviderGuide } from '../ProviderGuide';
import { TokenOnce } from '../TokenOnce';
import { UrlGuessNotice } from '../UrlGuessNotice';
import { TokenList } from './TokenList';

interface TokensPanelProps {
  connection: ConnectionInfo;
  canRotate: boolean;
}

/** What the provider needs to reach this connection. */
export const TokensPanel = ({ connection, canRotate }: TokensPanelProps) => {
  const t = useT();
  const { failure } = useReport();
  const [rotate, { isLoading }] = useRotateTokenMutation();
  const [token, setToken] = useState<string | null>(null);

  const makeToken = async () => {
    const result = await rotate(connection.id);
    if ('error' in result) return failure(result.error);
    setToken(result.data.token);
  };

  return (
    <Panel
      title={t('tokens.title', 'Access of the provider')}
      description={t(
        'tokens.description',
        'A new token works beside the old ones, so nothing breaks while you change it at the provider. Revoke the old one afterwards.'
      )}
      actions={
        canRotate ? (
          <Button variant="secondary" startIcon={<Plus />} loading={isLoading} onClick={() => void makeToken()}>
            {t('tokens.rotate', 'New token')}
          </Button>
        ) : undefined
      }
    >
      <Flex direction="column" alignItems="stretch" gap={4}>
        <UrlGuessNotice />
        {token === null ? (
          <CopyField label={t('token.base-url', 'SCIM base URL')} value={displayUrl(connection.baseUrl)} />
        ) : (
          <>
            <TokenOnce connection={connection} token={token} />
            <Flex>
              <Button variant="tertiary" onClick={() => setToken(null)}>
                {t('tokens.hide', 'I have copied the token')}
              </Button>
            </Flex>
          </>
        )}
        <Typography variant="omega" fontWeight="bold" tag="h3">
          {t('tokens.list', 'Tokens')}
        </Typography>
        <TokenList connection={connection} canRevoke={canRotate} />
        <Accordion.Root>
          <Accordion.Item value="guide">
            <Accordion.Header>
              <Accordion.Trigger>{t('tokens.guide', 'Where do these go at the provider?')}</Accordion.Trigger>
            </Accordion.Header>
            <Accordion.Content>
              <Flex padding={4}>
                <ProviderGuide preset={connection.preset} />
              </Flex>
            </Accordion.Content>
          </Accordion.Item>
        </Accordion.Root>
      </Flex>
    </Panel>
  );
};
