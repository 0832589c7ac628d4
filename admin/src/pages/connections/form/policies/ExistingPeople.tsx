import { Grid, Typography } from '@strapi/design-system';
import type { InboundPolicies, JoinAttribute } from '../../../../../../server/src/contracts/connection';
import { useT } from '../../../../utils/i18n';
import { PolicySelect } from './PolicySelect';
import { policySetter, type PolicyProps } from './policyProps';

/** The set of attributes as one answer. */
type Join = 'both' | 'userName' | 'email' | 'never';

const JOINS: Record<Join, JoinAttribute[]> = { both: ['userName', 'email'], userName: ['userName'], email: ['email'], never: [] };

const joinOf = ({ joinBy }: InboundPolicies): Join =>
  (Object.keys(JOINS) as Join[]).find((join) => JOINS[join].length === joinBy.length && JOINS[join].every((name) => joinBy.includes(name))) ?? 'never';

export const ExistingPeople = (props: PolicyProps) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const set = policySetter(props);
  const endUsers = form.values.population === 'end-users';
  return (
    <Grid.Root gap={4}>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <PolicySelect
          name="policies.visibility"
          label={t('policy.visibility', 'Who the provider can see')}
          hint={t('policy.visibility-hint', 'It can only match people whom it sees.')}
          error={form.errors['policies.visibility']}
          value={policies.visibility}
          options={[
            { value: 'all', label: t('policy.visibility-all', 'Everybody') },
            { value: 'provisioned', label: t('policy.visibility-provisioned', 'Only people it manages itself') },
          ]}
          disabled={disabled}
          onChange={(next) => set('visibility', next)}
        />
      </Grid.Item>
      {endUsers ? (
        <>
          <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
            <PolicySelect
              name="policies.joinBy"
              label={t('policy.join', 'Take over an account that exists already')}
              hint={t('policy.join-hint', 'So that nobody gets a second account. From then on the provider manages it.')}
              error={form.errors['policies.joinBy'] ?? form.errors['policies.joinBy.0'] ?? form.errors['policies.joinBy.1']}
              value={joinOf(policies)}
              options={[
                { value: 'both', label: t('policy.join-both', 'If user name or e-mail address matches') },
                { value: 'userName', label: t('policy.join-user-name', 'If the user name matches') },
                { value: 'email', label: t('policy.join-email', 'If the e-mail address matches') },
                { value: 'never', label: t('policy.join-never', 'Never') },
              ]}
              disabled={disabled}
              onChange={(next) => set('joinBy', JOINS[next])}
            />
          </Grid.Item>
          <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
            <PolicySelect
              name="policies.sharedEmail"
              label={t('policy.shared-email', 'Two people with one e-mail address')}
              error={form.errors['policies.sharedEmail']}
              value={policies.sharedEmail}
              options={[
                { value: 'as-strapi', label: t('policy.shared-email-as-strapi', 'As set in Users & Permissions') },
                { value: 'refuse', label: t('policy.shared-email-refuse', 'Refuse the second') },
                { value: 'allow', label: t('policy.shared-email-allow', 'Allow') },
              ]}
              disabled={disabled}
              onChange={(next) => set('sharedEmail', next)}
            />
          </Grid.Item>
        </>
      ) : (
        <Grid.Item col={6} s={12} xs={12}>
          <Typography variant="pi" textColor="neutral600">
            {t(
              'policy.join-admin',
              'Admin users who exist already are taken over one by one, after a super admin approved each. Whom the provider asked for is shown at the top of this page.'
            )}
          </Typography>
        </Grid.Item>
      )}
    </Grid.Root>
  );
};
