import { Grid, TextInput } from '@strapi/design-system';
import { useT } from '../../../../utils/i18n';
import { FormField } from '../FormField';
import { PolicyCheck } from './PolicyCheck';
import { policySetter, type PolicyProps } from './policyProps';

/** End users only: how an admin user signs in is settled elsewhere in Strapi. */
export const NewAccounts = (props: PolicyProps) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const set = policySetter(props);
  return (
    <Grid.Root gap={4}>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="policies.signInProvider"
          label={t('policy.sign-in', 'They sign in with')}
          hint={t(
            'policy.sign-in-hint',
            'The name of the provider in the settings of Users & Permissions, for example "auth0" or "keycloak". "local" is a password of Strapi.'
          )}
          error={form.errors['policies.signInProvider']}
        >
          <TextInput
            value={policies.signInProvider}
            disabled={disabled}
            dir="ltr"
            spellCheck={false}
            onChange={(event) => set('signInProvider', event.target.value)}
          />
        </FormField>
      </Grid.Item>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <PolicyCheck
          name="policies.confirmed"
          label={t('policy.confirmed', 'Their e-mail address counts as confirmed')}
          hint={t('policy.confirmed-hint', 'The provider vouches for it. If not, they cannot sign in until they confirmed it themselves.')}
          error={form.errors['policies.confirmed']}
          checked={policies.confirmed}
          disabled={disabled}
          onChange={(next) => set('confirmed', next)}
        />
      </Grid.Item>
    </Grid.Root>
  );
};
