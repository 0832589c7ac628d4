import { Badge } from '@strapi/design-system';
import type { OperationKind, OperationStep, Outcome } from '../../../server/src/contracts/operation';
import { useT } from '../utils/i18n';
import { OPERATION_LABELS, OUTCOME_LABELS, STEP_OUTCOME_LABELS } from '../utils/labels';

const OUTCOME_VARIANTS = { success: 'success', ok: 'success', skipped: 'neutral', refused: 'warning', failed: 'danger' } as const;

const OPERATION_VARIANTS: Record<OperationKind, 'primary' | 'secondary' | 'neutral' | 'warning' | 'danger' | 'alternative'> = {
  create: 'primary',
  read: 'neutral',
  update: 'secondary',
  deactivate: 'warning',
  reactivate: 'primary',
  delete: 'danger',
  link: 'alternative',
  'role-grant': 'alternative',
  'role-revoke': 'warning',
  skip: 'neutral',
  refuse: 'warning',
};

export const OutcomeBadge = ({ outcome }: { outcome: Outcome }) => {
  const t = useT();
  return <Badge variant={OUTCOME_VARIANTS[outcome]}>{t(...OUTCOME_LABELS[outcome])}</Badge>;
};

export const StepOutcomeBadge = ({ outcome }: { outcome: OperationStep['outcome'] }) => {
  const t = useT();
  return <Badge variant={OUTCOME_VARIANTS[outcome]}>{t(...STEP_OUTCOME_LABELS[outcome])}</Badge>;
};

export const OperationBadge = ({ operation }: { operation: OperationKind }) => {
  const t = useT();
  const variant = OPERATION_VARIANTS[operation];
  const text = t(...OPERATION_LABELS[operation]);
  if (variant !== 'primary') return <Badge variant={variant}>{text}</Badge>;
  // Its text on this background has a contrast of 2.4 in the dark theme; a colour of the text is only taken without a variant.
  return (
    <Badge backgroundColor="primary200" textColor="neutral800">
      {text}
    </Badge>
  );
};
