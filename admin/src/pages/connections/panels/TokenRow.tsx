import { Badge, Button, Flex, Td, Tr, Typography } from '@strapi/design-system';
import { useState } from 'react';
import type { TokenInfo } from '../../../../../server/src/contracts/connection';
import { CellActions } from '../../../components/CellActions';
import { PersonName } from '../../../components/PersonName';
import { DateText, RelativeTime } from '../../../components/RelativeTime';
import { useT } from '../../../utils/i18n';
import { KIND_LABELS, reachOf, REACH_LABELS, verbOf, VERB_LABELS } from './tokenLabels';

interface TokenRowProps {
  token: TokenInfo;
  canChange: boolean;
  onRotate: () => void;
  onRevoke: () => void;
  /** Given by `Tbody`; without it the arrow keys do not find the row. */
  'aria-rowindex'?: number;
}

const SHOWN_ADDRESSES = 2;

export const TokenRow = ({ token, canChange, onRotate, onRevoke, ...position }: TokenRowProps) => {
  const t = useT();
  const [openedAt] = useState(() => Date.now());
  const { name, hint, kind, scopes, allowedIps, expiresAt, lastUsedAt } = token;
  const expired = expiresAt !== null && Date.parse(expiresAt) <= openedAt;
  const more = allowedIps.length - SHOWN_ADDRESSES;
  return (
    <Tr {...position}>
      <Td>
        <Flex direction="column" alignItems="flex-start">
          <PersonName fontWeight="semiBold" maxWidth="22rem">
            {name}
          </PersonName>
          <Typography variant="pi" textColor="neutral600" style={{ whiteSpace: 'nowrap' }} title={hint}>
            {t(...KIND_LABELS[kind])} <code dir="ltr">{hint.slice(0, 12)}…</code>
          </Typography>
          <Typography variant="pi" textColor="neutral600">
            {lastUsedAt ? (
              <>
                {t('tokens.last-used', 'Last used:')} <RelativeTime value={lastUsedAt} />
              </>
            ) : (
              t('tokens.never-used', 'Never used')
            )}
          </Typography>
        </Flex>
      </Td>
      <Td>
        <Flex direction="column" alignItems="flex-start">
          <Typography>{t(...VERB_LABELS[verbOf(scopes)])}</Typography>
          <Typography variant="pi" textColor="neutral600">
            {t(...REACH_LABELS[reachOf(scopes)])}
          </Typography>
        </Flex>
      </Td>
      <Td>
        {allowedIps.length === 0 ? (
          <Typography>{t('tokens.everywhere', 'Everywhere')}</Typography>
        ) : (
          <Flex direction="column" alignItems="flex-start" title={allowedIps.join('\n')}>
            {allowedIps.slice(0, SHOWN_ADDRESSES).map((address) => (
              <Typography key={address} variant="pi" dir="ltr">
                {address}
              </Typography>
            ))}
            {more > 0 ? (
              <Typography variant="pi" textColor="neutral600">
                {t('tokens.more-addresses', '{count, plural, one {and # more} other {and # more}}', { count: more })}
              </Typography>
            ) : null}
          </Flex>
        )}
      </Td>
      <Td>
        {expiresAt === null ? (
          <Typography>{t('tokens.never-expires', 'Never')}</Typography>
        ) : expired ? (
          <Badge variant="danger">{t('tokens.expired', 'Expired')}</Badge>
        ) : (
          <Typography>
            <DateText value={expiresAt} />
          </Typography>
        )}
      </Td>
      <Td>
        {canChange ? (
          <CellActions>
            <Button variant="tertiary" size="S" aria-label={t('tokens.rotate-label', 'Replace the token {name}', { name })} onClick={onRotate}>
              {t('tokens.rotate', 'Replace')}
            </Button>
            <Button variant="danger-light" size="S" aria-label={t('tokens.revoke-label', 'Revoke the token {name}', { name })} onClick={onRevoke}>
              {t('tokens.revoke', 'Revoke')}
            </Button>
          </CellActions>
        ) : null}
      </Td>
    </Tr>
  );
};
