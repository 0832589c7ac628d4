import { Field } from '@strapi/design-system';
import type { ReactNode } from 'react';

interface FormFieldProps {
  name: string;
  label: string;
  hint?: ReactNode;
  error?: string;
  required?: boolean;
  children: ReactNode;
}

/** Label, control, hint and error of one value. */
export const FormField = ({ name, label, hint, error, required, children }: FormFieldProps) => (
  <Field.Root name={name} hint={hint} error={error} required={required} width="100%">
    <Field.Label>{label}</Field.Label>
    {children}
    <Field.Error />
    <Field.Hint />
  </Field.Root>
);
