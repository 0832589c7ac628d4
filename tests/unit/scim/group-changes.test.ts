import fc from 'fast-check';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import { groupChanges, type MemberChange } from '../../../server/src/scim/patch/group-changes';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { GROUP_URN } from '../../../server/src/scim/schema/urns';

const group: Resource = Object.freeze({ schemas: [GROUP_URN], displayName: 'Editors', externalId: 'e1' });
const changes = (...operations: object[]) => groupChanges(parsePatchRequest({ Operations: operations }), group);
/** The one change that the operations come to; null: none. */
const members = (...operations: object[]): MemberChange | null => {
  const all = changes(...operations).members;
  expect(all.length).toBeLessThan(2);
  return all[0] ?? null;
};
const keep = { kind: 'patch', removeAll: false };

it('leaves membership alone when no operation is about it', () => {
  expect(changes({ op: 'replace', path: 'displayName', value: 'Authors' })).toEqual({ resource: { ...group, displayName: 'Authors' }, members: [] });
  expect(changes({ op: 'replace', value: { id: 'x', displayName: 'Authors' } })).toEqual({ resource: { ...group, displayName: 'Authors' }, members: [] });
  expect(changes({ op: 'remove', path: 'externalId' }).resource).not.toHaveProperty('externalId');
});

it('splits one operation without a path into attributes and members', () => {
  expect(changes({ op: 'add', value: { displayName: 'Authors', MEMBERS: [{ value: 'a' }] } })).toEqual({
    resource: { ...group, displayName: 'Authors' },
    members: [{ ...keep, add: ['a'], remove: [] }],
  });
  expect(members({ op: 'replace', value: { [GROUP_URN]: { members: [{ value: 'a' }] } } })).toEqual({ kind: 'replace', members: ['a'] });
  expect(members({ op: 'replace', value: { [`${GROUP_URN}:members`]: [] } })).toEqual({ kind: 'replace', members: [] });
});

it.each([
  ['RFC form', { op: 'remove', path: 'members[value eq "a"]' }],
  ['Entra ID without its flag', { op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] }],
  ['JumpCloud, one object', { op: 'remove', path: 'members', value: { value: 'a' } }],
  ['a bare id', { op: 'remove', path: 'members', value: 'a' }],
  ['URN in front', { op: 'remove', path: `${GROUP_URN}:members[value eq "a"]` }],
  ['sub-attribute behind the filter', { op: 'remove', path: 'members[value eq "a"].value' }],
])('removes one member, never the whole list: %s', (_name, operation) => {
  expect(members(operation)).toEqual({ ...keep, add: [], remove: ['a'] });
});

it('removes several by or, nobody by an empty list, everybody only without a value', () => {
  expect(members({ op: 'remove', path: 'members[value eq "a" or value eq "b" or value eq "c"]' })).toEqual({ ...keep, add: [], remove: ['a', 'b', 'c'] });
  expect(members({ op: 'Remove', path: 'members', value: [] })).toEqual({ ...keep, add: [], remove: [] });
  expect(members({ op: 'remove', path: 'members' })).toEqual({ kind: 'patch', add: [], remove: [], removeAll: true });
});

it.each<[string, string[] | null]>([
  ['value eq "a" and type eq "User"', ['a']],
  ['type eq "User" and (value eq "a" or value eq "b")', ['a', 'b']],
  ['(value eq "a" and display pr) or VALUE eq "b"', ['a', 'b']],
  ['value eq "a" or type eq "User"', null],
  ['not (value eq "a")', null],
  ['value co "a"', null],
  ['value eq null', null],
])('%s: only members it names are looked at', (filter, candidates) => {
  expect(members({ op: 'remove', path: `members[${filter}]` })).toMatchObject({ kind: 'select', candidates, wanted: [], keeps: false, needsMatch: false });
});

it('leaves to the group what only it knows, in order', () => {
  const add = { op: 'add', path: 'members', value: [{ value: 'a' }] };
  const [first, second, third, ...rest] = changes(add, { op: 'remove', path: 'members[type eq "Group"]' }, add, { op: 'remove', path: 'members[value eq "b"]' }).members;
  expect([first, second?.kind, third, rest]).toEqual([{ ...keep, add: ['a'], remove: [] }, 'select', { ...keep, add: ['a'], remove: ['b'] }, []]);
  expect(members({ op: 'replace', value: { 'members[value eq "a"]': { value: 'b' } } })).toMatchObject({ kind: 'select', candidates: ['a'], wanted: ['b'], keeps: false, needsMatch: true });
});

it('makes a member that a filter names only on a tolerant connection', () => {
  const operations = parsePatchRequest({ Operations: [{ op: 'replace', path: 'members[value eq "a"].value', value: 'a' }] });
  for (const strict of [false, true]) {
    expect(groupChanges(operations, group, 'Group', { strict, acceptPassword: false }).members).toMatchObject([{ kind: 'select', wanted: ['a'], keeps: true, needsMatch: strict }]);
  }
  const remove = parsePatchRequest({ Operations: [{ op: 'remove', path: 'members[value eq "a"].value' }] });
  expect(() => groupChanges(remove, group, 'Group', { strict: true, acceptPassword: false })).toThrow(expect.objectContaining({ scimType: 'mutability' }));
});

it('asks the group on a strict connection whether a member to remove is there', () => {
  const strict = { strict: true, acceptPassword: false };
  const operations = parsePatchRequest({ Operations: [{ op: 'remove', path: 'members[value eq "a" or value eq "b"]' }, { op: 'remove', path: 'members[type eq "Group"]' }] });
  expect(groupChanges(operations, group, 'Group', strict).members).toMatchObject([
    { kind: 'select', candidates: ['a', 'b'], wanted: [], needsMatch: true },
    { kind: 'select', candidates: null, wanted: [], needsMatch: true },
  ]);
});

it('lets the last operation on a member win', () => {
  const add = (value: string) => ({ op: 'add', path: 'members', value: [{ value }] });
  const remove = (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` });
  expect(members(add('a'), remove('a'))).toEqual({ ...keep, add: [], remove: ['a'] });
  expect(members(remove('a'), add('a'))).toEqual({ ...keep, add: ['a'], remove: [] });
  expect(members(add('a'), { op: 'replace', path: 'members', value: [{ value: 'b' }] }, add('c'), remove('b'))).toEqual({ kind: 'replace', members: ['c'] });
  expect(members({ op: 'remove', path: 'members' }, add('c'))).toEqual({ kind: 'patch', add: ['c'], remove: [], removeAll: true });
  expect(members({ op: 'remove', path: 'members' }, remove('c'))).toEqual({ kind: 'patch', add: [], remove: [], removeAll: true });
  expect(members(add('a'), { op: 'replace', path: 'members', value: [] })).toEqual({ kind: 'replace', members: [] });
});

it.each([
  [{ op: 'add', path: 'members', value: [{ display: 'x' }] }, 'invalidValue'],
  [{ op: 'add', path: 'members', value: 5 }, 'invalidValue'],
  [{ op: 'remove', path: 'members', value: [{}] }, 'invalidValue'],
  [{ op: 'remove', path: 'members[nonsense eq "x"]' }, 'invalidPath'],
  [{ op: 'remove', path: 'members[value eq "x"].nonsense' }, 'invalidPath'],
  [{ op: 'add', path: 'members.nonsense', value: 'x' }, 'invalidPath'],
  [{ op: 'remove', path: 'members.value' }, 'mutability'],
  ...['display', 'type', '$ref', 'DISPLAY'].flatMap((sub): [object, string][] => [
    [{ op: 'replace', path: `members[value eq "a"].${sub}`, value: 'x' }, 'mutability'],
    [{ op: 'add', path: `members.${sub}`, value: 'x' }, 'mutability'],
    [{ op: 'remove', path: `members[type eq "User"].${sub}` }, 'mutability'],
    [{ op: 'add', value: { [`members[value eq "a"].${sub}`]: 'x' } }, 'mutability'],
  ]),
  [{ op: 'replace', path: 'members[type eq "User"]', value: [{ display: 'x' }] }, 'invalidValue'],
  [{ op: 'replace', path: 'members[type eq "User"].value', value: 5 }, 'invalidValue'],
  [{ op: 'remove', path: 'displayName' }, 'mutability'],
  [{ op: 'replace', path: 'displayName.nonsense', value: 'x' }, 'invalidPath'],
])('refuses %j', (operation, scimType) => {
  expect(() => changes(operation)).toThrow(expect.objectContaining({ status: 400, scimType }));
});

it('needs one step per member, whatever the number of operations', () => {
  const sets = jest.spyOn(Map.prototype, 'set');
  const value = Array.from({ length: 20_000 }, (_item, index) => ({ value: `u${index}` }));
  let calls: number;
  try {
    expect(members({ op: 'add', path: 'members', value })).toMatchObject({ kind: 'patch' });
    calls = sets.mock.calls.length;
  } finally {
    sets.mockRestore();
  }
  expect(calls).toBeLessThan(20_100);
});

const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'Replace', 'remove'), path: fc.constant('members'), value: fc.array(fc.constantFrom('a', 'b', 'c', 'd').map((value) => ({ value })), { maxLength: 3 }) }),
  fc.constantFrom('a', 'b', 'c').map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
  fc.constant({ op: 'remove', path: 'members' })
);

/** The change as a set, and through the other implementation that has the whole list. */
it('ends with the same members as applying the operations to the list', () => {
  const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  fc.assert(
    fc.property(ids, fc.array(operation, { minLength: 1, maxLength: 8 }), (present, sent) => {
      const operations = parsePatchRequest({ Operations: sent });
      const plain = new Set<string>(present);
      for (const { op, path, value } of sent as { op: string; path: string; value?: { value: string }[] }[]) {
        const given = value?.map((member) => member.value) ?? /"(.)"/.exec(path)?.slice(1) ?? [...plain];
        if (op === 'Replace') plain.clear();
        for (const id of given) {
          if (op === 'remove') plain.delete(id);
          else plain.add(id);
        }
      }
      const [change = null, ...more] = groupChanges(operations, group).members;
      expect(more).toEqual([]);
      if (change?.kind === 'select') throw new Error('no member need be looked at');
      const result = new Set<string>(change?.kind === 'replace' || change?.removeAll ? [] : present);
      if (change?.kind === 'patch') for (const id of change.remove) result.delete(id);
      for (const id of change?.kind === 'replace' ? change.members : (change?.add ?? [])) result.add(id);
      expect([...result].sort()).toEqual([...plain].sort());

      const whole = applyPatch({ ...group, members: present.map((value) => ({ value })) }, operations, 'Group').members as { value: string }[] | undefined;
      expect((whole ?? []).map((member) => member.value).sort()).toEqual([...plain].sort());
    }),
    { numRuns: 500 }
  );
});
