import { Button, Flex, Table, Tbody, Td, Th, Thead, Tr, Typography, VisuallyHidden } from '@strapi/design-system';
import { useState } from 'react';
import type { ConnectionInfo, TokenInfo } from '../../../../../server/src/contracts/connection';
import { ConfirmAction } from '../../../components/ConfirmAction';
import { Notice } from '../../../components/Notice';
import { RelativeTime } from '../../../components/RelativeTime';
import { useReport } from '../../../hooks/useReport';
import { useRevokeTokenMutation } from '../../../services/connections';
import { useT } from '../../../utils/i18n';

interface TokenListProps {
  connection: ConnectionInfo;
  canRevoke: boolean;
}

export const TokenList = ({ connection, canRevoke }: TokenListProps) => {
  const t = useT();
  const { success, failure } = useReport();
  const [revoke] = useRevokeTokenMutation();
  const [chosen, setChosen] = useState<TokenInfo | null>(null);
  const { id, tokens } = connection;

  if (tokens.length === 0) {
    return (
      <Notice variant="warning">
        {t('tokens.empty', 'There is no token: the provider cannot sign in until you make one.')}
      </Notice>
    );
  }

  const confirm = async () => {
    if (chosen === null) return;
    const result = await revoke({ id, tokenId: chosen.id });
    setChosen(null);
    if ('error' in result) return failure(result.error);
    success(t('tokens.revoked', 'The token was revoked.'));
  };

  const headers = [
    t('tokens.column.token', 'Token'),
    t('tokens.column.created', 'Created'),
    t('tokens.column.last-used', 'Last used'),
    t('tokens.column.expires', 'Expires'),
  ];
  return (
    <>
      <Table colCount={5} rowCount={tokens.length + 1} aria-label={t('tokens.list', 'Tokens')}>
        <Thead>
          <Tr>
            {headers.map((header) => (
              <Th key={header}>
                <Typography variant="sigma" textColor="neutral600">
                  {header}
                </Typography>
              </Th>
            ))}
            <Th>
              <VisuallyHidden>{t('connections.column.actions', 'Actions')}</VisuallyHidden>
            </Th>
          </Tr>
        </Thead>
        <Tbody>
          {tokens.map((token) => (
            <Tr key={token.id}>
              <Td>
                <Typography fontWeight="semiBold" title={token.name}>
                  <code dir="ltr">{token.hint}…</code>
                </Typography>
              </Td>
              <Td>
                <Typography>
                  <RelativeTime value={token.createdAt} />
                </Typography>
              </Td>
              <Td>
                <Typography>
                  {token.lastUsedAt ? <RelativeTime value={token.lastUsedAt} /> : t('tokens.never-used', 'Never')}
                </Typography>
              </Td>
              <Td>
                <Typography>
                  {token.expiresAt ? <RelativeTime value={token.expiresAt} /> : t('tokens.never-expires', 'Never')}
                </Typography>
              </Td>
              <Td>
                {canRevoke ? (
                  <Flex justifyContent="flex-end">
                    <Button
                      variant="danger-light"
                      size="S"
                      aria-label={t('tokens.revoke-label', 'Revoke the token {hint}', { hint: token.hint })}
                      onClick={() => setChosen(token)}
                    >
                      {t('tokens.revoke', 'Revoke')}
                    </Button>
                  </Flex>
                ) : null}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      <ConfirmAction
        open={chosen !== null}
        onOpenChange={(open) => (open ? undefined : setChosen(null))}
        title={t('tokens.revoke-title', 'Revoke this token?')}
        onConfirm={confirm}
      >
        {tokens.length === 1
          ? t('tokens.revoke-last', 'It is the only one: the provider can no longer sign in until you give it a new one.')
          : t('tokens.revoke-text', 'A provider that still uses it can no longer sign in.')}
      </ConfirmAction>
    </>
  );
};
