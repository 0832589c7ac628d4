import { Button, Flex } from '@strapi/design-system';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { Panel } from '../../components/Panel';
import { PluginPage } from '../../components/PluginPage';
import { useT } from '../../utils/i18n';
import { ProviderGuide } from './ProviderGuide';
import { TokenOnce } from './TokenOnce';
import { UrlGuessNotice } from './UrlGuessNotice';

interface CreatedPageProps {
  connection: ConnectionInfo;
  token: string;
  onDone: () => void;
}

/** After an inbound connection was created: the two values to take to the provider. */
export const CreatedPage = ({ connection, token, onDone }: CreatedPageProps) => {
  const t = useT();
  return (
    <PluginPage
      title={t('created.title', '"{name}" is ready', { name: connection.name })}
      subtitle={t('created.subtitle', 'Take these two values to your identity provider.')}
      primaryAction={
        <Button onClick={onDone}>{t('created.done', 'I have copied both')}</Button>
      }
    >
      <Flex direction="column" alignItems="stretch" gap={6}>
        <UrlGuessNotice />
        <Panel title={t('created.values', 'Base URL and token')}>
          <TokenOnce connection={connection} token={token} />
        </Panel>
        <Panel title={t('created.guide', 'What to do with them')}>
          <ProviderGuide preset={connection.preset} />
        </Panel>
      </Flex>
    </PluginPage>
  );
};
