import { BackButton } from '@strapi/strapi/admin';
import { Button } from '@strapi/design-system';
import { Check } from '@strapi/icons';
import { useState } from 'react';
import { Navigate, useSearchParams } from 'react-router-dom';
import { PluginPage } from '../../components/PluginPage';
import { useCreateConnectionMutation } from '../../services/connections';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';
import { ConnectionFields } from './form/ConnectionFields';
import { LeaveGuard } from './form/LeaveGuard';
import { useConnectionForm } from './form/useConnectionForm';
import { emptyValues, inputOf } from './form/values';
import { keepFreshToken } from './freshToken';

/** The submit button stands in the header, outside the form. */
const FORM_ID = 'create-connection';

export const CreatePage = () => {
  const t = useT();
  const [search] = useSearchParams();
  const [create] = useCreateConnectionMutation();
  const [created, setCreated] = useState<number | null>(null);

  const form = useConnectionForm({
    initial: emptyValues(search.get('direction') === 'outbound' ? 'outbound' : 'inbound'),
    needsToken: true,
    save: async (values) => {
      const result = await create(inputOf(values));
      if ('error' in result) return result.error;
      keepFreshToken(result.data);
      setCreated(result.data.connection.id);
      return null;
    },
  });

  if (created !== null) return <Navigate to={PATHS.connection(created)} replace />;

  return (
    <PluginPage
      busy={form.submitting}
      title={t('create.title', 'Add a connection')}
      navigationAction={<BackButton fallback={PATHS.connections} />}
      primaryAction={
        <Button type="submit" form={FORM_ID} startIcon={<Check />} loading={form.submitting}>
          {t('create.submit', 'Create')}
        </Button>
      }
    >
      <LeaveGuard when={form.modified} />
      <form id={FORM_ID} ref={form.formRef} onSubmit={form.submit} noValidate>
        <ConnectionFields form={form} />
      </form>
    </PluginPage>
  );
};
