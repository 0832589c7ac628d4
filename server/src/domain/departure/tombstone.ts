/** Names that replace those of a person whose account is kept: unique, nobody's, and never mailed (RFC 2606). */
export interface Tombstone {
  userName: string;
  email: string;
}

const DIGITS = 12;
const DOMAIN = '@users.invalid';

/** A name or address of this form is some account's one day: nobody may be called so before. */
export const isTombstone = (name: string): boolean => new RegExp(`^departed-[0-9a-f]{${DIGITS}}$`, 'i').test(name) || name.toLowerCase().endsWith(DOMAIN);

/** Made from the SCIM id, which is never used again. */
export function tombstoneOf(scimId: string): Tombstone {
  const userName = `departed-${scimId.replaceAll('-', '').slice(0, DIGITS)}`;
  return { userName, email: `${userName}${DOMAIN}` };
}
