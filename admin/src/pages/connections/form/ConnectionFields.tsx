import { Flex } from '@strapi/design-system';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { EncryptionNotice } from '../../../components/EncryptionNotice';
import { Notice } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { useGetStatusQuery } from '../../../services/status';
import { useT } from '../../../utils/i18n';
import { DirectionChoice } from './DirectionChoice';
import { GeneralFields } from './GeneralFields';
import { OutboundFields } from './OutboundFields';
import { PolicySections } from './policies/PolicySections';
import { RoleFields } from './RoleFields';
import type { ConnectionForm } from './useConnectionForm';

interface ConnectionFieldsProps {
  form: ConnectionForm;
  /** Undefined while the connection is being created. */
  connection?: ConnectionInfo;
  disabled?: boolean;
}

/** The form that creating and editing share. */
export const ConnectionFields = ({ form, connection, disabled = false }: ConnectionFieldsProps) => {
  const t = useT();
  const { data: status } = useGetStatusQuery();
  const { values, problem, set } = form;
  const outbound = values.direction === 'outbound';

  return (
    <Flex direction="column" alignItems="stretch" gap={6}>
      {problem ? (
        <Notice variant="danger" title={t('form.not-saved', 'Not saved')}>
          {problem}
        </Notice>
      ) : null}
      {outbound && status?.encryptionReady === false ? <EncryptionNotice /> : null}
      {connection === undefined ? (
        <Panel title={t('form.section.direction', 'Who tells whom?')}>
          <DirectionChoice value={values.direction} onChange={(direction) => set('direction', direction)} />
        </Panel>
      ) : null}
      <Panel title={t('form.section.general', 'Connection')}>
        <GeneralFields form={form} isNew={connection === undefined} disabled={disabled} />
      </Panel>
      {outbound ? (
        <Panel title={t('form.section.application', 'Application')}>
          <OutboundFields form={form} credential={connection?.credential ?? 'none'} disabled={disabled} />
        </Panel>
      ) : (
        <Panel
          title={t('form.section.roles', 'Groups and roles')}
          description={t('form.section.roles-text', 'What people may do in Strapi follows from the groups they are in at the provider.')}
        >
          <RoleFields form={form} disabled={disabled} />
        </Panel>
      )}
      {values.policies === null ? null : <PolicySections form={form} policies={values.policies} disabled={disabled} />}
    </Flex>
  );
};
