/** Expressions that want to hang, grow, run code or reach what is not theirs: each ends as a value or as a sentence. */
import fc from 'fast-check';
import { compileExpression } from '../../../server/src/domain/mapping/expression/compile';
import { LIMITS } from '../../../server/src/domain/mapping/expression/budget';
import { FUNCTIONS } from '../../../server/src/domain/mapping/expression/language';
import type { Resource } from '../../../server/src/domain/resource/resource';

const MANY = Array.from({ length: LIMITS.list }, (_, index) => ({ value: `v${index}`, type: 'work' }));
const BIG: Resource = { schemas: [], userName: 'a'.repeat(30_000), emails: MANY, name: { givenName: `${'a'.repeat(5_000)}!` }, n: 3 };

/** What comes out, at save time or for this person; never a throw. */
function outcomeOf(expression: string, user: Resource = BIG): { value: unknown } | { message: string } {
  const compiled = compileExpression(expression);
  if (!compiled.ok) return { message: compiled.problem.message };
  const result = compiled.expression.evaluate(user);
  return result.ok ? { value: result.value } : { message: result.problem.message };
}

const doubled = (times: number): string =>
  Array.from({ length: times }).reduce<string>((inner, _, index) => `cel.bind(x${index}, ${index === times - 1 ? `"${'x'.repeat(100)}"` : `x${index + 1} + x${index + 1}`}, ${inner})`, 'x0');

describe('hostile expressions', () => {
  it.each<[string, string, RegExp]>([
    ['parentheses', `${'('.repeat(1_500)}1${')'.repeat(1_500)}`, /too large/],
    ['negations', `${'!'.repeat(3_000)}true`, /too large/],
    ['a long sum', Array.from({ length: 1_000 }, () => '1').join('+'), /too large/],
    ['a list written out', `[${Array.from({ length: 200 }, () => '1').join(',')}]`, /too large/],
    ['a long text', `"${'x'.repeat(LIMITS.source)}"`, /at most/],
    ['nested lists', 'user.emails.map(a, user.emails.map(b, user.emails.map(c, 1)))', /steps/],
    ['nested lists whose errors are swallowed', 'user.emails.exists(a, user.emails.exists(b, user.emails.exists(c, a.value + c.n == "")))', /steps/],
    ['nested lists behind an or', 'user.emails.all(a, user.emails.all(b, true || false)) || true', /steps/],
    ['a text that doubles', doubled(12), /longer than/],
    ['a text that grows by replacing', 'replace(user.userName, "a", user.userName)', /longer than/],
    ['a text that grows by joining', 'join(user.emails.map(e, user.userName), "")', /steps|longer/],
    ['a text that grows by a pattern', 'regexReplace(user.userName, "a", "$0$0$0$0$0$0$0$0$0$0")', /steps|longer/],
    ['a pattern that is large', 'regexMatch(user.userName, "(a{500}){500}")', /pattern/],
    ['a pattern that is long', `regexMatch("a", "${'a?'.repeat(300)}")`, /pattern/],
    ['a pattern from data', 'regexMatch("aaa", user.userName)', /pattern/],
    ['many patterns from data', 'user.emails.map(e, regexMatch("aaa", e.value + "x"))', /steps/],
    ['many time zones', 'user.emails.map(e, formatDate("2026-01-01", "yyyy", "Europe/Berlin"))', /steps/],
    ['many candidates', 'uniqueValue(numbered("a", 1000000))', /numbered/],
    ['a number too large', '9007199254740993', /too large/],
    ['an overflow', '9223372036854775807 + user.n', /overflow/i],
  ])('%s', (_name, expression, message) => {
    expect(outcomeOf(expression)).toEqual({ message: expect.stringMatching(message) });
  });

  it('matches patterns that make other engines hang in a bounded number of steps', () => {
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '^(a|a?)+$', '^(([a-z])+.)+$', '(.*a){12}$']) {
      const outcome = outcomeOf(`regexMatch(user.name.givenName, "${pattern}")`);
      expect('value' in outcome || /steps/.test(outcome.message)).toBe(true);
    }
  });

  it('reaches nothing but the person', () => {
    for (const name of ['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
      for (const expression of [`user.${name}`, `user["${name}"]`, `user.name.${name}`, `user.userName.${name}`, `user.emails.${name}`]) {
        const outcome = outcomeOf(expression);
        expect('message' in outcome || outcome.value === null).toBe(true);
      }
      expect(outcomeOf(`switch("${name}", {"a": 1}, "none")`)).toEqual({ value: 'none' });
      expect(outcomeOf(`pick(user.emails, "${name}", "x")`)).toEqual({ value: null });
    }
    for (const expression of ['process', 'globalThis', 'require("fs")', 'user.constructor("return 1")()', 'Function("return 1")', 'eval("1")']) {
      expect(outcomeOf(expression)).toHaveProperty('message');
    }
    expect(outcomeOf('{"__proto__": {"polluted": 1}, "a": 1}')).toEqual({ value: { a: 1 } });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('does not change what it reads', () => {
    const before = structuredClone(BIG);
    outcomeOf('user.emails.map(e, e.value)');
    expect(BIG).toEqual(before);
  });
});

const name = fc.oneof(fc.constantFrom(...FUNCTIONS, 'matches', 'json', 'constructor', '__proto__', 'eval'), fc.string({ maxLength: 6 }));
const scalar = fc.oneof(
  fc.constantFrom('user', 'user.emails', 'user.name', 'enterprise', 'null', 'true', '1', '2.5', '-1', '""', '[]', '{}', 'user.userName', 'user.a.b'),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"(a+)+$"', '"["', '"yyyy"', '"\\\\1"', '"$9"')
);
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    scalar,
    fc.tuple(name, fc.array(tie('tree'), { maxLength: 4 })).map(([call, args]) => `${call}(${args.join(', ')})`),
    fc.tuple(tie('tree'), name, fc.array(tie('tree'), { maxLength: 2 })).map(([object, call, args]) => `${object}.${call}(${args.join(', ')})`),
    fc.tuple(tie('tree'), fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'), tie('tree')).map(([object, macro, body]) => `${object}.${macro}(x, ${body})`),
    fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/', '%', '==', '<', '&&', '||', 'in', '?: '), tie('tree')).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}[${b}]`),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`)
  ),
}));

describe('random expressions', () => {
  it('end as a value of JSON or a sentence with a position, the same every time', () => {
    fc.assert(
      fc.property(fc.oneof(tree, fc.string({ maxLength: 60 })), (expression) => {
        const compiled = compileExpression(expression);
        if (!compiled.ok) {
          expect(compiled.problem.message).toMatch(/\S/);
          expect(compiled.problem.line).toBeGreaterThan(0);
          expect(compiled.problem.column).toBeGreaterThan(0);
          return;
        }
        const first = compiled.expression.evaluate(BIG);
        expect(compiled.expression.evaluate(BIG)).toEqual(first);
        if (first.ok) expect(JSON.stringify(first.value ?? null)).toEqual(expect.any(String));
        else expect(first.problem.message).toMatch(/\S/);
      }),
      { numRuns: 3_000 }
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
