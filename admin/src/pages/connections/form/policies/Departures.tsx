import { Flex, Grid, NumberInput, Typography } from '@strapi/design-system';
import type { DepartureRule } from '../../../../../../server/src/contracts/connection';
import { useT } from '../../../../utils/i18n';
import { FormField } from '../FormField';
import { DEPARTURE_ACTIONS, DEPARTURE_LABELS, DEPARTURE_TEXTS } from './labels';
import { PolicySelect } from './PolicySelect';
import { policySetter, type PolicyProps } from './policyProps';

/** With these nothing is left to do later. */
const IMMEDIATE = ['block', 'nothing'];

interface DepartureFieldsProps {
  name: string;
  title: string;
  rule: DepartureRule;
  errors: PolicyProps['form']['errors'];
  disabled: boolean;
  onChange: (rule: DepartureRule) => void;
}

const DepartureFields = ({ name, title, rule, errors, disabled, onChange }: DepartureFieldsProps) => {
  const t = useT();
  return (
    <Flex direction="column" alignItems="stretch" gap={2}>
      <Grid.Root gap={4}>
        <Grid.Item col={8} s={12} xs={12} direction="column" alignItems="stretch">
          <PolicySelect
            name={`${name}.action`}
            label={title}
            error={errors[`${name}.action`]}
            value={rule.action}
            options={DEPARTURE_ACTIONS.map((action) => ({ value: action, label: t(...DEPARTURE_LABELS[action]) }))}
            disabled={disabled}
            onChange={(action) => onChange({ action, graceDays: IMMEDIATE.includes(action) ? 0 : rule.graceDays })}
          />
        </Grid.Item>
        {IMMEDIATE.includes(rule.action) ? null : (
          <Grid.Item col={4} s={12} xs={12} direction="column" alignItems="stretch">
            <FormField name={`${name}.graceDays`} label={t('policy.grace', 'Days to wait')} error={errors[`${name}.graceDays`]}>
              <NumberInput value={rule.graceDays} disabled={disabled} onValueChange={(days) => onChange({ ...rule, graceDays: days ?? 0 })} />
            </FormField>
          </Grid.Item>
        )}
      </Grid.Root>
      <Typography variant="pi" textColor="neutral600" aria-live="polite">
        {t(DEPARTURE_TEXTS[rule.action][0], DEPARTURE_TEXTS[rule.action][1], { days: rule.graceDays })}
      </Typography>
    </Flex>
  );
};

export const Departures = (props: PolicyProps) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const set = policySetter(props);
  return (
    <Flex direction="column" alignItems="stretch" gap={6}>
      <DepartureFields
        name="policies.onDeactivate"
        title={t('policy.on-deactivate', 'When the provider deactivates somebody')}
        rule={policies.onDeactivate}
        errors={form.errors}
        disabled={disabled}
        onChange={(rule) => set('onDeactivate', rule)}
      />
      <DepartureFields
        name="policies.onDelete"
        title={t('policy.on-delete', 'When the provider deletes somebody')}
        rule={policies.onDelete}
        errors={form.errors}
        disabled={disabled}
        onChange={(rule) => set('onDelete', rule)}
      />
    </Flex>
  );
};
