import { Button, Field, Flex, Grid, IconButton, NumberInput, SingleSelect, SingleSelectOption, TextInput } from '@strapi/design-system';
import { Plus, Trash } from '@strapi/icons';
import type { RoleInfo } from '../../../../../server/src/contracts/connection';
import { useT } from '../../../utils/i18n';
import { ROLE_MODE_LABELS, ROLE_MODES } from './policies/labels';
import type { ConnectionForm } from './useConnectionForm';
import { newRow, type MappingRow } from './values';

interface RoleMappingEditorProps {
  form: ConnectionForm;
  roles: RoleInfo[];
  disabled: boolean;
}

/** The group -> role table. Fields, not table cells: each has its own label and is reached with the Tab key. */
export const RoleMappingEditor = ({ form: { values, errors, set }, roles, disabled }: RoleMappingEditorProps) => {
  const t = useT();
  const { roleMappings } = values;
  const isGone = ({ roleId }: MappingRow) => roleId !== null && roles.length > 0 && !roles.some(({ id }) => id === roleId);
  const change = (key: string, part: Partial<MappingRow>) =>
    set(
      'roleMappings',
      roleMappings.map((row) => (row.key === key ? { ...row, ...part } : row))
    );
  const remove = (key: string) =>
    set(
      'roleMappings',
      roleMappings.filter((row) => row.key !== key)
    );

  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      {roleMappings.length > 0 ? (
        <Flex tag="ul" direction="column" alignItems="stretch" gap={4}>
          {roleMappings.map((row, index) => (
            <li key={row.key}>
              <Grid.Root gap={3}>
                <Grid.Item col={3} s={6} xs={12} direction="column" alignItems="stretch">
                  <Field.Root error={errors[`roleMappings.${index}.groupName`]} required>
                    <Field.Label>{t('form.group', 'Group of the provider')}</Field.Label>
                    <TextInput
                      value={row.groupName}
                      disabled={disabled}
                      dir="auto"
                      onChange={(event) => change(row.key, { groupName: event.target.value })}
                    />
                    <Field.Error />
                  </Field.Root>
                </Grid.Item>
                <Grid.Item col={3} s={6} xs={12} direction="column" alignItems="stretch">
                  <Field.Root
                    error={
                      errors[`roleMappings.${index}.roleId`] ??
                      (isGone(row) ? t('form.role-gone', 'Strapi no longer has this role: choose another, or remove the row.') : undefined)
                    }
                    required
                  >
                    <Field.Label>{t('form.role', 'Role')}</Field.Label>
                    <SingleSelect
                      value={row.roleId}
                      disabled={disabled}
                      placeholder={t('form.role-placeholder', 'Choose a role')}
                      onChange={(next) => change(row.key, { roleId: Number(next) })}
                    >
                      {roles.map((role) => (
                        <SingleSelectOption key={role.id} value={role.id}>
                          {role.name}
                        </SingleSelectOption>
                      ))}
                    </SingleSelect>
                    <Field.Error />
                  </Field.Root>
                </Grid.Item>
                <Grid.Item col={3} s={6} xs={12} direction="column" alignItems="stretch">
                  <Field.Root error={errors[`roleMappings.${index}.mode`]}>
                    <Field.Label>{t('form.mode', 'When it is given')}</Field.Label>
                    <SingleSelect
                      value={row.mode}
                      disabled={disabled}
                      onChange={(next) => change(row.key, { mode: ROLE_MODES.find((mode) => mode === next) ?? row.mode })}
                    >
                      {ROLE_MODES.map((mode) => (
                        <SingleSelectOption key={mode} value={mode}>
                          {t(...ROLE_MODE_LABELS[mode])}
                        </SingleSelectOption>
                      ))}
                    </SingleSelect>
                    <Field.Error />
                  </Field.Root>
                </Grid.Item>
                <Grid.Item col={3} s={6} xs={12} direction="column" alignItems="stretch">
                  <Field.Root error={errors[`roleMappings.${index}.priority`]}>
                    <Field.Label>{t('form.priority', 'Priority')}</Field.Label>
                    <Flex gap={2}>
                      <Flex flex="1" minWidth={0} direction="column" alignItems="stretch">
                        <NumberInput
                          value={row.priority}
                          disabled={disabled}
                          onValueChange={(priority) => change(row.key, { priority: priority ?? 0 })}
                        />
                      </Flex>
                      {disabled ? null : (
                        <IconButton
                          size="L"
                          label={t('form.group-remove', 'Remove the row of {group}', {
                            group: row.groupName || String(index + 1),
                          })}
                          onClick={() => remove(row.key)}
                        >
                          <Trash />
                        </IconButton>
                      )}
                    </Flex>
                    <Field.Error />
                  </Field.Root>
                </Grid.Item>
              </Grid.Root>
            </li>
          ))}
        </Flex>
      ) : null}
      {disabled ? null : (
        <Flex>
          <Button
            variant="secondary"
            startIcon={<Plus />}
            onClick={() => set('roleMappings', [...roleMappings, newRow({ priority: 0 })])}
          >
            {t('form.group-add', 'Add a group')}
          </Button>
        </Flex>
      )}
    </Flex>
  );
};
