import { Box, Flex, Typography } from '@strapi/design-system';
import type { OperationStep } from '../../../../../server/src/contracts/operation';
import { StepOutcomeBadge } from '../../../components/OperationBadges';
import { useT } from '../../../utils/i18n';
import { STEP_LABELS } from '../../../utils/labels';

/** The pipeline as it went for this object: the step that stopped it says why. */
export const StepList = ({ steps }: { steps: OperationStep[] }) => {
  const t = useT();
  return (
    <Flex tag="ol" direction="column" alignItems="stretch" gap={3}>
      {steps.map((step, index) => (
        <Flex
          tag="li"
          key={`${index}-${step.name}`}
          gap={3}
          alignItems="flex-start"
          borderColor="neutral150"
          borderStyle="solid"
          borderWidth="0 0 1px 0"
          paddingBottom={3}
        >
          <Box flex="none" width="9rem">
            <StepOutcomeBadge outcome={step.outcome} />
          </Box>
          <Box flex="1" minWidth={0}>
            <Typography fontWeight="semiBold">{t(...STEP_LABELS[step.name])}</Typography>
            <br />
            <Typography dir="ltr" style={{ overflowWrap: 'anywhere' }}>
              {step.message}
            </Typography>
          </Box>
          <Typography variant="pi" textColor="neutral600" style={{ whiteSpace: 'nowrap' }}>
            {t('time.milliseconds', '{ms, number} ms', { ms: Math.round(step.durationMs) })}
          </Typography>
        </Flex>
      ))}
    </Flex>
  );
};
