import type { Connection } from '../connection/connection';

/** Long enough that a person can decide before a provider that tries ten times has given up. */
const RETRY_AFTER_SECONDS = 15 * 60;

/** Okta comes back by itself after a 429 only; everybody else takes 503 for what it is (RFC 9110 section 15.6.4). */
const TOO_MANY = new Set(['okta']);

/** How a provider is told that its request waits for a person. Never as a success, never as a refusal for good. */
export const heldAnswer = ({ preset }: Pick<Connection, 'preset'>): { status: 429 | 503; headers: Record<string, string> } => ({
  status: TOO_MANY.has(preset) ? 429 : 503,
  headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
});
