/** Which of the plugin's rights the person at the panel has; `useRBAC` and `Page.Protect` are replaced by this. */
import { ACTIONS, actionId, type ActionUid } from '../../../server/src/contracts/permissions';

const ALL: readonly ActionUid[] = Object.values(ACTIONS);

let granted = new Set<string>();

export const grant = (...uids: readonly ActionUid[]): void => {
  granted = new Set(uids.map(actionId));
};

export const grantAll = (): void => grant(...ALL);

export const isGranted = (action: string): boolean => granted.has(action);

interface Check {
  action: string;
}

/** As Strapi derives it: the last segment of the action, in camel case. */
const nameOf = ({ action }: Check): string => {
  const last = action.split('.').at(-1) ?? '';
  return `can${last
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;
};

export const useRBAC = (checks: Check[]) => ({
  allowedActions: Object.fromEntries(checks.map((check) => [nameOf(check), isGranted(check.action)])),
  isLoading: false,
  permissions: checks,
});

/** To be handed to `jest.mock('@strapi/strapi/admin', ...)`. */
export const adminWithRights = (): Record<string, unknown> => {
  const actual = jest.requireActual<{ Page: Record<string, unknown> }>('@strapi/strapi/admin');
  return {
    ...actual,
    useRBAC,
    // Leads back in the browser's history, which the panel keeps in a context that is not exported.
    BackButton: () => null,
    Page: {
      ...actual.Page,
      Protect: ({ permissions, children }: { permissions: Check[]; children: unknown }) =>
        permissions.some((check) => isGranted(check.action)) ? children : 'No permission',
    },
  };
};
