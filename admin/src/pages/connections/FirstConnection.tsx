import { EmptyStateLayout, Flex, LinkButton } from '@strapi/design-system';
import { Plus } from '@strapi/icons';
import { EmptyDocuments } from '@strapi/icons/symbols';
import { Link } from 'react-router-dom';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';

/** The first thing a person sees after the install. */
export const FirstConnection = ({ canCreate }: { canCreate: boolean }) => {
  const t = useT();
  return (
    <EmptyStateLayout
      icon={<EmptyDocuments width="16rem" />}
      content={
        canCreate
          ? t(
              'connections.empty',
              'Nothing is connected yet. Connect your identity provider (Okta, Entra ID, …) so that it creates and deactivates the people of this Strapi: it takes a name here and two values to copy there.'
            )
          : t('connections.empty-read-only', 'Nothing is connected yet. Ask a person with the right to create connections to add the first one.')
      }
      action={
        canCreate ? (
          <Flex gap={3} wrap="wrap" justifyContent="center">
            <LinkButton tag={Link} to={`${PATHS.createConnection}?direction=inbound`} startIcon={<Plus />}>
              {t('connections.connect-provider', 'Connect your identity provider')}
            </LinkButton>
            <LinkButton tag={Link} to={`${PATHS.createConnection}?direction=outbound`} variant="tertiary">
              {t('connections.connect-application', 'Connect an application')}
            </LinkButton>
          </Flex>
        ) : undefined
      }
    />
  );
};
