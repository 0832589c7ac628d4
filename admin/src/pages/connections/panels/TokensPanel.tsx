import { Accordion, Button, Flex } from '@strapi/design-system';
import { Plus } from '@strapi/icons';
import { useState } from 'react';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { CopyField } from '../../../components/CopyField';
import { Panel } from '../../../components/Panel';
import { useT } from '../../../utils/i18n';
import { displayUrl } from '../../../utils/paths';
import { ProviderGuide } from '../ProviderGuide';
import { UrlGuessNotice } from '../UrlGuessNotice';
import { AddToken } from './AddToken';
import { TokenList } from './TokenList';

interface TokensPanelProps {
  connection: ConnectionInfo;
  canRotate: boolean;
}

/** What the provider needs to reach this connection. */
export const TokensPanel = ({ connection, canRotate }: TokensPanelProps) => {
  const t = useT();
  const [adding, setAdding] = useState(false);
  const { tokens, tokenUrl } = connection;

  return (
    <Panel
      title={t('tokens.title', 'Tokens')}
      description={t('tokens.description', 'What the provider signs in with. Whoever has one can change people here, so give each system its own.')}
      actions={
        canRotate ? (
          <Button variant="secondary" startIcon={<Plus />} onClick={() => setAdding(true)}>
            {t('tokens.add', 'Add a token')}
          </Button>
        ) : undefined
      }
    >
      <AddToken connection={connection} open={adding} onClose={() => setAdding(false)} />
      <Flex direction="column" alignItems="stretch" gap={4}>
        <UrlGuessNotice />
        <CopyField label={t('token.base-url', 'SCIM base URL')} value={displayUrl(connection.baseUrl)} />
        {tokenUrl !== null && tokens.some((token) => token.kind === 'client') ? (
          <CopyField label={t('token.token-url', 'Token URL')} value={displayUrl(tokenUrl)} />
        ) : null}
        <TokenList connection={connection} canChange={canRotate} />
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
