/** Scopes and users for comparing evaluations: every attribute and operator that a scope may hold. */
import fc from 'fast-check';
import type { Scope, ScopeClause, ScopeCondition, ScopeValue } from '../../server/src/contracts/scope';
import type { Resource } from '../../server/src/domain/resource/resource';
import { subjectOf } from '../../server/src/domain/scope/subject';
import { ENTERPRISE_USER_URN } from '../../server/src/scim/schema/urns';
import { SITE_URN, TEXTS, userArbitrary } from './search-data';

type Kind = 'text' | 'number' | 'time' | 'flag' | 'role' | 'group';

/** What there is to ask. Text attributes beyond the core are of the population under test. */
export interface ScopeWords {
  attributes: readonly (readonly [string, Kind])[];
  texts: readonly string[];
  roles: readonly number[];
  groups: readonly string[];
  times: readonly string[];
}

export const WORDS: ScopeWords = {
  attributes: [
    ['userName', 'text'], ['displayName', 'text'], ['title', 'text'], ['name.givenName', 'text'], ['emails', 'text'], ['emails.type', 'text'], ['phoneNumbers.value', 'text'], [`${ENTERPRISE_USER_URN}:department`, 'text'], ['active', 'flag'],
    [`${SITE_URN}:tags`, 'text'], [`${SITE_URN}:score`, 'number'], [`${SITE_URN}:born`, 'time'], ['role', 'role'], ['group', 'group'], ['provider', 'text'], ['confirmed', 'flag'], ['created', 'time'],
  ],
  texts: [...TEXTS, 'work', 'local', 'auth0', '@x.example', 'anna'],
  roles: [1, 2, 3],
  groups: ['g-1', 'g-2', 'g-3'],
  times: ['2026-01-01T00:00:00Z', '2026-06-30T12:00:00.123Z', '1969-12-31T23:59:59Z'],
};

export function scopeArbitraryOf(words: ScopeWords): fc.Arbitrary<Scope> {
  const list = (value: fc.Arbitrary<ScopeValue>) => fc.array(value, { minLength: 1, maxLength: 3 });
  const condition = fc.constantFrom(...words.attributes).chain(([attribute, kind]): fc.Arbitrary<ScopeCondition> => {
    const presence = fc.constantFrom('present' as const, 'absent' as const).map((operator): ScopeCondition => ({ attribute, operator }));
    const one = (operators: ScopeCondition['operator'][], value: fc.Arbitrary<ScopeValue>) => fc.tuple(fc.constantFrom(...operators), value).map(([operator, wanted]): ScopeCondition => ({ attribute, operator, value: wanted }));
    const many = (operators: ScopeCondition['operator'][], value: fc.Arbitrary<ScopeValue>) => fc.tuple(fc.constantFrom(...operators), list(value)).map(([operator, wanted]): ScopeCondition => ({ attribute, operator, value: wanted }));
    const text = fc.constantFrom(...words.texts);
    const part = text.map((word) => [...word].slice(0, 2).join(''));
    switch (kind) {
      case 'text':
        return fc.oneof(presence, one(['equals', 'not-equals'], text), one(['contains', 'starts-with', 'ends-with'], fc.oneof(text, part)), many(['one-of'], text));
      case 'flag':
        return fc.oneof(presence, one(['equals', 'not-equals'], fc.boolean()));
      case 'group':
        return fc.oneof(presence, many(['member-of', 'not-member-of'], fc.constantFrom(...words.groups)));
      default: {
        const value: fc.Arbitrary<ScopeValue> = kind === 'time' ? fc.constantFrom(...words.times) : kind === 'role' ? fc.constantFrom(...words.roles) : fc.constantFrom(0, -1, 1, 2, 10, 1.5);
        return fc.oneof(presence, one(['equals', 'not-equals', 'greater', 'less'], value), many(['one-of'], value));
      }
    }
  });
  const { clause } = fc.letrec<{ clause: ScopeClause }>((tie) => ({
    clause: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: condition },
      { weight: 2, arbitrary: fc.record({ match: fc.constantFrom('all' as const, 'any' as const), clauses: fc.array(tie('clause'), { minLength: 1, maxLength: 3 }) }) }
    ),
  }));
  return fc.record({ assignment: fc.constantFrom('everyone' as const, 'everyone' as const, 'assigned' as const), match: fc.constantFrom('all' as const, 'any' as const), clauses: fc.array(clause, { maxLength: 3 }) });
}

export const scopeArbitrary = scopeArbitraryOf(WORDS);

export const scopedUserArbitrary: fc.Arbitrary<Resource> = fc
  .tuple(userArbitrary, fc.constantFrom(...TEXTS), fc.subarray([...WORDS.roles]), fc.subarray([...WORDS.groups]), fc.constantFrom(...WORDS.times), fc.option(fc.record({ provider: fc.constantFrom('local', 'auth0', null), confirmed: fc.boolean() }), { nil: null }))
  .map(([user, userName, roleIds, groupIds, created, signIn]) => subjectOf({ schemas: [], ...user, userName }, { created: Date.parse(created), roleIds, groupIds, signIn }));
