import type { TokenInfo, TokenScope } from '../../../../../server/src/contracts/connection';
import { msg, type Message } from '../../../utils/i18n';

export const KIND_LABELS: Record<TokenInfo['kind'], Message> = {
  bearer: msg('token.kind-bearer', 'Token'),
  client: msg('token.kind-client', 'OAuth client'),
};

/** Scopes as two questions: what may it do, and with whom. */
export type Verb = 'write' | 'read';
export type Reach = 'all' | 'users' | 'groups';

export const VERB_LABELS: Record<Verb, Message> = {
  write: msg('token.verb-write', 'Read and change'),
  read: msg('token.verb-read', 'Only read'),
};

export const REACH_LABELS: Record<Reach, Message> = {
  all: msg('token.reach-all', 'People and groups'),
  users: msg('token.reach-users', 'Only people'),
  groups: msg('token.reach-groups', 'Only groups'),
};

export const verbOf = (scopes: readonly TokenScope[]): Verb => (scopes.includes('read-only') ? 'read' : 'write');

export const reachOf = (scopes: readonly TokenScope[]): Reach => {
  const [users, groups] = [scopes.includes('users'), scopes.includes('groups')];
  return users === groups ? 'all' : users ? 'users' : 'groups';
};

export const scopesOf = (verb: Verb, reach: Reach): TokenScope[] => [
  ...(verb === 'read' ? (['read-only'] as const) : []),
  ...(reach === 'all' ? [] : [reach]),
];
