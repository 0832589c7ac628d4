import { normaliseName } from '../identity/normalise';

/** Why provisioning keeps away from an account. */
export interface Protection {
  /** `super-admin`: may be managed by the connection that made it one. `break-glass`: never by any. */
  reason: 'super-admin' | 'break-glass';
  /** For the log and the answer. */
  message: string;
}

export interface ProtectableAccount {
  userName: string;
  email: string;
  isSuperAdmin: boolean;
}

/** Names and addresses of break-glass accounts in the form they are compared in. */
export const breakGlassNames = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(normaliseName));

/** Accounts that must stay usable whatever a provider sends: the way in when everything else fails. */
export function protectionOf(account: ProtectableAccount, breakGlass: ReadonlySet<string>): Protection | null {
  // Most sites name none, and every account that is read comes by here.
  if (breakGlass.size > 0 && [account.userName, account.email].some((name) => breakGlass.has(normaliseName(name)))) {
    return { reason: 'break-glass', message: `${account.userName} is a break-glass account; those are changed by hand only.` };
  }
  if (account.isSuperAdmin) {
    return { reason: 'super-admin', message: `${account.userName} is a super admin; super admins are changed by hand only.` };
  }
  return null;
}
