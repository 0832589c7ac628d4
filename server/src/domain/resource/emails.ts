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
  const emails = emailsOf(resource);
  const main = emails.find((email) => email.primary === true) ?? emails.find((email) => email.type?.toLowerCase() === 'work') ?? emails[0];
  return main?.value ?? null;
}

/**
 * Address for an account, which Strapi requires. Without one the userName serves if it is an address, else a
 * placeholder that is never mailed and never shown.
 */
export function accountEmail(resource: Resource, userName: string, uniquePart: string): string {
  const own = mainEmail(resource) ?? (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(userName) ? userName : null);
  return own === null ? `${uniquePart}@${PLACEHOLDER_DOMAIN}` : own.toLowerCase();
}

/** The provider's list, corrected where the account's address was changed in Strapi. */
export function overlayEmail(kept: EmailValue[], email: string | null): EmailValue[] {
  if (email === null) return kept;
  if (kept.some((item) => normaliseName(item.value) === normaliseName(email))) return kept;
  const main = kept.find((item) => item.primary === true) ?? kept[0];
  if (!main) return [{ value: email, type: 'work', primary: true }];
  return kept.map((item) => (item === main ? { ...item, value: email } : item));
}
