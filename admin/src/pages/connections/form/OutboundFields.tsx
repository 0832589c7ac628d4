import { Grid, TextInput } from '@strapi/design-system';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { Notice } from '../../../components/Notice';
import { useT } from '../../../utils/i18n';
import { FormField } from './FormField';
import type { ConnectionForm } from './useConnectionForm';

interface OutboundFieldsProps {
  form: ConnectionForm;
  credential: ConnectionInfo['credential'];
  disabled: boolean;
}

export const OutboundFields = ({ form: { values, errors, set }, credential, disabled }: OutboundFieldsProps) => {
  const t = useT();
  return (
    <Grid.Root gap={4}>
      {credential === 'unreadable' ? (
        <Grid.Item col={12}>
          <Notice variant="danger" title={t('form.credential-unreadable', 'The stored token cannot be read')}>
            {t(
              'form.credential-unreadable-text',
              'The encryption key of Strapi is missing or was changed. Restore the key, or enter the token again here. Changes wait until then.'
            )}
          </Notice>
        </Grid.Item>
      ) : null}
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="baseUrl"
          label={t('form.base-url', 'SCIM base URL')}
          required
          error={errors.baseUrl}
          hint={t('form.base-url-hint', 'From the application’s documentation; it usually ends in /scim/v2.')}
        >
          <TextInput
            type="url"
            inputMode="url"
            placeholder="https://app.example.com/scim/v2"
            value={values.baseUrl}
            disabled={disabled}
            dir="ltr"
            onChange={(event) => set('baseUrl', event.target.value)}
          />
        </FormField>
      </Grid.Item>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="bearerToken"
          label={t('form.bearer-token', 'Bearer token')}
          required={credential === 'none'}
          error={errors.bearerToken}
          hint={
            credential === 'none'
              ? t('form.bearer-token-hint', 'The application issues it. It is stored encrypted and never shown again.')
              : t('form.bearer-token-stored', 'A token is stored. Leave this empty to keep it.')
          }
        >
          <TextInput
            type="password"
            autoComplete="new-password"
            value={values.bearerToken}
            disabled={disabled}
            dir="ltr"
            onChange={(event) => set('bearerToken', event.target.value)}
          />
        </FormField>
      </Grid.Item>
    </Grid.Root>
  );
};
