import fc from 'fast-check';
import { ScimError } from '../../../server/src/scim/messages/error';
import { COMPARISON_OPERATORS, type AttributePath, type ElementComparison, type Filter } from '../../../server/src/scim/filter/ast';
import { formatFilter } from '../../../server/src/scim/filter/format';
import { MAX_FILTER_LENGTH, tokenize } from '../../../server/src/scim/filter/lexer';
import { MAX_FILTER_COMPARISONS, MAX_FILTER_DEPTH, parseFilter, parsePatchPath } from '../../../server/src/scim/filter/parser';
import { ENTERPRISE_USER_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const path = (attribute: string, subAttribute: string | null = null, schema: string | null = null): AttributePath => ({ schema, attribute, subAttribute });
const eq = (attribute: string, value: string): Filter => ({ kind: 'compare', path: path(attribute), operator: 'eq', value });

const refusal = (text: string): ScimError => {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
};

describe('grammar', () => {
  it('reads comparisons, case-insensitively in operators and words', () => {
    expect(parseFilter('userName Eq "bjensen"')).toEqual(eq('userName', 'bjensen'));
    expect(parseFilter('title PR')).toEqual({ kind: 'present', path: path('title') });
    expect(parseFilter('active eq TRUE')).toMatchObject({ value: true });
    expect(parseFilter('x eq null')).toMatchObject({ value: null });
    expect(parseFilter('x ge -1.5e2')).toMatchObject({ operator: 'ge', value: -150 });
    expect(parseFilter('x eq "Eng\\"ineer \\u00e9 ("')).toMatchObject({ value: 'Eng"ineer é (' });
  });

  it('splits URNs at their last colon', () => {
    expect(parseFilter(`${ENTERPRISE_USER_URN}:manager.value eq "1"`)).toMatchObject({ path: path('manager', 'value', ENTERPRISE_USER_URN) });
    expect(parseFilter(`${USER_URN}:userName sw "a"`)).toMatchObject({ path: path('userName', null, USER_URN) });
  });

  it('binds not, and, or in that order and lets parentheses decide', () => {
    expect(parseFilter('a eq "1" or b eq "2" and c eq "3"')).toEqual({
      kind: 'or',
      left: eq('a', '1'),
      right: { kind: 'and', left: eq('b', '2'), right: eq('c', '3') },
    });
    expect(parseFilter('(a eq "1" or b eq "2") and NOT (c eq "3")')).toEqual({
      kind: 'and',
      left: { kind: 'or', left: eq('a', '1'), right: eq('b', '2') },
      right: { kind: 'not', filter: eq('c', '3') },
    });
  });

  it('reads value paths, also with a comparison behind them', () => {
    const inner: Filter = { kind: 'and', left: eq('type', 'work'), right: { kind: 'not', filter: { kind: 'present', path: path('display') } } };
    expect(parseFilter('emails[type eq "work" and not (display pr)]')).toEqual({ kind: 'valuePath', path: path('emails'), filter: inner, comparison: null });
    expect(parseFilter('emails[type eq "work"].value eq "x" and a pr')).toMatchObject({
      kind: 'and',
      left: { kind: 'valuePath', comparison: { subAttribute: 'value', operator: 'eq', value: 'x' } },
    });
  });

  it('takes attributes named like words of the grammar', () => {
    expect(parseFilter('not eq "a"')).toEqual(eq('not', 'a'));
    expect(parseFilter('and eq "a" and or pr')).toMatchObject({ kind: 'and', left: eq('and', 'a') });
  });

  it.each([
    '', ' ', 'userName', 'userName eq', 'userName eq x', 'userName eq "x', 'userName eq "x" and', 'eq "x"', '(a pr', 'a pr)', 'a pr b pr', 'not a pr',
    'a[b pr', 'a b]', 'a[]', 'a[b pr].', 'a[b pr].c', 'a[b pr] .c eq "x"', 'a[b.c pr]', 'a[b[c pr]]', 'a.b.c pr', 'a.b[c pr]', '.a pr', 'a. pr', ':a pr',
    'a eq \'x\'', 'a eq "x\ny"', 'a eq "\\x"', 'a eq "\\u0000"', 'a eq "\\ud800"', 'a eq 01', 'a eq 1e999', 'a eq -', 'a gt true', 'a co null', 'a sw 5',
    'a == "x"', 'a; drop pr', '__proto__ pr', 'a.__proto__ pr', 'a eq []', 'a eq {}',
  ])('refuses %j', (text) => {
    expect(refusal(text)).toMatchObject({ status: 400, scimType: 'invalidFilter' });
  });
});

describe('limits', () => {
  it('on length, depth and number of comparisons', () => {
    expect(refusal(`a eq "${'x'.repeat(MAX_FILTER_LENGTH)}"`).scimType).toBe('invalidFilter');
    const nested = (depth: number): string => `${'('.repeat(depth)}a pr${')'.repeat(depth)}`;
    expect(parseFilter(nested(MAX_FILTER_DEPTH - 1))).toEqual({ kind: 'present', path: path('a') });
    expect(refusal(nested(MAX_FILTER_DEPTH)).scimType).toBe('invalidFilter');
    expect(refusal(nested(4_000)).scimType).toBe('invalidFilter');
    expect(refusal(`${'not ('.repeat(1_000)}a pr${')'.repeat(1_000)}`).scimType).toBe('invalidFilter');
    const many = (count: number): string => Array.from({ length: count }, () => 'a pr').join(' or ');
    expect(parseFilter(many(MAX_FILTER_COMPARISONS)).kind).toBe('or');
    expect(refusal(many(MAX_FILTER_COMPARISONS + 1)).scimType).toBe('tooMany');
  });

  it.each([
    ['parentheses', '('.repeat(10_000)],
    ['backslashes', `a eq "${'\\'.repeat(50_000)}`],
    ['dots', 'a.'.repeat(50_000)],
    ['quotes', '"'.repeat(50_000)],
    ['or without end', 'a pr or '.repeat(20_000)],
  ])('refuses a flood of %s before reading it', (_name, text) => {
    // Bounded work: the text is refused by its length, so not one of its characters is looked at.
    const reads = jest.spyOn(String.prototype, 'charAt');
    let calls: number;
    try {
      expect(refusal(text).scimType).toBe('invalidFilter');
      calls = reads.mock.calls.length;
    } finally {
      reads.mockRestore();
    }
    expect(calls).toBe(0);
  });

  it.each(['(', '\\', 'a.', '"', 'a pr or ', '[', ':', '-', ' ', 'a[b pr] '])('looks at each character of %j repeated a bounded number of times', (piece) => {
    const text = piece.repeat(Math.floor(MAX_FILTER_LENGTH / piece.length));
    const reads = jest.spyOn(String.prototype, 'charAt');
    let calls: number;
    try {
      try {
        tokenize(text);
      } catch {
        // Refusing is fine; how much it reads is what counts.
      }
      calls = reads.mock.calls.length;
    } finally {
      reads.mockRestore();
    }
    expect(calls).toBeLessThanOrEqual(4 * text.length + 10);
  });
});

const name = fc.constantFrom('userName', 'emails', 'x', 'not', 'and', 'pr', 'eq', 'a-b_c1', 'true', 'null');
const attributePath: fc.Arbitrary<AttributePath> = fc.record({
  schema: fc.constantFrom(null, USER_URN, ENTERPRISE_USER_URN, 'urn:x:1.0'),
  attribute: name,
  subAttribute: fc.option(fc.constantFrom('value', '$ref', 'type', 'or'), { nil: null }),
});
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\u0000'));
const comparison = fc.oneof(
  fc.record({ operator: fc.constantFrom(...COMPARISON_OPERATORS), value: text }),
  fc.record({ operator: fc.constantFrom('eq' as const, 'ne' as const), value: fc.oneof(fc.boolean(), fc.constant(null)) }),
  fc.record({
    operator: fc.constantFrom('eq' as const, 'ne' as const, 'gt' as const, 'le' as const),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0),
  })
);
const tree = (leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc.record({ kind: fc.constant('and' as const), left: tie('filter'), right: tie('filter') }),
      fc.record({ kind: fc.constant('or' as const), left: tie('filter'), right: tie('filter') }),
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter') })
    ),
  })).filter;
const leafOf = (at: fc.Arbitrary<AttributePath>): fc.Arbitrary<Filter> =>
  fc.oneof(
    fc.tuple(at, comparison).map(([where, what]): Filter => ({ kind: 'compare', path: where, ...what })),
    at.map((where): Filter => ({ kind: 'present', path: where }))
  );
const inElement = tree(leafOf(name.map((attribute) => path(attribute))));
const elementComparison: fc.Arbitrary<ElementComparison | null> = fc.oneof(
  fc.constant(null),
  fc.record({ subAttribute: fc.constant('value'), operator: fc.constant('pr' as const) }),
  comparison.map((what) => ({ subAttribute: 'value', ...what }))
);
const valuePath: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant('valuePath' as const),
  path: attributePath.map((where) => ({ ...where, subAttribute: null })),
  filter: inElement,
  comparison: elementComparison,
});

it('gives back the same tree from the text of any filter', () => {
  fc.assert(
    fc.property(tree(fc.oneof(leafOf(attributePath), valuePath)), (filter) => {
      const written = formatFilter(filter);
      fc.pre(written.length <= MAX_FILTER_LENGTH);
      expect(parseFilter(written)).toEqual(filter);
    }),
    { numRuns: 500 }
  );
});

it('answers any text with a tree or a ScimError 400, nothing else', () => {
  const pieces = fc.array(fc.constantFrom('a', ' ', 'eq', '"', '\\', '(', ')', '[', ']', '.', 'not', 'and', '"x"', '1', '-', ':', '\u0000', 'é', 'pr'), { maxLength: 30 });
  fc.assert(
    fc.property(fc.oneof(fc.string(), pieces.map((parts) => parts.join(' ')), pieces.map((parts) => parts.join(''))), (input) => {
      try {
        parseFilter(input);
      } catch (error) {
        expect(error).toBeInstanceOf(ScimError);
        expect((error as ScimError).status).toBe(400);
      }
    }),
    { numRuns: 1_000 }
  );
});

describe('PATCH paths', () => {
  it('reads every form of figure 7', () => {
    expect(parsePatchPath('members')).toEqual({ path: path('members'), filter: null, subAttribute: null });
    expect(parsePatchPath('name.familyName')).toEqual({ path: path('name', 'familyName'), filter: null, subAttribute: null });
    expect(parsePatchPath('addresses[type eq "work"]')).toEqual({ path: path('addresses'), filter: eq('type', 'work'), subAttribute: null });
    expect(parsePatchPath('emails[type eq "work"].value')).toEqual({ path: path('emails'), filter: eq('type', 'work'), subAttribute: 'value' });
    expect(parsePatchPath(`${ENTERPRISE_USER_URN}:manager.value`)).toMatchObject({ path: path('manager', 'value', ENTERPRISE_USER_URN) });
    expect(parsePatchPath(ENTERPRISE_USER_URN)).toMatchObject({ path: path('User', null, ENTERPRISE_USER_URN.slice(0, -5)) });
  });

  it.each(['', ' ', 'a b', 'a[', 'a]', 'a[b eq "c"', 'a[b eq "c"]x', 'a[b eq "c"].x.y', 'a.b[c pr]', '[a pr]', '__proto__', 'a.b.c', 'a/b', '.', 'x'.repeat(9_000) + '!'])(
    'refuses %j',
    (text) => {
      expect(() => parsePatchPath(text)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidPath' }));
    }
  );
});
