import { Checkbox, Field } from '@strapi/design-system';
import { useId, type ReactNode } from 'react';

interface PolicyCheckProps {
  name: string;
  label: ReactNode;
  hint: ReactNode;
  error?: string;
  checked: boolean;
  disabled: boolean;
  onChange: (next: boolean) => void;
}

/** A rule that holds or does not. Not a switch: the design system shows one that is off in red, and off is no fault here. */
export const PolicyCheck = ({ name, label, hint, error, checked, disabled, onChange }: PolicyCheckProps) => {
  const id = useId();
  return (
    <Field.Root id={id} name={name} hint={hint} error={error} width="100%">
      <Checkbox
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next === true)}
        // The other fields of the design system do this by themselves.
        aria-describedby={error === undefined ? `${id}-hint` : `${id}-error`}
      >
        {label}
      </Checkbox>
      <Field.Error />
      <Field.Hint />
    </Field.Root>
  );
};
