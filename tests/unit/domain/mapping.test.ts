import fc from 'fast-check';
import { diffResources } from '../../../server/src/domain/diff/diff';
import { direct, mapResource, type MappingRule } from '../../../server/src/domain/mapping/mapping';
import { segmentsOf, setValueAt, valueAt } from '../../../server/src/domain/mapping/path';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { generic } from '../../../server/src/providers/generic';
import { presetOf } from '../../../server/src/providers';
import { ENTERPRISE, resource, text } from './arbitraries';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const made = (attributes: Record<string, unknown>): Resource => ({ schemas: [USER], ...attributes });
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
});

describe('mapResource', () => {
  it('maps only what rules name', () => {
    expect(mapResource([direct('userName')], made({ userName: 'ada', title: 'Boss' }), [USER], null)).toEqual({ schemas: [USER], userName: 'ada' });
  });

  it('leaves out what is unassigned and uses the default instead', () => {
    for (const nothing of [undefined, null, '', []]) {
      expect(mapResource([rule({})], made({ title: nothing }), [USER], null)).not.toHaveProperty('title');
      expect(mapResource([rule({ default: 'None' })], made({ title: nothing }), [USER], null).title).toBe('None');
    }
    expect(mapResource([direct('active')], made({ active: false }), [USER], null).active).toBe(false);
  });

  it('writes constants, and nothing for rules that never apply', () => {
    const constant = rule({ from: { kind: 'constant', value: 'Employee' }, target: 'userType' });
    expect(mapResource([constant, rule({ apply: 'never' })], made({ title: 'Boss' }), [USER], null)).toEqual({ schemas: [USER], userType: 'Employee' });
  });

  it('keeps what the target has where a rule applies on create only', () => {
    const once = rule({ apply: 'create' });
    expect(mapResource([once], made({ title: 'new' }), [USER], null).title).toBe('new');
    expect(mapResource([once], made({ title: 'new' }), [USER], made({ title: 'theirs' })).title).toBe('theirs');
    expect(mapResource([rule({ apply: 'create', default: 'd' })], made({ title: 'new' }), [USER], made({}))).not.toHaveProperty('title');
  });

  it('lists the schema of every extension that has a value', () => {
    const mapped = mapResource(generic.outbound.mapping, made({ userName: 'ada', [ENTERPRISE]: { department: 'R', unknown: 1 } }), [USER], null);
    expect(mapped).toEqual({ schemas: [USER, ENTERPRISE], userName: 'ada', [ENTERPRISE]: { department: 'R' } });
    expect(mapResource(generic.outbound.mapping, made({ userName: 'ada' }), [USER], null).schemas).toEqual([USER]);
  });

  it('shares nothing with its source', () => {
    const source = made({ emails: [{ value: 'a' }] });
    const mapped = mapResource(generic.outbound.mapping, source, [USER], null);
    (mapped.emails as { value: string }[]).push({ value: 'b' });
    expect(source.emails).toEqual([{ value: 'a' }]);
  });

  it('is a fixed point: what was mapped maps to itself', () => {
    fc.assert(
      fc.property(resource, (source) => {
        const once = mapResource(generic.outbound.mapping, source, [USER], null);
        expect(mapResource(generic.outbound.mapping, once, [USER], once)).toEqual(once);
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
