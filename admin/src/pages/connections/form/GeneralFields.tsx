import { Grid, SingleSelect, SingleSelectOption, Switch, TextInput } from '@strapi/design-system';
import type { Population } from '../../../../../server/src/contracts/connection';
import { useT } from '../../../utils/i18n';
import { POPULATION_LABELS } from '../../../utils/labels';
import { PRESETS } from '../presets';
import { FormField } from './FormField';
import type { ConnectionForm } from './useConnectionForm';

interface GeneralFieldsProps {
  form: ConnectionForm;
  /** Direction and population are settled once the connection exists. */
  isNew: boolean;
  disabled: boolean;
}

export const GeneralFields = ({ form: { values, errors, set }, isNew, disabled }: GeneralFieldsProps) => {
  const t = useT();
  const inbound = values.direction === 'inbound';
  const choosePopulation = (population: Population) => {
    set('population', population);
    // Roles belong to a population: those chosen so far mean nothing in the other one.
    set('defaultRoleId', null);
    set(
      'roleMappings',
      values.roleMappings.map((row) => ({ ...row, roleId: null }))
    );
  };

  return (
    <Grid.Root gap={4}>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="name"
          label={t('form.name', 'Name')}
          required
          error={errors.name}
          hint={t('form.name-hint', 'How you recognise it in the list and in the log, for example "Okta production".')}
        >
          <TextInput
            value={values.name}
            disabled={disabled}
            dir="auto"
            onChange={(event) => set('name', event.target.value)}
          />
        </FormField>
      </Grid.Item>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="population"
          label={t('form.population', 'People')}
          error={errors.population}
          hint={
            values.population === 'admin-users'
              ? t('form.population-admin-hint', 'Those who sign in to this admin panel. Only a super admin may connect them.')
              : t('form.population-hint', 'Those who sign in to your site or app (Users & Permissions).')
          }
        >
          <SingleSelect
            value={values.population}
            disabled={disabled || !isNew}
            onChange={(next) => choosePopulation(next === 'admin-users' ? 'admin-users' : 'end-users')}
          >
            <SingleSelectOption value="end-users">{t(...POPULATION_LABELS['end-users'])}</SingleSelectOption>
            <SingleSelectOption value="admin-users">{t(...POPULATION_LABELS['admin-users'])}</SingleSelectOption>
          </SingleSelect>
        </FormField>
      </Grid.Item>
      {inbound ? (
        <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
          <FormField
            name="preset"
            label={t('form.preset', 'Identity provider')}
            error={errors.preset}
            hint={t('form.preset-hint', 'Decides which guide you get. Any provider that speaks SCIM 2.0 works.')}
          >
            <SingleSelect
              value={values.preset}
              disabled={disabled}
              onChange={(next) => set('preset', String(next))}
            >
              {PRESETS.map(({ id, label }) => (
                <SingleSelectOption key={id} value={id}>
                  {t(...label)}
                </SingleSelectOption>
              ))}
            </SingleSelect>
          </FormField>
        </Grid.Item>
      ) : null}
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="system"
          label={t('form.system', 'System (optional)')}
          error={errors.system}
          hint={t(
            'form.system-hint',
            'Give two connections with the same system the same word here, for example "okta": what came from it is then never sent back to it.'
          )}
        >
          <TextInput
            value={values.system}
            disabled={disabled}
            onChange={(event) => set('system', event.target.value)}
          />
        </FormField>
      </Grid.Item>
      <Grid.Item col={6} s={12} xs={12} direction="column" alignItems="stretch">
        <FormField
          name="enabled"
          label={t('form.enabled', 'State')}
          error={errors.enabled}
          hint={
            inbound
              ? t('form.enabled-hint-inbound', 'While it is paused, requests of the provider are refused.')
              : t('form.enabled-hint-outbound', 'While it is paused, nothing is sent. What changes meanwhile is kept and sent afterwards.')
          }
        >
          <Switch
            aria-label={t('form.enabled', 'State')}
            visibleLabels
            onLabel={t('connections.on', 'Active')}
            offLabel={t('connections.off', 'Paused')}
            checked={values.enabled}
            disabled={disabled}
            onCheckedChange={(next) => set('enabled', next)}
          />
        </FormField>
      </Grid.Item>
    </Grid.Root>
  );
};
