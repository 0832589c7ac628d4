import { Flex, Grid, NumberInput } from '@strapi/design-system';
import { Notice } from '../../../../components/Notice';
import { useT } from '../../../../utils/i18n';
import { FormField } from '../FormField';
import { PolicySelect } from './PolicySelect';
import { PolicyCheck } from './PolicyCheck';
import { policySetter, type PolicyProps } from './policyProps';

const ITEM = { col: 6, s: 12, xs: 12, direction: 'column', alignItems: 'stretch' } as const;

export const Dialect = (props: PolicyProps) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const { errors } = form;
  const set = policySetter(props);
  const answers = [
    { value: 'resource', label: t('policy.answer-resource', 'With the changed entry (200)') },
    { value: 'no-content', label: t('policy.answer-no-content', 'With nothing (204)') },
  ] as const;
  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      <Grid.Root gap={4}>
        <Grid.Item {...ITEM}>
          <PolicyCheck
            name="policies.strict"
            label={t('policy.strict', 'Follow the standard to the letter')}
            hint={t('policy.strict-hint', 'If not, the peculiarities of well-known providers are understood. Leave it off unless you test a provider.')}
            error={errors['policies.strict']}
            checked={policies.strict}
            disabled={disabled}
            onChange={(next) => set('strict', next)}
          />
        </Grid.Item>
        <Grid.Item {...ITEM}>
          <FormField
            name="policies.requestsPerMinute"
            label={t('policy.rate', 'Requests per minute')}
            hint={t('policy.rate-hint', 'More than that are told to come back later. Empty: no limit. Each Strapi process counts on its own.')}
            error={errors['policies.requestsPerMinute']}
          >
            <NumberInput
              value={policies.requestsPerMinute ?? undefined}
              disabled={disabled}
              onValueChange={(value) => set('requestsPerMinute', value ?? null)}
            />
          </FormField>
        </Grid.Item>
        <Grid.Item {...ITEM}>
          <PolicySelect
            name="policies.userPatchAnswer"
            label={t('policy.user-answer', 'A change of a person is answered')}
            error={errors['policies.userPatchAnswer']}
            value={policies.userPatchAnswer}
            options={answers}
            disabled={disabled}
            onChange={(next) => set('userPatchAnswer', next)}
          />
        </Grid.Item>
        <Grid.Item {...ITEM}>
          <PolicySelect
            name="policies.groupPatchAnswer"
            label={t('policy.group-answer', 'A change of a group is answered')}
            error={errors['policies.groupPatchAnswer']}
            value={policies.groupPatchAnswer}
            options={answers}
            disabled={disabled}
            onChange={(next) => set('groupPatchAnswer', next)}
          />
        </Grid.Item>
        <Grid.Item {...ITEM}>
          <PolicyCheck
            name="policies.acceptPassword"
            label={t('policy.password', 'Take over passwords')}
            hint={t('policy.password-hint', 'If not, a password that the provider sends is dropped, and the log says so.')}
            error={errors['policies.acceptPassword']}
            checked={policies.acceptPassword}
            disabled={disabled}
            onChange={(next) => set('acceptPassword', next)}
          />
        </Grid.Item>
      </Grid.Root>
      {policies.acceptPassword ? (
        <Notice variant="warning" title={t('policy.password-warning', 'A way in past the provider')}>
          {t(
            'policy.password-warning-text',
            'With a password people can sign in to Strapi directly, without the second factor or the rules of the provider.'
          )}
        </Notice>
      ) : null}
    </Flex>
  );
};
