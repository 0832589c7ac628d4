import type { InboundPolicies } from '../../../../../../server/src/contracts/connection';
import type { ConnectionForm } from '../useConnectionForm';

/** What every section of policies gets. */
export interface PolicyProps {
  form: ConnectionForm;
  policies: InboundPolicies;
  disabled: boolean;
}

export type SetPolicy = <K extends keyof InboundPolicies>(name: K, value: InboundPolicies[K]) => void;

export const policySetter =
  ({ form, policies }: PolicyProps): SetPolicy =>
  (name, value) =>
    form.set('policies', { ...policies, [name]: value });
