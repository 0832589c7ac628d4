import fc from 'fast-check';
import { matches } from '../../../server/src/scim/filter/evaluate';
import { parseFilter } from '../../../server/src/scim/filter/parser';
import { COMPARISON_OPERATORS, type ComparisonOperator, type Filter } from '../../../server/src/scim/filter/ast';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ENTERPRISE_USER_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const jensen: Resource = {
  schemas: [USER_URN, ENTERPRISE_USER_URN],
  id: 'AbC',
  externalId: 'Ext-1',
  userName: 'BJensen',
  displayName: 'Straße Eng"ineer',
  active: true,
  name: { familyName: 'Jensen' },
  emails: [
    { value: 'b@work.example', type: 'work', primary: true },
    { value: 'b@home.example', type: 'home' },
  ],
  meta: { resourceType: 'User', lastModified: '2026-05-13T04:42:34Z' },
  [ENTERPRISE_USER_URN]: { department: 'Sales', manager: { value: '26' } },
  shoeSize: 43,
};

const holds = (text: string, resource = jensen): boolean => matches(parseFilter(text), resource, 'User');

it.each([
  'userName eq "bjensen"', 'USERNAME eq "BJENSEN"', 'userName co "JEN"', 'userName sw "bj"', 'userName ew "SEN"', 'userName ne "x"', 'userName gt "a"', 'userName le "bjensen"',
  'externalId eq "Ext-1"', 'id eq "AbC"', 'displayName eq "STRASSE eng\\"ineer"',
  'active eq true', 'active ne false', 'active eq "True"',
  'name.familyName sw "J"', 'name pr', 'emails pr', 'not (nickName pr)',
  'emails eq "b@work.example"', 'emails.value ew "home.example"', 'emails.type eq "HOME"', 'emails co "@work"',
  'emails[type eq "work" and value co "work"]', 'emails[type eq "work"].value eq "b@work.example"', 'emails[primary eq "True"].value pr', 'emails[not (type eq "work")].value co "home"',
  'emails[type ne "other"]', 'emails[primary pr]', 'emails[primary eq null]',
  `${USER_URN}:userName eq "bjensen"`, `${ENTERPRISE_USER_URN}:department eq "sales"`, `${ENTERPRISE_USER_URN}:manager.value eq "26"`, `${ENTERPRISE_USER_URN}:manager eq "26"`, `${ENTERPRISE_USER_URN} pr`,
  'meta.lastModified gt "2026-05-13T04:42:33Z"', 'meta.lastModified eq "2026-05-13T06:42:34+02:00"', 'meta.lastModified le "2026-05-13T04:42:34.000Z"',
  'nickName eq null', 'nickName ne "x"', 'userName ne null', 'shoeSize gt 42', 'SHOESIZE eq 43', 'shoeSize le 43',
  'userName eq "x" or active eq true', 'not (userName eq "x")',
])('is true: %s', (text) => expect(holds(text)).toBe(true));

it.each([
  'userName eq "jensen"', 'externalId eq "ext-1"', 'id eq "abc"', 'active eq false', 'active eq "no"', 'nickName pr', 'nickName eq "x"', 'nickName co ""', 'nickName gt "a"', 'nickName ne null',
  'userName eq null', 'name.givenName sw "J"', 'name.middleName pr', 'emails[type eq "work" and value co "home"]', 'emails[type eq "home"].value eq "b@work.example"',
  'emails[type eq "other"]', 'emails[type eq "other"].value ne "x"', 'phoneNumbers[type ne "x"]', 'emails.primary eq false', 'userName eq 5', 'shoeSize eq "43"', 'shoeSize gt 43',
  `${ENTERPRISE_USER_URN}:department eq "x"`, 'urn:unknown:1:department eq "sales"', 'meta.lastModified lt "2026-05-13T04:42:34Z"', 'constructor pr', 'toString pr', 'name.constructor pr',
  'userName eq "bjensen" and active eq false',
])('is false: %s', (text) => expect(holds(text)).toBe(false));

it('is not confused by a user without a name', () => {
  expect(holds('name.familyName sw "Jen"', { schemas: [], userName: 'x' })).toBe(false);
});

/** A second evaluator, as simple as possible, for a flat world of two attributes and one list. */
function naive(filter: Filter, user: Resource): boolean {
  if (filter.kind === 'and') return naive(filter.left, user) && naive(filter.right, user);
  if (filter.kind === 'or') return naive(filter.left, user) || naive(filter.right, user);
  if (filter.kind === 'not') return !naive(filter.filter, user);
  if (filter.kind === 'valuePath') {
    const emails = (user.emails ?? []) as Record<string, string>[];
    return emails.some((email) => naive(filter.filter, { schemas: [], ...email, userName: email.value, title: email.type }));
  }
  const value = user[filter.path.attribute] as string | undefined;
  if (filter.kind === 'present') return value !== undefined && value !== '';
  const wanted = filter.value as string;
  const [a, b] = [value?.toLowerCase(), wanted.toLowerCase()];
  const table: Record<ComparisonOperator, boolean> = {
    eq: a === b,
    ne: a !== b,
    co: a?.includes(b) ?? false,
    sw: a?.startsWith(b) ?? false,
    ew: a?.endsWith(b) ?? false,
    gt: a !== undefined && a > b,
    ge: a !== undefined && a >= b,
    lt: a !== undefined && a < b,
    le: a !== undefined && a <= b,
  };
  return table[filter.operator];
}

it('agrees with a naive evaluator on generated filters and users', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'B', 'c'), minLength: 1, maxLength: 3 });
  const leaf = (names: string[]): fc.Arbitrary<Filter> => {
    const at = fc.constantFrom(...names).map((attribute) => ({ schema: null, attribute, subAttribute: null }));
    return fc.oneof(
      fc.record({ kind: fc.constant('compare' as const), path: at, operator: fc.constantFrom(...COMPARISON_OPERATORS), value: word }),
      fc.record({ kind: fc.constant('present' as const), path: at })
    );
  };
  const tree = (leaves: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
    fc.letrec<{ f: Filter }>((tie) => ({
      f: fc.oneof(
        { maxDepth: 3 },
        leaves,
        fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('f'), right: tie('f') }),
        fc.record({ kind: fc.constant('not' as const), filter: tie('f') })
      ),
    })).f;
  const elements = fc.record({
    kind: fc.constant('valuePath' as const),
    path: fc.constant({ schema: null, attribute: 'emails', subAttribute: null }),
    filter: tree(leaf(['value', 'type'])),
    comparison: fc.constant(null),
  });
  const optional = fc.option(word, { nil: undefined });
  const someone = fc
    .record({ userName: word, title: optional, emails: fc.array(fc.record({ value: word, type: optional }), { maxLength: 3 }) })
    .map((user): Resource => ({ schemas: [USER_URN], ...user }));
  fc.assert(
    fc.property(tree(fc.oneof(leaf(['userName', 'title']), elements)), someone, (filter, user) => {
      expect(matches(filter, user, 'User')).toBe(naive(filter, user));
    }),
    { numRuns: 1_000 }
  );
});
