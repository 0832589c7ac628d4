import { Button, EmptyStateLayout, LinkButton } from '@strapi/design-system';
import { EmptyDocuments } from '@strapi/icons/symbols';
import { Link } from 'react-router-dom';
import { useConnectionRights } from '../../hooks/usePermissions';
import { useT } from '../../utils/i18n';
import { PATHS } from '../../utils/paths';

interface LogEmptyProps {
  filtered: boolean;
  onClear: () => void;
}

export const LogEmpty = ({ filtered, onClear }: LogEmptyProps) => {
  const t = useT();
  const rights = useConnectionRights();
  if (filtered) {
    return (
      <EmptyStateLayout
        icon={<EmptyDocuments width="16rem" />}
        content={t('logs.no-match', 'No entry matches these filters.')}
        action={
          <Button variant="secondary" onClick={onClear}>
            {t('logs.filter.clear', 'Clear filters')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyStateLayout
      icon={<EmptyDocuments width="16rem" />}
      content={t(
        'logs.empty',
        'Nothing was provisioned yet. As soon as a provider or an application is connected, every change of a person stands here with its reason.'
      )}
      action={
        rights.canRead ? (
          <LinkButton tag={Link} to={PATHS.connections} variant="secondary">
            {t('edit.to-list', 'To the connections')}
          </LinkButton>
        ) : undefined
      }
    />
  );
};
