import fc from 'fast-check';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ScimError } from '../../../server/src/scim/messages/error';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { ENTERPRISE_USER_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import { oracle, Refused, type Selector, type Step } from './patch-oracle';

const RUNS = 10_000;

// Few values, so that they meet: a@x is there, was removed, is added again in capitals.
const address = fc.constantFrom('a@x', 'b@x', 'A@X', 'c@x');
const type = fc.constantFrom('work', 'home', 'WORK');
const nothing = fc.constantFrom(null, '', []);
const word = fc.constantFrom('x', 'y', 'Z');
const flag = fc.constantFrom(true, false, 'True', 'false');
const optional = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined });
const maybe = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<unknown> => fc.oneof({ weight: 6, arbitrary: item }, { weight: 1, arbitrary: nothing });
const defined = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

const email = fc
  .record({ value: optional(maybe(address)), type: optional(maybe(type)), primary: optional(fc.constantFrom(true, false, 'True')), display: optional(maybe(word)) })
  .map(defined);
const keptEmail = fc.record({ value: address, type: optional(type), primary: optional(fc.boolean()), display: optional(word) }).map((item) => defined(item) as { primary?: boolean });

const clause: fc.Arbitrary<Selector> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ sub: fc.constant('type'), operator: fc.constant('eq' as const), value: type }) },
  { weight: 2, arbitrary: fc.record({ sub: fc.constant('value'), operator: fc.constantFrom('eq' as const, 'ne' as const, 'co' as const, 'sw' as const), value: fc.oneof(address, fc.constantFrom('a', '@')) }) },
  fc.record({ sub: fc.constant('primary'), operator: fc.constantFrom('eq' as const, 'ne' as const), value: fc.constantFrom(true, false, 'True') }),
  fc.record({ sub: fc.constantFrom('type', 'display', 'primary'), operator: fc.constant('pr' as const), value: fc.constant(null) }),
  fc.record({ sub: fc.constant('display'), operator: fc.constantFrom('eq' as const, 'ne' as const), value: fc.constantFrom('x', null) })
);
const selector: fc.Arbitrary<Selector> = fc.oneof(
  { weight: 5, arbitrary: clause },
  fc.array(clause, { minLength: 2, maxLength: 3 }).map((all) => ({ all })),
  fc.array(clause, { minLength: 2, maxLength: 3 }).map((any) => ({ any })),
  clause.map((none) => ({ none }))
);

const manager = fc.oneof(
  word,
  fc.record({ value: optional(maybe(word)), $ref: optional(fc.constantFrom('https://x/Users/x', null)), displayName: optional(fc.constant('ignored')) }).map(defined),
  fc.record({ managerId: word })
);
const name = fc.record({ givenName: optional(maybe(word)), familyName: optional(maybe(word)) }).map(defined);
const enterprise = fc.record({ department: optional(maybe(word)), manager: optional(maybe(manager)) }).map(defined);
const wrong = fc.constantFrom<unknown>(5, [5]);

const op = fc.constantFrom('add' as const, 'replace' as const, 'remove' as const);
const step = (path: Step['path'], value: fc.Arbitrary<unknown>, rest: Partial<Step> = {}): fc.Arbitrary<Step> =>
  fc.record({ op, value: fc.oneof({ weight: 8, arbitrary: maybe(value) }, { weight: 1, arbitrary: wrong }) }).map((sent) => ({
    path, extension: false, selector: null, ...rest, op: sent.op, value: sent.op === 'remove' ? undefined : sent.value,
  }));
const emailSub = fc.constantFrom('value' as const, 'type' as const, 'primary' as const, 'display' as const, 'nick' as const);
const ofSub = (sub: string) => (sub === 'value' ? address : sub === 'type' ? type : sub === 'primary' ? flag : word);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  step(['userName'], fc.constantFrom('ada', 'bob', '  ')),
  step(['title'], word),
  step(['active'], flag),
  step(['name'], name),
  fc.constantFrom('givenName', 'familyName', 'nick').chain((sub) => step(['name', sub], word)),
  { weight: 3, arbitrary: step(['emails'], fc.oneof(fc.array(email, { maxLength: 3 }), email, address)) },
  // `remove` with the values to remove.
  fc.oneof(fc.array(keptEmail, { maxLength: 2 }), keptEmail, fc.array(fc.record({ type }), { minLength: 1, maxLength: 1 })).map((value) => ({ op: 'remove' as const, path: ['emails'] as [string], extension: false, selector: null, value })),
  emailSub.chain((sub) => step(['emails', sub], ofSub(sub))),
  { weight: 3, arbitrary: selector.chain((chosen) => step(['emails'], fc.oneof(email, address), { selector: chosen })) },
  { weight: 4, arbitrary: fc.tuple(selector, emailSub).chain(([chosen, sub]) => step(['emails', sub], ofSub(sub), { selector: chosen })) },
  step(['department'], word, { extension: true }),
  step(['manager'], manager, { extension: true }),
  step(['manager', 'value'], word, { extension: true }),
  step([''], enterprise, { extension: true }),
  // Nobody declares these: kept.
  fc.tuple(fc.constantFrom<Step['path']>(['nonsense'], ['nonsense', 'sub'], ['nonsense', 'other']), fc.boolean()).chain(([path, extension]) => step(path, fc.oneof(word, fc.constant({ sub: 'x' })), { extension })),
  // No schema gives a text sub-attributes.
  step(['title', 'sub'], word),
  step(['id'], fc.constantFrom('ada-id', 'other')),
  fc
    .record({
      op: fc.constantFrom('add' as const, 'replace' as const),
      value: fc.record({
        title: optional(maybe(word)), active: optional(flag), name: optional(name), 'name.givenName': optional(maybe(word)), emails: optional(fc.array(email, { maxLength: 2 })),
        id: optional(word), groups: optional(fc.constant([])), [ENTERPRISE_USER_URN]: optional(maybe(enterprise)),
      }),
    })
    .map((sent) => ({ op: sent.op, path: null, extension: false, selector: null, value: defined(sent.value) }))
);

const start: fc.Arbitrary<Resource> = fc
  .record({ title: optional(word), name: optional(fc.record({ givenName: word, familyName: word })), emails: fc.uniqueArray(keptEmail, { maxLength: 3, selector: (item) => JSON.stringify([item]).toLowerCase().replace(/"(?:primary|display)":[^,}]*/g, '') }), department: optional(word), manager: optional(word) })
  .map(({ title, name: names, emails, department, manager: boss }) => {
    const extension = defined({ department, manager: boss === undefined ? undefined : { value: boss, $ref: `https://x/Users/${boss}` } });
    const onePrimary = emails.map((item, index) => (emails.findIndex(({ primary }) => primary === true) !== index && item.primary === true ? { ...item, primary: false } : item));
    const has = Object.keys(extension).length > 0;
    return defined({
      schemas: has ? [USER_URN, ENTERPRISE_USER_URN] : [USER_URN],
      id: 'ada-id', userName: 'ada', active: true, title, name: names, emails: onePrimary.length > 0 ? onePrimary : undefined, groups: [{ value: 'g1' }],
      ...(has ? { [ENTERPRISE_USER_URN]: extension } : {}),
    }) as Resource;
  });

function textOf(chosen: Selector): string {
  if ('all' in chosen) return chosen.all.map(textOf).join(' and ');
  if ('any' in chosen) return chosen.any.map(textOf).join(' or ');
  if ('none' in chosen) return `not (${textOf(chosen.none)})`;
  return chosen.operator === 'pr' ? `${chosen.sub} pr` : `${chosen.sub} ${chosen.operator} ${JSON.stringify(chosen.value)}`;
}

function operationOf({ op: kind, path, extension, selector: chosen, value }: Step): object {
  const rest = value === undefined ? { op: kind } : { op: kind, value };
  if (path === null) return rest;
  const [attribute, sub] = path;
  const filter = chosen === null ? '' : `[${textOf(chosen)}]`;
  const full = `${attribute}${filter}${sub === undefined ? '' : `.${sub}`}`;
  return { ...rest, path: extension ? (attribute === '' ? ENTERPRISE_USER_URN : `${ENTERPRISE_USER_URN}:${full}`) : full };
}

const outcome = (work: () => object): unknown => {
  try {
    const { schemas, ...rest } = work() as Resource;
    return { ...rest, schemas: [...schemas].sort() };
  } catch (error) {
    if (error instanceof ScimError && error.status === 400) return { refused: error.scimType };
    if (error instanceof Refused) return { refused: error.scimType };
    throw error;
  }
};

it(`agrees with a plain reference on ${RUNS} requests`, () => {
  const seen = { applied: 0, refused: 0 };
  fc.assert(
    fc.property(start, fc.array(anyStep, { minLength: 1, maxLength: 4 }), (user, steps) => {
      const operations = parsePatchRequest({ Operations: steps.map(operationOf) });
      const expected = outcome(() => oracle(user, steps));
      expect(outcome(() => applyPatch(user, operations, 'User'))).toEqual(expected);
      if (typeof expected === 'object' && expected !== null && 'refused' in expected) seen.refused += 1;
      else seen.applied += 1;
    }),
    { numRuns: RUNS }
  );
  // Both outcomes are looked at, not one of them ten thousand times.
  expect(seen.applied).toBeGreaterThan(RUNS / 4);
  expect(seen.refused).toBeGreaterThan(RUNS / 20);
});
