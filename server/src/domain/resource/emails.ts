import { normaliseName } from '../identity/normalise';
import type { Resource } from './resource';

export interface EmailValue {
  value: string;
  type?: string;
  primary?: boolean;
  display?: string;
}

/** Domain reserved by RFC 2606: nothing is ever delivered there. */
const PLACEHOLDER_DOMAIN = 'users.invalid';

export const isPlaceholderEmail = (email: string): boolean => email.toLowerCase().endsWith('.invalid');

export function emailsOf(resource: Resource): EmailValue[] {
  if (!Array.isArray(resource.emails)) return [];
  return resource.emails.filter(
    (email: unknown): email is EmailValue =>
      typeof email === 'object' && email !== null && 'value' in email && typeof email.value === 'string' && email.value !== ''
  );
}

/** The one address Strapi keeps: the primary, else the work one, else the first. */
export function mainEmail(resource: Resource): string | null {
  return mainOf(emailsOf(resource))?.value ?? null;
}

const mainOf = (emails: EmailValue[]): EmailValue | undefined =>
  emails.find((email) => email.primary === true) ?? emails.find((email) => email.type?.toLowerCase() === 'work') ?? emails[0];

/**
 * Address for an account, which Strapi requires. Without one the userName serves if it is an address, else a
 * placeholder that is never mailed and never shown.
 */
export function accountEmail(resource: Resource, userName: string, uniquePart: string): string {
  const own = mainEmail(resource) ?? (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(userName) ? userName : null);
  return own === null ? `${uniquePart}@${PLACEHOLDER_DOMAIN}` : own.toLowerCase();
}

/**
 * The provider's list, corrected where the account's address was changed in Strapi: the main address is always the
 * account's, so that the list written back changes nothing. One of the others may have become it.
 */
export function overlayEmail(kept: EmailValue[], email: string | null): EmailValue[] {
  if (email === null) return kept;
  const isAccounts = (item: EmailValue): boolean => normaliseName(item.value) === normaliseName(email);
  const main = mainOf(kept);
  if (main === undefined) return [{ value: email, type: 'work', primary: true }];
  if (isAccounts(main)) return kept;
  const chosen = kept.find(isAccounts);
  if (chosen === undefined) return kept.map((item) => (item === main ? { ...item, value: email } : item));
  return kept.map((item) => (item === chosen ? { ...item, primary: true } : item.primary === true ? { ...item, primary: false } : item));
}
