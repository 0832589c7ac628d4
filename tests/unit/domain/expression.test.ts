import { compileExpression } from '../../../server/src/domain/mapping/expression/compile';
import { UniqueValue } from '../../../server/src/domain/mapping/expression/values';
import type { Resource } from '../../../server/src/domain/resource/resource';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const ADA: Resource = {
  schemas: [],
  userName: 'ada.lovelace',
  active: true,
  name: { givenName: 'Ada', familyName: 'Lovelace-Ørsted' },
  emails: [{ value: 'home@x.example', type: 'home' }, { value: 'Ada@Work.Example', type: 'work', primary: true }],
  employees: 4,
  start: '2026-11-21',
  [ENTERPRISE]: { department: 'R&D', costCenter: 'cc-0042' },
};

const resultOf = (expression: string, user = ADA) => {
  const compiled = compileExpression(expression);
  if (!compiled.ok) throw new Error(`${expression}: ${compiled.problem.message}`);
  return compiled.expression.evaluate(user);
};
const valueOf = (expression: string, user = ADA): unknown => {
  const result = resultOf(expression, user);
  if (!result.ok) throw new Error(`${expression}: ${result.problem.message}`);
  return result.value;
};
const problemOf = (expression: string) => {
  const compiled = compileExpression(expression);
  return compiled.ok ? null : compiled.problem;
};

describe('what expressions can say', () => {
  it.each<[string, unknown]>([
    ['user.name.givenName + " " + user.name.familyName', 'Ada Lovelace-Ørsted'],
    ['user["userName"]', 'ada.lovelace'],
    [`user["${ENTERPRISE}"].department`, 'R&D'],
    ['enterprise.department', 'R&D'],
    ['join([user.name.givenName, user.name.middleName, user.name.familyName], " ")', 'Ada Lovelace-Ørsted'],
    ['join(user.emails.map(e, e.value), ";")', 'home@x.example;Ada@Work.Example'],
    ['split("a,b", ",")', ['a', 'b']],
    ['split(user.nothing, ",")', []],
    ['lower(user.emails[1].value)', 'ada@work.example'],
    ['upper("straße")', 'STRASSE'],
    ['title("ADA o\'neill-smith émile")', "Ada O'Neill-Smith Émile"],
    ['trim("  x ")', 'x'],
    ['replace("a.b.c", ".", "-")', 'a-b-c'],
    ['replace("aaa", "", "-")', 'aaa'],
    ['regexReplace("cc-0042", "^cc-0*", "")', '42'],
    ['regexReplace("Lovelace, Ada", "(\\\\w+), (\\\\w+)", "$2 $1")', 'Ada Lovelace'],
    ['regexMatch(user.userName, "^ada")', true],
    ['regexExtract(enterprise.costCenter, "([0-9]+)")', '0042'],
    ['regexExtract("abc", "[0-9]")', null],
    ['normalizeDiacritics(user.name.familyName + " Łukasz Müller ß 日本")', 'Lovelace-Orsted Lukasz Muller ss 日本'],
    ['switch(enterprise.department, {"R&D": "Research", "HR": "People"}, "Other")', 'Research'],
    ['switch("x", {"R&D": "Research"}, "Other")', 'Other'],
    ['switch("x", {"R&D": "Research"})', null],
    ['switch("constructor", {"a": 1}, "none")', 'none'],
    ['coalesce(user.nickName, user.displayName, user.name.givenName)', 'Ada'],
    ['default(user.nickName, "none")', 'none'],
    ['substring("abcdef", 2)', 'cdef'],
    ['substring("abcdef", 2, 3)', 'cde'],
    ['substring("abc", 9)', ''],
    ['left("😀äbc", 2)', '😀ä'],
    ['right("abc", 2)', 'bc'],
    ['before(user.emails[1].value, "@")', 'Ada'],
    ['after("ada@x.example", "@")', 'x.example'],
    ['beforeLast("a.b.c", ".")', 'a.b'],
    ['afterLast("a.b.c", ".")', 'c'],
    ['after("abc", "@")', ''],
    ['formatDate(user.start, "dd.MM.yyyy")', '21.11.2026'],
    ['formatDate("2026-01-01T23:30:00Z", "yyyy-MM-dd \'at\' HH:mm", "Europe/Berlin")', '2026-01-02 at 00:30'],
    ['formatDate(user.nothing, "yyyy")', ''],
    ['parseDate("21.11.2026", "dd.MM.yyyy")', '2026-11-21'],
    ['parseDate("1/2/2026 08:05", "M/d/yyyy HH:mm")', '2026-01-02T08:05:00Z'],
    ['primary(user.emails).value', 'Ada@Work.Example'],
    ['pick(user.emails, "type", "HOME").value', 'home@x.example'],
    ['first(user.emails).type', 'home'],
    ['user.active ? "on" : null', 'on'],
    ['has(user.name.middleName) ? 1 : 2', 2],
    ['has(user.no.such.thing)', false],
    ['user.employees + 1', 5],
    ['{"value": user.userName, "type": "work"}', { value: 'ada.lovelace', type: 'work' }],
    ['user.?name.?middleName.orValue("-")', '-'],
    ['cel.bind(x, lower(user.name.givenName), x + x)', 'adaada'],
    ['user.emails.exists(e, e.type == "work")', true],
  ])('%s', (expression, expected) => {
    expect(valueOf(expression)).toEqual(expected);
  });

  it('answers null for what a person lacks, however deep', () => {
    for (const path of ['user.a', 'user.a.b.c', 'user.emails[7].value', 'user.a[0]', 'strapi.phone', 'user.constructor', 'user["__proto__"]']) {
      expect(valueOf(path)).toBeNull();
    }
    expect(valueOf('user.a.map(x, x.value)')).toEqual([]);
    expect(valueOf('user.a.filter(x, true).exists(x, true)')).toBe(false);
  });

  it('names candidates of a unique value and leaves the choice to the target', () => {
    expect(valueOf('uniqueValue("a", user.nothing, "b", "a")')).toEqual(new UniqueValue(['a', 'b']));
    expect(valueOf('uniqueValue(numbered("ada@x.example", 3))')).toEqual(new UniqueValue(['ada@x.example', 'ada2@x.example', 'ada3@x.example']));
    const compiled = compileExpression('uniqueValue("a")');
    expect(compiled.ok && compiled.expression.isUnique).toBe(true);
  });
});

describe('what is refused when it is saved', () => {
  it.each<[string, RegExp, number, number]>([
    ['', /Enter an expression/, 1, 1],
    ['user.', /Expected IDENTIFIER/, 1, 6],
    ['lower("x" +)', /Unexpected token/, 1, 12],
    ['user.a ==\n  nobody', /Unknown variable: nobody/, 2, 3],
    ['user.s.matches("(a+)+$")', /regexMatch/, 1, 1],
    ['fetch("http://x")', /no function fetch\(\)/, 1, 1],
    ['b"x".json()', /no function json\(\)/, 1, 1],
    ['lower("a", "b")', /number or kind of arguments/, 1, 1],
    ['"a" + 1', /do not go together/, 1, 1],
    ['regexMatch(user.s, "(")', /pattern cannot be used/, 1, 20],
    ['regexReplace("x", "(a{1000}){1000}", "")', /pattern/, 1, 19],
    ['(?<=a)', /Unexpected/, 1, 2],
  ])('%s', (expression, message, line, column) => {
    expect(problemOf(expression)).toMatchObject({ message: expect.stringMatching(message), line, column });
  });
});

describe('what fails for one person', () => {
  it('says why and where', () => {
    expect(resultOf('user.name.givenName +\n user.nickName')).toEqual({
      ok: false, problem: { message: expect.stringContaining('A value is empty here'), line: 1, column: 1 },
    });
    expect(resultOf('1 == 1 ? lower(user.emails) : ""')).toEqual({ ok: false, problem: { message: 'lower() takes text here, not a list.', line: 1, column: 10 } });
    expect(resultOf('formatDate(user.userName, "yyyy")')).toMatchObject({ ok: false, problem: { message: expect.stringContaining('is not a date') } });
    expect(resultOf('parseDate("31.02.2026", "dd.MM.yyyy")')).toMatchObject({ ok: false });
    expect(resultOf('formatDate(user.start, "yyyy", "Mars/Base")')).toMatchObject({ ok: false, problem: { message: expect.stringContaining('time zone') } });
    expect(resultOf('b"x"')).toMatchObject({ ok: false });
  });
});
