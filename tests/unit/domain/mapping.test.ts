import fc from 'fast-check';
import { diffResources } from '../../../server/src/domain/diff/diff';
import type { MappingRule } from '../../../server/src/contracts/mapping';
import { checkRules } from '../../../server/src/domain/mapping/check';
import { applyRules, direct, mapResource, mergeSharedList, reduceResource } from '../../../server/src/domain/mapping/mapping';
import { clearAt, segmentsOf, setValueAt, valueAt } from '../../../server/src/domain/mapping/path';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { generic } from '../../../server/src/providers/generic';
import { presetOf } from '../../../server/src/providers';
import { ENTERPRISE, resource, text } from './arbitraries';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const made = (attributes: Record<string, unknown>): Resource => ({ schemas: [USER], ...attributes });
const WORK = 'emails[type eq "work"].value';
const mapped = (rules: MappingRule[], source: Resource, known: Resource | null = null): Resource => mapResource(rules, source, known).resource;
const expression = (target: string, text: string, fields: Partial<MappingRule> = {}): MappingRule => ({ ...direct(target), source: { kind: 'expression', expression: text }, ...fields });
const rule = (fields: Partial<MappingRule>): MappingRule => ({ ...direct('title'), ...fields });

describe('paths', () => {
  it.each([
    ['userName', ['userName']],
    ['name.givenName', ['name', 'givenName']],
    [`${ENTERPRISE}:department`, [ENTERPRISE, 'department']],
    [`${ENTERPRISE}:manager.value`, [ENTERPRISE, 'manager', 'value']],
  ])('splits %s', (path, segments) => {
    expect(segmentsOf(path)).toEqual(segments);
  });

  it('reads what it has set, and leaves the neighbours alone', () => {
    const paths = fc.constantFrom('title', 'name.givenName', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`);
    fc.assert(
      fc.property(resource, paths, text, (state, path, value) => {
        const before = structuredClone(state);
        setValueAt(state, path, value);
        expect(valueAt(state, path)).toBe(value);
        expect(diffResources(before, state).every((change) => change.path === path)).toBe(true);
      })
    );
  });

  it('reads nothing that the resource does not hold itself', () => {
    expect(valueAt(made({}), 'constructor')).toBeUndefined();
    expect(valueAt(made({}), '__proto__.polluted')).toBeUndefined();
    expect(valueAt(made({ name: 'plain' }), 'name.length')).toBeUndefined();
    expect(valueAt(made({ emails: [{ value: 'a' }] }), 'emails.length')).toBeUndefined();
  });

  it('does not reach prototypes when it writes below a name that is inherited', () => {
    setValueAt(made({}), 'constructor.polluted', true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((Object as unknown as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('chooses an element of a list by what it is', () => {
    const state = made({ emails: [{ value: 'h', type: 'home' }, { value: 'w', type: 'Work', primary: true }] });
    expect(valueAt(state, WORK)).toBe('w');
    expect(valueAt(state, 'emails[type eq "home" and primary eq true].value')).toBeUndefined();
    expect(valueAt(state, 'emails[primary eq true]')).toEqual({ value: 'w', type: 'Work', primary: true });
    setValueAt(state, WORK, 'x');
    setValueAt(state, 'emails[type eq "other"].value', 'o');
    expect(state.emails).toEqual([{ value: 'h', type: 'home' }, { value: 'x', type: 'work', primary: true }, { value: 'o', type: 'other' }]);
    clearAt(state, WORK);
    clearAt(state, 'emails[type eq "other"].value');
    expect(state.emails).toEqual([{ value: 'h', type: 'home' }]);
    clearAt(state, 'emails[type eq "home"]');
    expect(state).not.toHaveProperty('emails');
  });
});

describe('mapResource', () => {
  it('maps only what rules name', () => {
    expect(mapped([direct('userName')], made({ userName: 'ada', title: 'Boss' }))).toEqual({ schemas: [USER], userName: 'ada' });
  });

  it('leaves out what is unassigned and uses the default instead', () => {
    for (const nothing of [undefined, null, '', []]) {
      expect(mapped([rule({})], made({ title: nothing }))).not.toHaveProperty('title');
      expect(mapped([rule({ default: 'None' })], made({ title: nothing })).title).toBe('None');
    }
    expect(mapped([direct('active')], made({ active: false })).active).toBe(false);
  });

  it('writes constants, and nothing for rules that never apply', () => {
    const constant = rule({ source: { kind: 'constant', value: 'Employee' }, target: 'userType' });
    expect(mapped([constant, rule({ when: 'never' })], made({ title: 'Boss' }))).toEqual({ schemas: [USER], userType: 'Employee' });
  });

  it('keeps what the target has where a rule applies on create only', () => {
    const once = rule({ when: 'on-create' });
    expect(mapped([once], made({ title: 'new' })).title).toBe('new');
    expect(mapped([once], made({ title: 'new' }), made({ title: 'theirs' })).title).toBe('theirs');
    expect(mapped([rule({ when: 'on-create', default: 'd' })], made({ title: 'new' }), made({}))).not.toHaveProperty('title');
  });

  it('clears or leaves what the target has where the source is empty', () => {
    expect(mapped([rule({})], made({}), made({ title: 'theirs' }))).not.toHaveProperty('title');
    expect(mapped([rule({ emptyPolicy: 'leave' })], made({}), made({ title: 'theirs' })).title).toBe('theirs');
    expect(mapped([rule({ emptyPolicy: 'leave' })], made({}))).not.toHaveProperty('title');
    expect(mapped([rule({ emptyPolicy: 'leave', default: 'd' })], made({}), made({ title: 'theirs' })).title).toBe('d');
  });

  it('maps from and to single elements of lists', () => {
    const rules = [expression(WORK, 'lower(user.userName) + "@x.example"'), { ...direct('title'), source: { kind: 'direct', path: 'emails[type eq "home"].value' } as const }];
    expect(mapped(rules, made({ userName: 'ADA', emails: [{ value: 'h', type: 'home' }] }))).toEqual({
      schemas: [USER], title: 'h', emails: [{ type: 'work', value: 'ada@x.example' }],
    });
  });

  it('makes no element that has no value', () => {
    const rules: MappingRule[] = [direct(WORK), { ...direct('emails[type eq "work"].primary'), source: { kind: 'constant', value: true } }];
    expect(mapped(rules, made({ emails: [{ value: 'a', type: 'work' }] })).emails).toEqual([{ type: 'work', value: 'a', primary: true }]);
    expect(mapped(rules, made({}))).not.toHaveProperty('emails');
  });

  it('names rule, place and reason where an expression fails, as bad data', () => {
    expect(() => mapped([expression('displayName', 'user.userName +\n user.title')], made({ userName: 'ada' }))).toThrow(
      expect.objectContaining({ code: 'mapping-failed', attribute: 'displayName', message: expect.stringMatching(/^The rule for displayName failed \(line 1, column 1\): A value is empty/) })
    );
    expect(() => mapped([expression('active', '"yes"')], made({}))).toThrow('active takes true or false, and this is text.');
    expect(mapped([expression('title', 'user.n + 1')], made({ n: 41 })).title).toBe('42');
  });

  it('keeps a unique value that was chosen, and offers the choices otherwise', () => {
    const rules = [expression('userName', 'uniqueValue(numbered(user.nickName, 3))')];
    expect(mapped(rules, made({ nickName: 'ada' }), made({ userName: 'ada2' })).userName).toBe('ada2');
    const { resource: state, results } = mapResource(rules, made({ nickName: 'ada' }), made({ userName: 'bob' }));
    expect([state.userName, results[0]?.candidates]).toEqual(['ada', ['ada', 'ada2', 'ada3']]);
    expect(applyRules(rules, made({}), null).results).toEqual([{ target: 'userName', outcome: 'empty' }]);
  });

  it('lists the schema of every extension that has a value', () => {
    const state = mapped(generic.outbound.mapping, made({ userName: 'ada', [ENTERPRISE]: { department: 'R', unknown: 1 } }));
    expect(state).toEqual({ schemas: [USER, ENTERPRISE], userName: 'ada', [ENTERPRISE]: { department: 'R' } });
    expect(mapped(generic.outbound.mapping, made({ userName: 'ada' })).schemas).toEqual([USER]);
  });

  it('shares nothing with its source', () => {
    const source = made({ emails: [{ value: 'a' }] });
    (mapped(generic.outbound.mapping, source).emails as { value: string }[]).push({ value: 'b' });
    expect(source.emails).toEqual([{ value: 'a' }]);
  });

  it('is a fixed point: what was mapped maps to itself', () => {
    fc.assert(
      fc.property(resource, (source) => {
        const once = mapped(generic.outbound.mapping, source);
        expect(mapped(generic.outbound.mapping, once, once)).toEqual(once);
      })
    );
  });
});

describe('what rules manage', () => {
  it('is all that is compared: an attribute without a rule, or with one that is off, is not ours', () => {
    const held = made({ userName: 'ada', title: 'Boss', nickName: 'A', emails: [{ value: 'h', type: 'home' }, { value: 'w', type: 'work', display: 'x' }] });
    expect(reduceResource([direct('userName'), rule({ when: 'never' }), direct(WORK)], held)).toEqual({
      schemas: [USER], userName: 'ada', emails: [{ type: 'work', value: 'w' }],
    });
  });

  it('of a list with elements of others is only the elements that rules name', () => {
    const rules = [direct(WORK), direct('emails[type eq "other"].value')];
    const held = made({ emails: [{ value: 'h', type: 'home' }, { value: 'w', type: 'work', primary: true }, { value: 'o', type: 'other' }] });
    expect(mergeSharedList(rules, 'emails', held, made({ emails: [{ value: 'new', type: 'work' }] }))).toEqual([
      { value: 'h', type: 'home' }, { value: 'new', type: 'work', primary: true },
    ]);
    expect(mergeSharedList(rules, 'emails', made({}), made({ emails: [{ value: 'new', type: 'work' }] }))).toEqual([{ value: 'new', type: 'work' }]);
  });
});

describe('checkRules', () => {
  const userName = direct('userName');
  const refusal = (...rules: MappingRule[]) => checkRules([userName, ...rules])[0];

  it('accepts what can be used', () => {
    expect(checkRules(generic.outbound.mapping)).toEqual([]);
    const rules = [
      userName, direct('externalId'), direct(WORK), direct('emails[type eq "home"].value'), expression('name.formatted', 'user.displayName'),
      expression('urn:example:params:User:badge.number', '1'), expression(`${ENTERPRISE}:manager.value`, '"x"'), expression('nickName', 'uniqueValue("a")'),
      { ...direct('userType'), source: { kind: 'constant', value: 'x' } as const, default: 'y', when: 'on-create' as const },
    ];
    expect(checkRules(rules)).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ['nope', 'target', /No schema of a user declares nope/],
    ['Title', 'target', /Written title/],
    ['name.givenname', 'target', /Written name\.givenName/],
    ['a b', 'target', /./],
    ['emails[type eq', 'target', /./],
    ['emails[type co "w"].value', 'target', /only “eq”/],
    ['title[type eq "x"]', 'target', /not a list/],
    ['emails.value', 'target', /which element/],
    ['id', 'target', /application itself/],
    ['meta.created', 'target', /application itself/],
    ['groups', 'target', /application itself/],
    ['password', 'target', /Passwords/],
    ['urn:x:User:password', 'target', /Passwords/],
    ['x:y', 'target', /URN/],
    ['urn:x:User:__proto__', 'target', /./],
    [`${USER}:title`, 'target', /without its URN/],
    ['userName', 'target', /writes this already/],
  ])('refuses the target %s', (target, field, message) => {
    expect(refusal(expression(target, '"x"'))).toMatchObject({ index: 1, field, message: expect.stringMatching(message) });
  });

  it('refuses two rules for one thing', () => {
    expect(refusal(direct('name'), direct('name.givenName'))).toMatchObject({ index: 2, message: 'The rule for name writes this already.' });
    expect(refusal(direct('emails'), direct(WORK))).toMatchObject({ index: 2 });
    expect(refusal(direct(WORK), direct('emails[type eq "WORK"].value'))).toMatchObject({ index: 2 });
    expect(refusal(direct(WORK), direct('emails[type eq "work"].display'))).toBeUndefined();
  });

  it('refuses sources, constants and defaults that do not fit', () => {
    expect(refusal({ ...direct('title'), source: { kind: 'direct', path: 'emails' } })).toMatchObject({ field: 'source.path', message: 'title takes text, and emails is a list.' });
    expect(refusal({ ...direct('title'), source: { kind: 'direct', path: 'titel' } })).toMatchObject({ field: 'source.path' });
    expect(refusal({ ...direct('active'), source: { kind: 'constant', value: 'yes' } })).toMatchObject({ field: 'source.value' });
    expect(refusal({ ...direct('title'), source: { kind: 'constant', value: null } })).toMatchObject({ field: 'source.value', message: 'Enter the value.' });
    expect(refusal({ ...direct('active'), default: 'yes' })).toMatchObject({ field: 'default' });
  });

  it('says where an expression is wrong', () => {
    expect(refusal(expression('title', 'user.title +\n  lower(x)'))).toEqual({ index: 1, field: 'source.expression', message: expect.stringContaining('Unknown variable: x'), line: 2, column: 9 });
    expect(refusal(expression('emails', 'uniqueValue("a")'))).toMatchObject({ field: 'source.expression', message: expect.stringContaining('one text') });
  });

  it('wants a userName, and another way to know people where that is made up', () => {
    expect(checkRules([])).toEqual([{ index: 0, field: '', message: expect.stringContaining('userName') }]);
    expect(checkRules([{ ...userName, when: 'never' }])).toHaveLength(1);
    const madeUp = expression('userName', 'uniqueValue(user.userName, "x")');
    expect(checkRules([madeUp])).toMatchObject([{ index: 0, message: expect.stringContaining('externalId') }]);
    expect(checkRules([madeUp, direct('externalId')])).toEqual([]);
  });
});

/** Rules that an admin could write, for every kind of target. */
const TARGETS = ['userName', 'title', 'displayName', 'name.givenName', 'name.familyName', 'active', 'emails', WORK, 'emails[type eq "home"].value', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`];
const SOURCES = [...TARGETS, 'externalId', 'name'];
const EXPRESSIONS = ['user.title', 'lower(user.userName)', 'user.name.givenName + "x"', 'primary(user.emails).value', 'join(user.emails.map(e, e.value), ",")', 'user.active', 'user.emails', 'uniqueValue("a", user.title)', 'coalesce(enterprise.department, "none")'];
const source = fc.oneof(
  fc.constantFrom(...SOURCES).map((path) => ({ kind: 'direct' as const, path })),
  fc.oneof(text, fc.boolean()).map((value) => ({ kind: 'constant' as const, value })),
  fc.constantFrom(...EXPRESSIONS).map((expression) => ({ kind: 'expression' as const, expression }))
);
const anyRule: fc.Arbitrary<MappingRule> = fc.record(
  { target: fc.constantFrom(...TARGETS), source, when: fc.constantFrom('always', 'on-create', 'never'), emptyPolicy: fc.constantFrom('clear', 'leave'), default: text },
  { requiredKeys: ['target', 'source', 'when', 'emptyPolicy'] }
);
const anyRules = fc.array(anyRule, { maxLength: 8 }).map((rules) => rules.filter((_item, index) => {
  const problems = checkRules([direct('externalId'), ...rules.slice(0, index + 1)]);
  return !problems.some((problem) => problem.field !== '');
}));

describe('any rules and any person', () => {
  it('give the same every time, and change neither the person nor what is known', () => {
    fc.assert(
      fc.property(anyRules, resource, fc.option(resource), (rules, person, known) => {
        const copies = structuredClone([rules, person, known]);
        const once = applyRules(rules, person, known);
        expect(applyRules(structuredClone(rules), structuredClone(person), structuredClone(known))).toEqual(once);
        expect([rules, person, known]).toEqual(copies);
      })
    );
  });

  it('write nothing outside of the targets of rules that apply', () => {
    fc.assert(
      fc.property(anyRules, resource, fc.option(resource), (rules, person, known) => {
        const { resource: state, results } = applyRules(rules, person, known);
        expect(reduceResource(rules, state)).toEqual(state);
        const silent = results.flatMap((result, index) => (['empty', 'off', 'error'].includes(result.outcome) ? [rules[index]?.target ?? ''] : []));
        for (const target of silent) expect(diffResources(null, made({ x: valueAt(state, target) }))).toEqual([]);
      })
    );
  });

  it('are idempotent: written once, there is nothing more to write', () => {
    fc.assert(
      fc.property(anyRules, resource, fc.option(resource), (rules, person, held) => {
        const known = held === null ? null : reduceResource(rules, held);
        const once = applyRules(rules, person, known).resource;
        const twice = applyRules(rules, person, once).resource;
        expect(diffResources(once, twice)).toEqual([]);
      })
    );
  });

  it('a rule that is taken away changes nothing at the target', () => {
    fc.assert(
      fc.property(anyRules, resource, fc.nat(), (rules, person, index) => {
        const written = applyRules(rules, person, null).resource;
        const fewer = rules.filter((_item, at) => at !== index % Math.max(1, rules.length));
        const known = reduceResource(fewer, written);
        expect(diffResources(known, applyRules(fewer, person, known).resource)).toEqual([]);
      })
    );
  });
});

describe('presets', () => {
  it('answers the generic preset for a name nobody knows', () => {
    expect(presetOf('no-such-preset')).toBe(generic);
    expect(presetOf('generic').outbound.join).toEqual(['externalId', 'userName']);
  });

  it('never sends passwords, roles, groups or ids', () => {
    const targets = generic.outbound.mapping.map((item) => item.target);
    expect(targets).not.toEqual(expect.arrayContaining([expect.stringMatching(/password|roles|groups|^id$|meta/)]));
    expect(new Set(targets).size).toBe(targets.length);
  });
});
