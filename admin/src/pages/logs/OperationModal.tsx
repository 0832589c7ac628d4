import { Button, Flex, Loader, Modal } from '@strapi/design-system';
import { Link as LinkIcon } from '@strapi/icons';
import { LoadFailed } from '../../components/LoadFailed';
import { useCopy } from '../../hooks/useCopy';
import { useReturnFocus } from '../../hooks/useReturnFocus';
import { useGetOperationQuery } from '../../services/operations';
import { statusOf } from '../../utils/errors';
import { useT } from '../../utils/i18n';
import { OperationView } from './detail/OperationView';

interface OperationModalProps {
  id: string | null;
  onClose: () => void;
}

/** The detail of one entry; it is open while the address names the entry, so its link can be sent on. */
export const OperationModal = ({ id, onClose }: OperationModalProps) => {
  const t = useT();
  const copy = useCopy();
  useReturnFocus(id !== null);
  return (
    <Modal.Root open={id !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      {id === null ? null : (
        <Modal.Content>
          <Modal.Header closeLabel={t('detail.close', 'Close')}>
            <Modal.Title>{t('detail.title', 'Log entry {id}', { id })}</Modal.Title>
          </Modal.Header>
          <Modal.Body>
            <OperationBody id={id} />
          </Modal.Body>
          <Modal.Footer>
            <Modal.Close>
              <Button variant="tertiary">{t('detail.close', 'Close')}</Button>
            </Modal.Close>
            <Button variant="secondary" startIcon={<LinkIcon />} onClick={() => void copy(window.location.href)}>
              {t('detail.copy-link', 'Copy the link')}
            </Button>
          </Modal.Footer>
        </Modal.Content>
      )}
    </Modal.Root>
  );
};

const OperationBody = ({ id }: { id: string }) => {
  const t = useT();
  const { currentData, error, isFetching, refetch } = useGetOperationQuery(id);
  if (currentData !== undefined) return <OperationView operation={currentData} />;
  if (isFetching) {
    return (
      <Flex justifyContent="center" padding={8} aria-busy>
        <Loader>{t('detail.loading', 'Loading the entry')}</Loader>
      </Flex>
    );
  }
  return statusOf(error) === 404 ? (
    <LoadFailed
      error={{
        message: t('detail.missing', 'This entry does not exist (any more). Old entries are removed after some time.'),
      }}
    />
  ) : (
    <LoadFailed error={error} onRetry={() => void refetch()} />
  );
};
