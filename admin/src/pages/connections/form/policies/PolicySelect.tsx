import { SingleSelect, SingleSelectOption } from '@strapi/design-system';
import type { ReactNode } from 'react';
import { FormField } from '../FormField';

interface PolicySelectProps<T extends string> {
  name: string;
  label: string;
  hint?: ReactNode;
  error?: string;
  value: T;
  options: readonly { value: T; label: string }[];
  disabled: boolean;
  onChange: (next: T) => void;
}

/** A question with a few answers. */
export const PolicySelect = <T extends string>({ name, label, hint, error, value, options, disabled, onChange }: PolicySelectProps<T>) => (
  <FormField name={name} label={label} hint={hint} error={error}>
    <SingleSelect
      value={value}
      disabled={disabled}
      onChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen) onChange(chosen.value);
      }}
    >
      {options.map((option) => (
        <SingleSelectOption key={option.value} value={option.value}>
          {option.label}
        </SingleSelectOption>
      ))}
    </SingleSelect>
  </FormField>
);
