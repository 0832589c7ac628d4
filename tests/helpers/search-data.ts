/** Users and filters for comparing searches: made of what has gone wrong in filters somewhere. */
import fc from 'fast-check';
import { COMPARISON_OPERATORS, type AttributePath, type Filter } from '../../server/src/scim/filter/ast';
import { splitAttributePath } from '../../server/src/scim/filter/path';
import type { Sort } from '../../server/src/ports/scim-service';
import { attribute, complex } from '../../server/src/scim/schema/definition';
import { RESOURCE_TYPES, type ResourceTypeDefinition } from '../../server/src/scim/schema/resource-types';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../server/src/scim/schema/urns';

export const SITE_URN = 'urn:example:site:2.0:User';
export const FOREIGN_URN = 'urn:example:other:1.0:Thing';

/** With an extension of every type that the standard schemas do not use. */
export const USER_TYPE: ResourceTypeDefinition = {
  ...RESOURCE_TYPES.User,
  extensions: [
    ...RESOURCE_TYPES.User.extensions,
    {
      id: SITE_URN,
      name: 'Site',
      description: 'Site',
      attributes: [
        attribute('born', 'Born.', { type: 'dateTime' }),
        attribute('score', 'Score.', { type: 'decimal' }),
        attribute('tags', 'Tags.', { multiValued: true, caseExact: true }),
        complex('visits', 'Visits.', [attribute('at', 'At.', { type: 'dateTime' }), attribute('rating', 'Rating.', { type: 'integer' }), attribute('place', 'Place.', { caseExact: true })], { multiValued: true }),
      ],
    },
  ],
};

const LONG = 'ab'.repeat(127);
/** Cases, foldings, both ends of the surrogates, wildcards, quotes, blanks, and texts around the length of a column. */
export const TEXTS = [
  'a', 'A', 'b', 'Anna', 'anna', 'ANNA SMITH', 'Straße', 'STRASSE', 'José', 'Jose\u0301', 'İstanbul', '\ufb01n', '\uff21', 'Σ', 'ς', '😀', '😀x', '\uffee', '\ue000', '日本', "o'neil", 'a%b', 'a_b', 'axb', '%', '\\', 'a\\b',
  ' a', 'a ', 'a  ', '1', '10', '2', 'true', 'null', '"q"', '?', 'c?d', `${LONG}`, `${LONG}a`, `${LONG}ab`, `${LONG}abc`, `${LONG}b`, `${LONG}😀`, `${LONG}a😀`, 'x'.repeat(400), `${'x'.repeat(400)}y`,
];
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2026-06-30T12:00:00.123Z', '1969-12-31T23:59:59Z', '2026-01-01'];
const NUMBERS = [0, -1, 1, 2, 10, 1.5, -1.5, 1e21, 1e-7, 1_767_225_600_000];

const text = fc.constantFrom(...TEXTS);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const plural = (values: fc.Arbitrary<unknown>, types: string[]) =>
  optional(fc.array(fc.record({ value: values, type: fc.constantFrom(...types), primary: fc.boolean(), display: text }, { requiredKeys: ['value'] }), { minLength: 1, maxLength: 3 }));
const loose = fc.oneof(text, fc.constantFrom(...NUMBERS), fc.boolean(), fc.array(fc.oneof(text, fc.constantFrom(...NUMBERS)), { minLength: 1, maxLength: 3 }), fc.array(fc.record({ value: text, kind: text, deep: fc.constant({ er: 1 }) }, { requiredKeys: [] }), { maxLength: 2 }), fc.constant({ inner: 'x', list: ['a'] }), fc.constant([['a']]));

export const userArbitrary = fc.record(
  {
    nickName: text, displayName: text, title: text, profileUrl: text, userType: text, active: fc.boolean(),
    name: fc.record({ givenName: text, familyName: text, middleName: text }, { requiredKeys: ['givenName'] }),
    emails: plural(fc.tuple(fc.constantFrom('anna', 'ANNA', 'a.b', 'a_b', 'a%b', 'axb', 'o.neil'), fc.integer({ min: 1, max: 60 })).map(([name, number]) => `${name}${number}@x.example`), ['work', 'home', 'Work']),
    phoneNumbers: plural(text, ['work', 'mobile']),
    photos: plural(text, ['photo']),
    addresses: optional(fc.array(fc.record({ locality: text, country: text, type: fc.constantFrom('work', 'home') }, { requiredKeys: ['locality'] }), { minLength: 1, maxLength: 2 })),
    shoeSize: loose,
    [ENTERPRISE_USER_URN]: fc.record({ department: text, employeeNumber: text, manager: fc.record({ value: text, displayName: text }, { requiredKeys: ['value'] }), cubicle: text }, { requiredKeys: ['department'] }),
    [SITE_URN]: fc.record(
      { born: fc.constantFrom(...TIMES), score: fc.constantFrom(...NUMBERS), tags: fc.array(text, { minLength: 1, maxLength: 3 }), visits: fc.array(fc.record({ at: fc.constantFrom(...TIMES), rating: fc.constantFrom(0, 1, 5), place: text }, { requiredKeys: ['place'] }), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: [] }
    ),
    [FOREIGN_URN]: fc.record({ colour: text, size: fc.constantFrom(...NUMBERS) }, { requiredKeys: ['colour'] }),
  },
  { requiredKeys: [] }
);

const path = (written: string): AttributePath => {
  const parsed = splitAttributePath(written);
  if (parsed === null) throw new Error(`No path: ${written}`);
  return parsed;
};

const USER_PATHS = [
  'userName', 'USERNAME', 'id', 'externalId', 'active', 'nickName', 'displayName', 'title', 'profileUrl', 'name', 'name.givenName', 'name.familyName', 'name.value', 'emails', 'emails.value', 'emails.type', 'emails.primary',
  'phoneNumbers', 'phoneNumbers.display', 'photos.value', 'addresses.locality', 'addresses', 'shoeSize', 'shoeSize.value', 'shoeSize.kind', 'shoeSize.inner', 'shoeSize.deep', 'unknown', 'schemas', 'schemas.value', 'groups', 'groups.value', 'groups.display', 'groups.type', 'groups.$ref',
  'meta.created', 'meta.lastModified', 'meta.resourceType', 'meta.location', 'meta', `${USER_URN}:userName`, `${USER_URN}:shoeSize`, `${ENTERPRISE_USER_URN}:department`, `${ENTERPRISE_USER_URN}:employeeNumber`, `${ENTERPRISE_USER_URN}:manager`,
  `${ENTERPRISE_USER_URN}:manager.value`, `${ENTERPRISE_USER_URN}:manager.displayName`, `${ENTERPRISE_USER_URN}:cubicle`, ENTERPRISE_USER_URN, `${SITE_URN}:born`, `${SITE_URN}:score`, `${SITE_URN}:tags`, `${SITE_URN}:visits.at`, `${SITE_URN}:visits.rating`, `${SITE_URN}:visits.place`, `${FOREIGN_URN}:colour`, `${FOREIGN_URN}:SIZE`, FOREIGN_URN,
].map(path);
const GROUP_PATHS = ['displayName', 'externalId', 'id', 'members', 'members.value', 'members.type', 'members.display', 'members.$ref', 'meta.created', 'meta.version', 'meta.location', 'cost', 'note', 'schemas', `${GROUP_URN}:displayName`].map(path);
const LISTS = ['emails', 'phoneNumbers', 'addresses', 'photos', 'shoeSize', 'groups', 'name', 'meta', 'userName', 'externalId', 'schemas', `${SITE_URN}:visits`, `${SITE_URN}:tags`].map(path);
const SUBS = ['value', 'type', 'primary', 'display', 'locality', 'country', 'at', 'rating', 'place', 'kind', 'givenName', 'resourceType', 'created', 'unknown'];

/** `known`: ids, names and times that the data has. */
export function filterArbitrary(type: 'User' | 'Group', known: readonly string[]): fc.Arbitrary<Filter> {
  const words = [...TEXTS, ...TIMES, 'work', 'home', 'True', 'user', 'group', 'direct', 'indirect', 'User', 'anna', '@x.example', 'a_b', 'W/"1"', ENTERPRISE_USER_URN, USER_URN, '', ...known, ...known];
  const value = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...words) }, { weight: 2, arbitrary: fc.constantFrom(...words).map((word) => [...word].slice(0, 2).join('')) }, { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) }, fc.boolean(), fc.constant(null));
  const compared = fc.tuple(fc.constantFrom(...COMPARISON_OPERATORS), value).filter(([operator, wanted]) => {
    if (wanted === null || typeof wanted === 'boolean') return operator === 'eq' || operator === 'ne';
    return typeof wanted === 'string' || !['co', 'sw', 'ew'].includes(operator);
  });
  const leaf = (paths: fc.Arbitrary<AttributePath>): fc.Arbitrary<Filter> =>
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(paths, compared).map(([at, [operator, wanted]]): Filter => ({ kind: 'compare', path: at, operator, value: wanted })) },
      { weight: 1, arbitrary: paths.map((at): Filter => ({ kind: 'present', path: at })) }
    );
  const tree = (leaves: fc.Arbitrary<Filter>, depth: number): fc.Arbitrary<Filter> =>
    fc.letrec<{ f: Filter }>((tie) => ({
      f: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        { weight: 3, arbitrary: leaves },
        { weight: 2, arbitrary: fc.tuple(fc.constantFrom('and' as const, 'or' as const), tie('f'), tie('f')).map(([kind, left, right]): Filter => ({ kind, left, right })) },
        { weight: 1, arbitrary: tie('f').map((filter): Filter => ({ kind: 'not', filter })) }
      ),
    })).f;
  const sub = fc.constantFrom(...SUBS);
  const element = fc
    .tuple(fc.constantFrom(...(type === 'User' ? LISTS : ['members', 'cost'].map(path))), tree(leaf(sub.map((name) => path(name))), 2), fc.option(fc.tuple(sub, compared), { nil: null, freq: 2 }))
    .map(([at, filter, last]): Filter => ({
      kind: 'valuePath',
      path: at,
      filter,
      comparison: last === null ? null : { subAttribute: last[0], operator: last[1][0], value: last[1][1] },
    }));
  const paths = fc.constantFrom(...(type === 'User' ? USER_PATHS : GROUP_PATHS));
  return tree(fc.oneof({ weight: 4, arbitrary: leaf(paths) }, { weight: 1, arbitrary: element }), 3);
}

const UNSORTED = new Set(['groups', 'members']);

export const sortArbitrary = (type: 'User' | 'Group'): fc.Arbitrary<Sort | null> =>
  fc.option(
    fc
      .tuple(fc.constantFrom(...(type === 'User' ? USER_PATHS : GROUP_PATHS).filter((at) => !UNSORTED.has(at.attribute))), fc.boolean())
      .map(([at, descending]) => ({ path: at, descending })),
    { nil: null, freq: 1 }
  );
