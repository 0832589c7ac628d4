import { Typography } from '@strapi/design-system';
import { useState } from 'react';
import type { ConnectionInfo, TokenInfo } from '../../../../../server/src/contracts/connection';
import { useRotateTokenMutation } from '../../../services/connections';
import { msg, useT, type Message } from '../../../utils/i18n';
import { PolicySelect } from '../form/policies/PolicySelect';
import { TokenDialog } from './TokenDialog';

/** Hours that the old one still works. */
const OVERLAPS: readonly { hours: string; label: Message }[] = [
  { hours: '24', label: msg('rotate.day', 'For one more day') },
  { hours: '1', label: msg('rotate.hour', 'For one more hour') },
  { hours: '168', label: msg('rotate.week', 'For one more week') },
  { hours: '720', label: msg('rotate.month', 'For 30 more days') },
  { hours: '0', label: msg('rotate.now', 'Not any more, as of now') },
];

interface RotateTokenProps {
  connection: ConnectionInfo;
  token: TokenInfo | null;
  onClose: () => void;
}

/** A new secret in the place of an old one, which goes on working while the provider is switched over. */
export const RotateToken = ({ connection, token, onClose }: RotateTokenProps) => {
  const t = useT();
  const [rotate] = useRotateTokenMutation();
  const [hours, setHours] = useState('24');

  return (
    <TokenDialog
      open={token !== null}
      onClose={() => {
        setHours('24');
        onClose();
      }}
      title={t('rotate.title', 'Replace "{name}"', { name: token?.name })}
      submitLabel={t('rotate.submit', 'Make a new one')}
      submit={async () => rotate({ id: connection.id, data: { tokenId: token?.id, overlapHours: Number(hours) } })}
    >
      {(errors) => (
        <>
          <Typography>
            {t(
              'rotate.text',
              'You get a new secret with the same name, rights and addresses. Enter it at the provider while the old one still works, so that nothing breaks.'
            )}
          </Typography>
          {token?.kind === 'client' ? (
            <Typography>{t('rotate.text-client', 'Client id and client secret are both new.')}</Typography>
          ) : null}
          <PolicySelect
            name="overlapHours"
            label={t('rotate.overlap', 'The old one works')}
            error={errors.overlapHours}
            value={hours}
            options={OVERLAPS.map((overlap) => ({ value: overlap.hours, label: t(...overlap.label) }))}
            disabled={false}
            onChange={setHours}
          />
        </>
      )}
    </TokenDialog>
  );
};
