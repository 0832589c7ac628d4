import { Button, Flex, Modal } from '@strapi/design-system';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import type { ConnectionWithToken } from '../../../../../server/src/contracts/connection';
import { Notice } from '../../../components/Notice';
import { useReturnFocus } from '../../../hooks/useReturnFocus';
import { fieldErrorsOf, messageOf, type FieldErrors } from '../../../utils/errors';
import { useT } from '../../../utils/i18n';
import { SecretOnce } from './SecretOnce';

const FORM_ID = 'token-form';

interface TokenDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  submitLabel: string;
  /** Asks the server; resolves with what it made, or its error. */
  submit: () => Promise<{ data: ConnectionWithToken } | { error: unknown }>;
  children: (errors: FieldErrors) => ReactNode;
}

/** A question, and then the secret that came of it: shown until the person says that it was copied. */
export const TokenDialog = ({ open, onClose, title, submitLabel, submit, children }: TokenDialogProps) => {
  const t = useT();
  const [issued, setIssued] = useState<ConnectionWithToken | null>(null);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const formRef = useRef<HTMLFormElement>(null);
  useReturnFocus(open);

  // Leads the person to the first field that needs them.
  useEffect(() => {
    if (Object.keys(errors).length > 0) formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const close = () => {
    setIssued(null);
    setErrors({});
    setProblem(null);
    onClose();
  };

  const send = async (event: FormEvent) => {
    event.preventDefault();
    // The page behind has a form of its own, and events travel through portals.
    event.stopPropagation();
    if (busy) return;
    setBusy(true);
    const result = await submit();
    setBusy(false);
    if ('data' in result) return setIssued(result.data);
    const refused = fieldErrorsOf(result.error);
    setErrors(refused);
    setProblem(
      Object.keys(refused).length > 0 ? null : (messageOf(result.error) ?? t('token.failed', 'Strapi did not say why it failed; its log may.'))
    );
  };

  /** A click beside the dialog must not throw the secret away. */
  const keepSecret = (event: Event) => {
    if (issued !== null) event.preventDefault();
  };

  return (
    <Modal.Root open={open} onOpenChange={(next) => (next ? undefined : close())}>
      {open ? (
        <Modal.Content onInteractOutside={keepSecret} onEscapeKeyDown={keepSecret}>
          <Modal.Header closeLabel={t('detail.close', 'Close')}>
            <Modal.Title>{title}</Modal.Title>
          </Modal.Header>
          <Modal.Body>
            {issued === null ? (
              <form id={FORM_ID} ref={formRef} onSubmit={(event) => void send(event)} noValidate>
                <Flex direction="column" alignItems="stretch" gap={4}>
                  {problem === null ? null : <Notice variant="danger">{problem}</Notice>}
                  {children(errors)}
                </Flex>
              </form>
            ) : (
              <SecretOnce issued={issued} />
            )}
          </Modal.Body>
          <Modal.Footer>
            {issued === null ? (
              <>
                <Button variant="tertiary" onClick={close}>
                  {t('token.cancel', 'Cancel')}
                </Button>
                <Button type="submit" form={FORM_ID} loading={busy}>
                  {submitLabel}
                </Button>
              </>
            ) : (
              <Flex justifyContent="flex-end" width="100%">
                <Button onClick={close}>{t('token.copied', 'I have copied it')}</Button>
              </Flex>
            )}
          </Modal.Footer>
        </Modal.Content>
      ) : null}
    </Modal.Root>
  );
};
