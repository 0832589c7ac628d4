import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { ConfirmAction } from '../../components/ConfirmAction';
import { useReport } from '../../hooks/useReport';
import { useDeleteConnectionMutation } from '../../services/connections';
import { useT } from '../../utils/i18n';

interface DeleteConnectionProps {
  connection: ConnectionInfo;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDeleted?: () => void;
}

export const DeleteConnection = ({ connection, open, onOpenChange, onDeleted }: DeleteConnectionProps) => {
  const t = useT();
  const { success, failure } = useReport();
  const [remove] = useDeleteConnectionMutation();
  const { id, name, direction } = connection;

  const confirm = async () => {
    const result = await remove(id);
    onOpenChange(false);
    if ('error' in result) return failure(result.error);
    success(t('connections.deleted', '"{name}" was deleted.', { name }));
    onDeleted?.();
  };

  return (
    <ConfirmAction
      open={open}
      onOpenChange={onOpenChange}
      title={t('connections.delete-title', 'Delete "{name}"?', { name })}
      onConfirm={confirm}
    >
      {direction === 'inbound'
        ? t(
            'connections.delete-inbound',
            'Its tokens stop working at once and the provider can no longer change anyone. The people it created stay in Strapi, and its entries stay in the log.'
          )
        : t(
            'connections.delete-outbound',
            'Changes that wait are no longer sent. The people stay in the application as they are, and the entries stay in the log.'
          )}
    </ConfirmAction>
  );
};
