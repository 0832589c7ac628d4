import { TOKEN_SCOPES, type TokenScope } from '../../contracts/connection';

const TYPES: readonly TokenScope[] = ['users', 'groups'];

const typesOf = (scopes: readonly TokenScope[]): TokenScope[] => scopes.filter((scope) => TYPES.includes(scope));

const isScope = (word: string): word is TokenScope => TOKEN_SCOPES.some((scope) => scope === word);

/**
 * What an access token may do whose client holds `granted` and asked for `requested` (RFC 6749 section 3.3): never more
 * than the client. Naming no type asks for every type the client has; a client that only reads never gets a token that
 * writes. Null: it asked for something that it does not have or that does not exist.
 */
export function narrowScopes(granted: readonly TokenScope[], requested: readonly string[]): TokenScope[] | null {
  if (!requested.every(isScope)) return null;
  const [has, wants] = [typesOf(granted), typesOf(requested)];
  if (has.length > 0 && !wants.every((scope) => has.includes(scope))) return null;
  const types = wants.length > 0 ? wants : has;
  const readOnly = granted.includes('read-only') || requested.includes('read-only');
  return TOKEN_SCOPES.filter((scope) => (scope === 'read-only' ? readOnly : types.includes(scope)));
}
