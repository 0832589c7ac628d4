import { Accordion, Box, Flex, Typography } from '@strapi/design-system';
import type { OperationDetail } from '../../../../../server/src/contracts/operation';
import { OperationBadge, OutcomeBadge } from '../../../components/OperationBadges';
import { useT } from '../../../utils/i18n';
import { AdviceBox } from './AdviceBox';
import { ChangeTable } from './ChangeTable';
import { Exchange } from './Exchange';
import { Facts } from './Facts';
import { Section } from './Section';
import { StepList } from './StepList';

/** One entry of the log: what happened first, then why, then the evidence. */
export const OperationView = ({ operation }: { operation: OperationDetail }) => {
  const t = useT();
  const { objectName, objectId, message, advice, steps, changes, http } = operation;
  const name = objectName ?? objectId;
  return (
    <Flex direction="column" alignItems="stretch" gap={6}>
      <Flex direction="column" alignItems="flex-start" gap={3}>
        <Flex gap={2} wrap="wrap">
          <OperationBadge operation={operation.operation} />
          <OutcomeBadge outcome={operation.outcome} />
        </Flex>
        {name === null ? null : (
          <Typography variant="beta" tag="h3" dir="auto" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Typography>
        )}
        <Typography dir="ltr" style={{ overflowWrap: 'anywhere' }}>
          {message}
        </Typography>
      </Flex>
      {advice === null ? null : <AdviceBox advice={advice} />}
      <Section title={t('detail.facts', 'Facts')}>
        <Facts operation={operation} />
      </Section>
      {steps.length > 0 ? (
        <Section title={t('detail.steps', 'Steps')}>
          <StepList steps={steps} />
        </Section>
      ) : null}
      <Section title={t('detail.changes', 'Changes')}>
        {changes.length > 0 ? (
          <ChangeTable changes={changes} />
        ) : (
          <Typography textColor="neutral600">{t('detail.no-changes', 'No attribute was changed.')}</Typography>
        )}
      </Section>
      {http === null ? null : (
        <Accordion.Root>
          <Accordion.Item value="http">
            <Accordion.Header>
              <Accordion.Trigger>{t('detail.http', 'HTTP request and answer')}</Accordion.Trigger>
            </Accordion.Header>
            <Accordion.Content>
              <Box padding={4}>
                <Exchange exchange={http} />
              </Box>
            </Accordion.Content>
          </Accordion.Item>
        </Accordion.Root>
      )}
    </Flex>
  );
};
