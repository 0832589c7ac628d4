import { Button, Field, Flex, TextInput } from '@strapi/design-system';
import { Duplicate } from '@strapi/icons';
import { useCopy } from '../hooks/useCopy';
import { useT } from '../utils/i18n';

interface CopyFieldProps {
  label: string;
  value: string;
  hint?: string;
}

/** A value to take elsewhere: selected as a whole on focus, with a button that copies it. */
export const CopyField = ({ label, value, hint }: CopyFieldProps) => {
  const t = useT();
  const copy = useCopy();
  return (
    <Field.Root hint={hint} width="100%">
      <Field.Label>{label}</Field.Label>
      <Flex gap={2} alignItems="stretch" width="100%">
        <Flex flex="1" minWidth={0} direction="column" alignItems="stretch">
          <TextInput readOnly value={value} dir="ltr" spellCheck={false} onFocus={(event) => event.target.select()} />
        </Flex>
        <Button
          variant="secondary"
          size="L"
          startIcon={<Duplicate />}
          aria-label={t('copy.label', 'Copy {label}', { label })}
          onClick={() => void copy(value)}
        >
          {t('copy.button', 'Copy')}
        </Button>
      </Flex>
      <Field.Hint />
    </Field.Root>
  );
};
