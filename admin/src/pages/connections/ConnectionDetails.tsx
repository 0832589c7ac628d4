import { BackButton } from '@strapi/strapi/admin';
import { Button, Flex } from '@strapi/design-system';
import { Check, Trash } from '@strapi/icons';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import type { ConnectionInfo } from '../../../../server/src/contracts/connection';
import { PluginPage } from '../../components/PluginPage';
import { useConnectionRights, useLogRights } from '../../hooks/usePermissions';
import { useReport } from '../../hooks/useReport';
import { useUpdateConnectionMutation } from '../../services/connections';
import { useT } from '../../utils/i18n';
import { DIRECTION_LABELS, POPULATION_LABELS } from '../../utils/labels';
import { PATHS } from '../../utils/paths';
import { DeleteConnection } from './DeleteConnection';
import { ConnectionFields } from './form/ConnectionFields';
import { LeaveGuard } from './form/LeaveGuard';
import { useConnectionForm } from './form/useConnectionForm';
import { updateOf, valuesOf } from './form/values';
import { ApprovalsPanel } from './panels/ApprovalsPanel';
import { DeliveryPanel } from './panels/DeliveryPanel';
import { TestPanel } from './panels/TestPanel';
import { TokensPanel } from './panels/TokensPanel';

/** The submit button stands in the header, outside the form. */
const FORM_ID = 'edit-connection';

export const ConnectionDetails = ({ connection }: { connection: ConnectionInfo }) => {
  const t = useT();
  const navigate = useNavigate();
  const rights = useConnectionRights();
  const logs = useLogRights();
  const { success } = useReport();
  const [update] = useUpdateConnectionMutation();
  const [deleting, setDeleting] = useState(false);
  const { id, name, direction, population, credential } = connection;

  // Only the first state counts: the connection is read again while someone types.
  const initial = useMemo(() => valuesOf(connection), [connection]);
  const form = useConnectionForm({
    initial,
    needsToken: credential === 'none',
    save: async (values) => {
      const result = await update({ id, data: updateOf(values, connection.policies) });
      if ('error' in result) return result.error;
      success(t('edit.saved', 'Saved.'));
      return null;
    },
  });

  return (
    <PluginPage
      busy={form.submitting}
      title={name}
      subtitle={`${t(...DIRECTION_LABELS[direction])} · ${t(...POPULATION_LABELS[population])}`}
      navigationAction={<BackButton fallback={PATHS.connections} />}
      primaryAction={
        <Flex gap={2}>
          {rights.canDelete ? (
            <Button variant="danger-light" startIcon={<Trash />} onClick={() => setDeleting(true)}>
              {t('edit.delete', 'Delete')}
            </Button>
          ) : null}
          {rights.canUpdate ? (
            <Button
              type="submit"
              form={FORM_ID}
              startIcon={<Check />}
              loading={form.submitting}
              disabled={!form.modified}
            >
              {t('edit.save', 'Save')}
            </Button>
          ) : null}
        </Flex>
      }
    >
      <LeaveGuard when={form.modified && !deleting} />
      <DeleteConnection
        connection={connection}
        open={deleting}
        onOpenChange={setDeleting}
        onDeleted={() => navigate(PATHS.connections, { replace: true })}
      />
      <Flex direction="column" alignItems="stretch" gap={6}>
        {direction === 'outbound' ? <DeliveryPanel connection={connection} canUpdate={rights.canUpdate} /> : null}
        {direction === 'inbound' && logs.canRead ? <ApprovalsPanel connection={connection} canUpdate={rights.canUpdate} /> : null}
        <form id={FORM_ID} ref={form.formRef} onSubmit={form.submit} noValidate>
          <ConnectionFields form={form} connection={connection} disabled={!rights.canUpdate} />
        </form>
        {direction === 'inbound' ? (
          <TokensPanel connection={connection} canRotate={rights.canRotateToken} />
        ) : null}
        {rights.canUpdate ? <TestPanel connection={connection} unsaved={form.modified} /> : null}
      </Flex>
    </PluginPage>
  );
};
