import { useCallback, useEffect, useRef, useState, type FormEvent, type RefObject } from 'react';
import { fieldErrorsOf, messageOf, type FieldErrors } from '../../../utils/errors';
import { useT } from '../../../utils/i18n';
import { validate } from './validate';
import type { ConnectionValues } from './values';

export interface ConnectionForm {
  values: ConnectionValues;
  errors: FieldErrors;
  /** An error that belongs to no field. */
  problem: string | null;
  modified: boolean;
  submitting: boolean;
  formRef: RefObject<HTMLFormElement>;
  set: <K extends keyof ConnectionValues>(field: K, value: ConnectionValues[K]) => void;
  submit: (event: FormEvent) => void;
}

interface Options {
  initial: ConnectionValues;
  needsToken: boolean;
  /** Saves; resolves with the error of the server, or null. */
  save: (values: ConnectionValues) => Promise<unknown>;
}

export const useConnectionForm = ({ initial, needsToken, save }: Options): ConnectionForm => {
  const t = useT();
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [modified, setModified] = useState(false);
  const [submitting, setSubmitting] = useState(false);
  const formRef = useRef<HTMLFormElement>(null);

  // Leads the person to the first field that needs them.
  useEffect(() => {
    if (Object.keys(errors).length === 0) return;
    formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const set = useCallback<ConnectionForm['set']>((field, value) => {
    setValues((current) => ({ ...current, [field]: value }));
    setModified(true);
  }, []);

  const run = async () => {
    const found = validate(values, needsToken, t);
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;

    setSubmitting(true);
    const error = await save(values);
    setSubmitting(false);
    if (error === null) {
      setModified(false);
      // A token stands in the form no longer than it takes to save it.
      setValues((current) => ({ ...current, bearerToken: '' }));
      return;
    }
    const refused = fieldErrorsOf(error);
    setErrors(refused);
    // The message of the whole says the way out also where it belongs to a field.
    setProblem(messageOf(error) ?? t('form.failed', 'It could not be saved. Strapi did not say why; its log may.'));
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!submitting) void run();
  };

  return { values, errors, problem, modified, submitting, formRef, set, submit };
};
