import { Box, Button, DateTimePicker, Field, Flex, MultiSelect, MultiSelectOption, SingleSelect, SingleSelectOption } from '@strapi/design-system';
import { Cross } from '@strapi/icons';
import { useCallback, type ReactNode } from 'react';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { OPERATION_KINDS, OUTCOMES } from '../../../../server/src/contracts/operation';
import { useT } from '../../utils/i18n';
import { OPERATION_LABELS, OUTCOME_LABELS } from '../../utils/labels';
import { FILTER_KEYS, splitList } from './logQuery';
import { LogSearch } from './LogSearch';
import type { LogViewState } from './useLogView';

interface FilterFieldProps {
  label: string;
  children: ReactNode;
}

const FilterField = ({ label, children }: FilterFieldProps) => (
  <Box flex="1 1 20rem" minWidth={0}>
    <Field.Root>
      <Field.Label>{label}</Field.Label>
      {children}
    </Field.Root>
  </Box>
);

interface LogFiltersProps extends LogViewState {
  /** Empty for whoever may not read the connections. */
  connections: ConnectionInfo[];
}

export const LogFilters = ({ view, change, connections }: LogFiltersProps) => {
  const t = useT();
  const { filters } = view;
  const operations = splitList(filters.operation);
  const outcomes = splitList(filters.outcome);
  const search = useCallback((text: string) => change({ search: text }, { replace: true }), [change]);
  const setTime = (key: 'from' | 'to') => (date: Date | undefined) => change({ [key]: date?.toISOString() });
  const filtered = FILTER_KEYS.some((key) => filters[key] !== undefined);

  return (
    <Flex direction="column" alignItems="stretch" gap={4} role="group" aria-label={t('logs.filters', 'Filters of the log')}>
      <LogSearch value={filters.search ?? ''} onSearch={search} />
      <Flex gap={4} wrap="wrap" alignItems="flex-end">
        <FilterField label={t('logs.filter.operation', 'Operation')}>
          <MultiSelect
            placeholder={t('logs.filter.all', 'All')}
            value={operations}
            customizeContent={(values) =>
              t('logs.filter.chosen', '{count, plural, one {# chosen} other {# chosen}}', { count: values?.length ?? 0 })
            }
            clearLabel={t('form.clear', 'Clear')}
            onClear={() => change({ operation: undefined })}
            onChange={(values: string[]) => change({ operation: values.join(',') })}
          >
            {OPERATION_KINDS.map((kind) => (
              <MultiSelectOption key={kind} value={kind}>
                {t(...OPERATION_LABELS[kind])}
              </MultiSelectOption>
            ))}
          </MultiSelect>
        </FilterField>
        <FilterField label={t('logs.filter.outcome', 'Outcome')}>
          <MultiSelect
            placeholder={t('logs.filter.all', 'All')}
            value={outcomes}
            customizeContent={(values) =>
              t('logs.filter.chosen', '{count, plural, one {# chosen} other {# chosen}}', { count: values?.length ?? 0 })
            }
            clearLabel={t('form.clear', 'Clear')}
            onClear={() => change({ outcome: undefined })}
            onChange={(values: string[]) => change({ outcome: values.join(',') })}
          >
            {OUTCOMES.map((outcome) => (
              <MultiSelectOption key={outcome} value={outcome}>
                {t(...OUTCOME_LABELS[outcome])}
              </MultiSelectOption>
            ))}
          </MultiSelect>
        </FilterField>
        {connections.length > 0 ? (
          <FilterField label={t('logs.filter.connection', 'Connection')}>
            <SingleSelect
              placeholder={t('logs.filter.all', 'All')}
              value={filters.connectionId ?? null}
              clearLabel={t('form.clear', 'Clear')}
              onClear={() => change({ connectionId: undefined })}
              onChange={(next) => change({ connectionId: String(next) })}
            >
              {connections.map(({ id, name }) => (
                <SingleSelectOption key={id} value={String(id)}>
                  {name}
                </SingleSelectOption>
              ))}
            </SingleSelect>
          </FilterField>
        ) : null}
      </Flex>
      <Flex gap={4} wrap="wrap" alignItems="flex-end">
        <FilterField label={t('logs.filter.from', 'From')}>
          <DateTimePicker
            dateLabel={t('logs.filter.from-date', 'From: date')}
            timeLabel={t('logs.filter.from-time', 'From: time')}
            clearLabel={t('form.clear', 'Clear')}
            value={filters.from ? new Date(filters.from) : null}
            onClear={() => change({ from: undefined })}
            onChange={setTime('from')}
          />
        </FilterField>
        <FilterField label={t('logs.filter.to', 'To')}>
          <DateTimePicker
            dateLabel={t('logs.filter.to-date', 'To: date')}
            timeLabel={t('logs.filter.to-time', 'To: time')}
            clearLabel={t('form.clear', 'Clear')}
            value={filters.to ? new Date(filters.to) : null}
            onClear={() => change({ to: undefined })}
            onChange={setTime('to')}
          />
        </FilterField>
        {filtered ? (
          <Button
            variant="tertiary"
            size="L"
            startIcon={<Cross />}
            onClick={() => change(Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined])))}
          >
            {t('logs.filter.clear', 'Clear filters')}
          </Button>
        ) : null}
      </Flex>
    </Flex>
  );
};
