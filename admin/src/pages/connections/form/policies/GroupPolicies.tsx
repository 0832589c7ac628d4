import { Flex, Grid } from '@strapi/design-system';
import { Notice } from '../../../../components/Notice';
import { useT } from '../../../../utils/i18n';
import { PolicyCheck } from './PolicyCheck';
import { policySetter, type PolicyProps } from './policyProps';

/** What holds for all groups of the connection. */
export const GroupPolicies = (props: PolicyProps) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const set = policySetter(props);
  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      <Grid.Root gap={4}>
        <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
          <PolicyCheck
            name="policies.uniqueGroupNames"
            label={t('policy.unique-groups', 'Each group name only once')}
            hint={t('policy.unique-groups-hint', 'Refuses a second group with the same name. Microsoft Entra ID expects this.')}
            error={form.errors['policies.uniqueGroupNames']}
            checked={policies.uniqueGroupNames}
            disabled={disabled}
            onChange={(next) => set('uniqueGroupNames', next)}
          />
        </Grid.Item>
        {form.values.population === 'admin-users' ? (
          <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
            <PolicyCheck
              name="policies.allowSuperAdmin"
              label={t('policy.super-admin', 'Groups may give the super-admin role')}
              hint={t('policy.super-admin-hint', 'Only a super admin can switch this on.')}
              error={form.errors['policies.allowSuperAdmin']}
              checked={policies.allowSuperAdmin}
              disabled={disabled}
              onChange={(next) => set('allowSuperAdmin', next)}
            />
          </Grid.Item>
        ) : null}
      </Grid.Root>
      {policies.allowSuperAdmin ? (
        <Notice variant="warning" title={t('policy.super-admin-warning', 'Whoever controls the provider controls this Strapi')}>
          {t(
            'policy.super-admin-warning-text',
            'A group of the provider can then make super admins, who may change and delete everything here. Leave it off unless you need it.'
          )}
        </Notice>
      ) : null}
    </Flex>
  );
};
