import { Typography } from '@strapi/design-system';
import { useT } from '../utils/i18n';
import { Notice } from './Notice';

/** Shown while credentials of applications cannot be saved. */
export const EncryptionNotice = () => {
  const t = useT();
  return (
    <Notice variant="warning" title={t('encryption.title', 'Strapi has no encryption key')}>
      <Typography textColor="neutral800">
        {t(
          'encryption.text',
          'The tokens of applications cannot be saved without it; connections of identity providers are not affected. Set ENCRYPTION_KEY in the environment, add {code} to config/admin, and restart Strapi.',
          // As a value: braces and quotes have a meaning in messages.
          { code: "secrets: { encryptionKey: env('ENCRYPTION_KEY') }" }
        )}
      </Typography>
    </Notice>
  );
};
