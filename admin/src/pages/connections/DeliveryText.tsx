import { Flex, Status, Typography } from '@strapi/design-system';
import type { DeliveryState } from '../../../../server/src/contracts/connection';
import { useT } from '../../utils/i18n';

/** What still has to reach the application, in words. */
export const DeliveryText = ({ delivery }: { delivery: DeliveryState | null }) => {
  const t = useT();
  if (delivery === null) return <Typography textColor="neutral600">–</Typography>;
  const { pending, failed } = delivery;
  return (
    <Flex gap={2} wrap="wrap">
      {pending === 0 && failed === 0 ? (
        <Status variant="success" size="S">
          <Typography variant="pi">{t('delivery.done', 'Nothing waits')}</Typography>
        </Status>
      ) : null}
      {pending > 0 ? (
        <Status variant="secondary" size="S">
          <Typography variant="pi">{t('delivery.waiting', '{pending, plural, one {# waiting} other {# waiting}}', { pending })}</Typography>
        </Status>
      ) : null}
      {failed > 0 ? (
        <Status variant="danger" size="S">
          <Typography variant="pi">{t('delivery.failed', '{failed, plural, one {# failed} other {# failed}}', { failed })}</Typography>
        </Status>
      ) : null}
    </Flex>
  );
};
