/** Names that replace those of a person whose account is kept: unique, nobody's, and never mailed (RFC 2606). */
export interface Tombstone {
  userName: string;
  email: string;
}

const DIGITS = 12;

/** Made from the SCIM id, which is never used again. */
export function tombstoneOf(scimId: string): Tombstone {
  const userName = `departed-${scimId.replaceAll('-', '').slice(0, DIGITS)}`;
  return { userName, email: `${userName}@users.invalid` };
}
