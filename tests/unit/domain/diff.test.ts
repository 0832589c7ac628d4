import fc from 'fast-check';
import { canonicalJson, hashOf } from '../../../server/src/domain/diff/canonical';
import { diffResources } from '../../../server/src/domain/diff/diff';
import { setValueAt } from '../../../server/src/domain/mapping/path';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ENTERPRISE, resource } from './arbitraries';

const made = (attributes: Record<string, unknown>): Resource => ({ schemas: [], ...attributes });

describe('diffResources', () => {
  it('finds nothing between a state and itself, however it is ordered', () => {
    fc.assert(
      fc.property(resource, (state) => {
        expect(diffResources(state, state)).toEqual([]);
        const reversed = Object.fromEntries(Object.entries(structuredClone(state)).reverse()) as Resource;
        if (Array.isArray(reversed.emails)) reversed.emails.reverse();
        expect(diffResources(state, reversed)).toEqual([]);
      })
    );
  });

  it('finds exactly what leads from one state to the other', () => {
    fc.assert(
      fc.property(resource, resource, (before, after) => {
        const state = structuredClone(before);
        for (const change of diffResources(before, after)) setValueAt(state, change.path, change.after);
        expect(diffResources(state, after)).toEqual([]);
        expect(diffResources(after, state)).toEqual([]);
      }),
      { numRuns: 500 }
    );
  });

  it('names the same attributes in both directions, with before and after exchanged', () => {
    fc.assert(
      fc.property(resource, resource, (one, other) => {
        const there = diffResources(one, other);
        const back = diffResources(other, one);
        expect(back.map((change) => change.path).sort()).toEqual(there.map((change) => change.path).sort());
      })
    );
  });

  it.each([undefined, null, '', []])('takes %p for unassigned', (nothing) => {
    expect(diffResources(made({ title: nothing }), made({}))).toEqual([]);
    expect(diffResources(made({}), made({ title: nothing }))).toEqual([]);
    expect(diffResources(made({ title: 'Boss' }), made({ title: nothing }))).toEqual([{ path: 'title', before: 'Boss', after: null }]);
  });

  it('does not take false and 0 for unassigned', () => {
    expect(diffResources(made({}), made({ active: false, level: 0 })).map((change) => change.path)).toEqual(['active', 'level']);
    expect(diffResources(made({ active: true }), made({ active: false }))).toEqual([{ path: 'active', before: true, after: false }]);
  });

  it('goes into complex attributes and extensions, and names the path of each', () => {
    const before = made({ name: { givenName: 'Ada', familyName: 'B' }, [ENTERPRISE]: { department: 'R', manager: { value: '1' } } });
    const after = made({ name: { givenName: 'Ada', familyName: 'C' }, [ENTERPRISE]: { manager: { value: '2' } } });
    expect(diffResources(before, after)).toEqual([
      { path: 'name.familyName', before: 'B', after: 'C' },
      { path: `${ENTERPRISE}:department`, before: 'R', after: null },
      { path: `${ENTERPRISE}:manager.value`, before: '1', after: '2' },
    ]);
  });

  it('reports a multi-valued attribute as a whole, and only when its elements differ', () => {
    const [one, two] = [{ value: 'a' }, { value: 'b', type: 'work' }];
    expect(diffResources(made({ emails: [one, two] }), made({ emails: [{ type: 'work', value: 'b' }, one] }))).toEqual([]);
    expect(diffResources(made({ emails: [one, two] }), made({ emails: [one] }))).toEqual([{ path: 'emails', before: [one, two], after: [one] }]);
    expect(diffResources(made({ emails: [one] }), made({ emails: [one, one] }))).toHaveLength(1);
  });

  it('never reports what is derived', () => {
    expect(diffResources(made({ id: '1', meta: { a: 1 }, groups: [1] }), { ...made({ id: '2' }), schemas: ['urn:x'] })).toEqual([]);
  });

  it('reports everything of a new object', () => {
    expect(diffResources(null, made({ userName: 'ada', active: true }))).toEqual([
      { path: 'userName', before: null, after: 'ada' },
      { path: 'active', before: null, after: true },
    ]);
  });
});

describe('canonicalJson', () => {
  it('is the same for equal values and reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        const shuffled: unknown = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
          member !== null && typeof member === 'object' && !Array.isArray(member) ? Object.fromEntries(Object.entries(member).reverse()) : member
        );
        expect(canonicalJson(shuffled)).toBe(text);
      })
    );
  });

  it('leaves out undefined members and keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, 1, undefined], a: undefined })).toBe('{"b":[2,1,null]}');
    expect(canonicalJson(undefined)).toBe('null');
  });

  it('gives different values different fingerprints', () => {
    expect(hashOf({ a: 1 })).toBe(hashOf({ a: 1, b: undefined }));
    expect(hashOf({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
    const values = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: null }, {}, [], null, '', [{ a: 1 }], { a: { b: 1 } }, { 'a.b': 1 }];
    expect(new Set(values.map(hashOf)).size).toBe(values.length);
  });
});
