import type { ConnectionTestResult, TokenInfo } from '../../contracts/connection';
import { UNTRUSTED_PROXY } from '../scim/access/address-notices';

type Step = ConnectionTestResult['steps'][number];

const step = (name: string, ok: boolean, message: string): Step => ({ name, ok, message, durationMs: 0 });

/** What can be said of an inbound connection without the provider: whether it is ready, and when it was last called. */
export function testInbound({ enabled }: { enabled: boolean }, tokens: TokenInfo[], behindUntrustedProxy: boolean, now: number): ConnectionTestResult {
  const valid = tokens.filter((token) => token.expiresAt === null || Date.parse(token.expiresAt) > now);
  const used = tokens.map((token) => token.lastUsedAt).filter((time) => time !== null).sort().at(-1);
  const steps = [
    step('Switched on', enabled, enabled ? 'The connection accepts requests.' : 'The connection is switched off.'),
    step('Token', valid.length > 0, tokenMessage(tokens, valid)),
    ...(behindUntrustedProxy ? [step('Addresses', false, UNTRUSTED_PROXY)] : []),
    step('Provider', used !== undefined, used === undefined ? 'The provider has not called yet. Start its own connection test now.' : `The provider last called at ${used}.`),
  ];
  return { ok: steps.every(({ ok }) => ok), steps };
}

function tokenMessage(tokens: TokenInfo[], valid: TokenInfo[]): string {
  if (valid.length > 0) return 'A token exists.';
  return `${tokens.length > 0 ? 'Every token has expired' : 'There is no token'}: issue one and enter it at the provider.`;
}
