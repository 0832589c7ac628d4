/** How a connection reads what its provider sends; part of its policies (contracts/connection.ts). */
export interface Acceptance {
  /** Off: dialects of providers are understood. On: RFC 7643, RFC 7644 and the interoperability profile to the letter. */
  strict: boolean;
  /** Off: a password is taken out of every request and never looked at. */
  acceptPassword: boolean;
}

export const TOLERANT: Acceptance = { strict: false, acceptPassword: false };
