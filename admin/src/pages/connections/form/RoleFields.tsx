import { Flex, Grid, SingleSelect, SingleSelectOption, Typography } from '@strapi/design-system';
import { Notice } from '../../../components/Notice';
import { useGetRolesQuery } from '../../../services/status';
import { messageOf } from '../../../utils/errors';
import { useT } from '../../../utils/i18n';
import { GroupPolicies } from './policies/GroupPolicies';
import { FormField } from './FormField';
import { RoleMappingEditor } from './RoleMappingEditor';
import type { ConnectionForm } from './useConnectionForm';

interface RoleFieldsProps {
  form: ConnectionForm;
  disabled: boolean;
}

/** Which role an arriving person gets. */
export const RoleFields = ({ form, disabled }: RoleFieldsProps) => {
  const t = useT();
  const { values, errors, set } = form;
  const { data, error, isLoading } = useGetRolesQuery(values.population);
  const roles = (data ?? []).filter((role) => !role.protected);
  // Only where that was switched on may a group give the super-admin role; otherwise it is not offered.
  const groupRoles = values.policies?.allowSuperAdmin ? (data ?? []) : roles;

  return (
    <Flex direction="column" alignItems="stretch" gap={6}>
      {error === undefined ? null : (
        <Notice variant="danger" title={t('form.roles-failed', 'The roles could not be loaded')}>
          {messageOf(error) ?? t('form.roles-failed-text', 'Reload the page to choose roles.')}
        </Notice>
      )}
      <Grid.Root gap={4}>
        <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
          <FormField
            name="defaultRoleId"
            label={t('form.default-role', 'Default role')}
            error={errors.defaultRoleId}
            hint={t('form.default-role-hint', 'For everyone who is in none of the groups below.')}
          >
            <SingleSelect
              value={values.defaultRoleId}
              disabled={disabled || isLoading}
              placeholder={
                values.population === 'end-users'
                  ? t('form.default-role-none', 'The default role of Users & Permissions')
                  : t('form.default-role-none-admin', 'No role')
              }
              onClear={() => set('defaultRoleId', null)}
              clearLabel={t('form.clear', 'Clear')}
              onChange={(next) => set('defaultRoleId', Number(next))}
            >
              {roles.map((role) => (
                <SingleSelectOption key={role.id} value={role.id}>
                  {role.name}
                </SingleSelectOption>
              ))}
            </SingleSelect>
          </FormField>
        </Grid.Item>
      </Grid.Root>
      <Flex direction="column" alignItems="flex-start" gap={1}>
        <Typography variant="omega" fontWeight="bold" tag="h3">
          {t('form.groups', 'Roles by group')}
        </Typography>
        <Typography variant="pi" textColor="neutral600">
          {values.population === 'end-users'
            ? t(
                'form.groups-hint',
                'Members of the provider’s group get the role. A person has one role: if several groups match, the highest priority wins.'
              )
            : t('form.groups-hint-admin', 'Members of the provider’s group get the role. A person can have several roles.')}
        </Typography>
      </Flex>
      <RoleMappingEditor form={form} roles={groupRoles} disabled={disabled} />
      {values.policies === null ? null : <GroupPolicies form={form} policies={values.policies} disabled={disabled} />}
    </Flex>
  );
};
