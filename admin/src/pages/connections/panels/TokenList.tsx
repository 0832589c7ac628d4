import { Table, Tbody, Th, Thead, Tr, Typography, VisuallyHidden } from '@strapi/design-system';
import { useState } from 'react';
import type { ConnectionInfo, TokenInfo } from '../../../../../server/src/contracts/connection';
import { ConfirmAction } from '../../../components/ConfirmAction';
import { Notice } from '../../../components/Notice';
import { useReport } from '../../../hooks/useReport';
import { useRevokeTokenMutation } from '../../../services/connections';
import { useT } from '../../../utils/i18n';
import { RotateToken } from './RotateToken';
import { TokenRow } from './TokenRow';

interface TokenListProps {
  connection: ConnectionInfo;
  canChange: boolean;
}

export const TokenList = ({ connection, canChange }: TokenListProps) => {
  const t = useT();
  const { success, failure } = useReport();
  const [revoke] = useRevokeTokenMutation();
  const [chosen, setChosen] = useState<TokenInfo | null>(null);
  const [rotating, setRotating] = useState<TokenInfo | null>(null);
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
    t('tokens.column.token', 'Name'),
    t('tokens.column.may', 'May'),
    t('tokens.column.from', 'From'),
    t('tokens.column.expires', 'Expires'),
  ];
  return (
    <>
      <RotateToken connection={connection} token={rotating} onClose={() => setRotating(null)} />
      <Table colCount={headers.length + 1} rowCount={tokens.length + 1} aria-label={t('tokens.title', 'Tokens')}>
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
            <TokenRow
              key={token.id}
              token={token}
              canChange={canChange}
              onRotate={() => setRotating(token)}
              onRevoke={() => setChosen(token)}
            />
          ))}
        </Tbody>
      </Table>
      <ConfirmAction
        open={chosen !== null}
        onOpenChange={(open) => (open ? undefined : setChosen(null))}
        title={t('tokens.revoke-title', 'Revoke the token "{name}"?', { name: chosen?.name })}
        onConfirm={confirm}
      >
        {tokens.length === 1
          ? t('tokens.revoke-last', 'It is the only one: the provider can no longer sign in until you give it a new one.')
          : t('tokens.revoke-text', 'A provider that still uses it can no longer sign in.')}
      </ConfirmAction>
    </>
  );
};
