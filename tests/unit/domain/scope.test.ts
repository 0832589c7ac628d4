import fc from 'fast-check';
import type { Scope, ScopeClause, ScopeCondition, ScopeOperator } from '../../../server/src/contracts/scope';
import { isBranch } from '../../../server/src/domain/connection/outbound';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { checkScope } from '../../../server/src/domain/scope/check';
import { explain, satisfies } from '../../../server/src/domain/scope/explain';
import { scopeType, subjectOf } from '../../../server/src/domain/scope/subject';
import { ENTERPRISE_USER_URN } from '../../../server/src/scim/schema/urns';
import { scopeArbitrary, scopedUserArbitrary } from '../../helpers/scope-data';
import { USER_TYPE, SITE_URN } from '../../helpers/search-data';

const type = scopeType(USER_TYPE);
const facts = { created: Date.parse('2026-06-01T00:00:00Z'), roleIds: [2, 3], groupIds: ['g-1', 'g-2'], signIn: { provider: 'auth0', confirmed: true } };
const ada = (fields: Partial<Resource> = {}): Resource =>
  subjectOf({ schemas: [], userName: 'ada', active: true, emails: [{ value: 'Ada@Acme.example', type: 'work' }, { value: 'ada@home.example' }], [ENTERPRISE_USER_URN]: { department: 'Sales' }, [SITE_URN]: { score: 7, born: '1990-01-01T00:00:00Z' }, ...fields }, facts);
const scope = (clauses: ScopeClause[], fields: Partial<Scope> = {}): Scope => ({ assignment: 'everyone', match: 'all', clauses, ...fields });
const holds = (condition: ScopeCondition, user = ada()): boolean => satisfies(scope([condition]), user, type);

describe('conditions', () => {
  it.each<[string, ScopeOperator, ScopeCondition['value'], boolean]>([
    ['userName', 'equals', 'ADA', true],
    ['userName', 'not-equals', 'Ada', false],
    ['emails', 'ends-with', '@acme.example', true],
    ['emails', 'ends-with', '@other.example', false],
    // None of them, not "one differs".
    ['emails', 'not-equals', 'ada@acme.example', false],
    [`${ENTERPRISE_USER_URN}:department`, 'one-of', ['Support', 'sales'], true],
    [`${ENTERPRISE_USER_URN}:department`, 'one-of', ['Support'], false],
    ['title', 'absent', undefined, true],
    ['emails', 'present', undefined, true],
    ['active', 'equals', true, true],
    [`${SITE_URN}:score`, 'greater', 6.5, true],
    [`${SITE_URN}:score`, 'less', 7, false],
    [`${SITE_URN}:born`, 'less', '1990-01-01T00:00:01Z', true],
    ['role', 'equals', 3, true],
    ['role', 'one-of', [4, 5], false],
    ['Role', 'not-equals', 2, false],
    ['group', 'member-of', ['g-9', 'g-2'], true],
    ['group', 'member-of', ['G-2'], false],
    ['group', 'not-member-of', ['g-9'], true],
    ['provider', 'equals', 'auth0', true],
    ['confirmed', 'equals', false, false],
    ['created', 'greater', '2026-05-31T23:00:00-02:00', false],
    ['created', 'less', '2026-06-02T00:00:00Z', true],
  ])('%s %s %j is %s', (attribute, operator, value, expected) => {
    const condition = { attribute, operator, ...(value === undefined ? {} : { value }) };
    expect(checkScope(scope([condition]), USER_TYPE)).toEqual([]);
    expect(holds(condition)).toBe(expected);
  });
});

describe('explain', () => {
  const sales: ScopeCondition = { attribute: `${ENTERPRISE_USER_URN}:department`, operator: 'equals', value: 'Support' };
  const named: ScopeCondition = { attribute: 'userName', operator: 'starts-with', value: 'a' };

  it('names the clause that failed, and of OR all of them', () => {
    expect(explain(scope([named, sales]), ada(), type, false)).toMatchObject({
      holds: false, reason: 'Out of scope: “department equals Support” does not hold.', clauses: [{ holds: true }, { holds: false }],
    });
    const either = scope([{ match: 'any', clauses: [sales, { attribute: 'title', operator: 'present' }] }]);
    expect(explain(either, ada(), type, false).reason).toBe('Out of scope: “department equals Support or title is present” does not hold.');
    expect(explain(scope([sales, { attribute: 'title', operator: 'present' }], { match: 'any' }), ada(), type, false).reason).toBe(
      'Out of scope: none of “department equals Support”, “title is present” holds.'
    );
  });

  it('asks for the assignment too', () => {
    const byHand = scope([named], { assignment: 'assigned' });
    expect(explain(byHand, ada(), type, false)).toMatchObject({ holds: false, reason: 'Out of scope: not assigned to this connection.' });
    expect(explain(byHand, ada(), type, true).holds).toBe(true);
  });

  it('never says what the user’s own values are', () => {
    expect(JSON.stringify(explain(scope([sales]), ada(), type, true))).not.toMatch(/Sales|acme/i);
  });

  it('agrees with the evaluation, for any scope and user', () => {
    let [inside, outside] = [0, 0];
    fc.assert(
      fc.property(scopeArbitrary, scopedUserArbitrary, fc.boolean(), (any, user, assigned) => {
        const verdict = explain(any, user, type, assigned);
        expect(verdict.holds).toBe(satisfies(any, user, type) && (any.assignment === 'everyone' || assigned));
        if (verdict.holds) inside += 1;
        else outside += 1;
        // The sentence quotes a clause that does not hold.
        const failed = verdict.clauses?.filter((clause) => !clause.holds) ?? [];
        if (!verdict.holds && verdict.reason.includes('“')) expect(failed.some((clause) => verdict.reason.includes(clause.text))).toBe(true);
      }),
      { numRuns: 1_000, seed: 7 }
    );
    expect(Math.min(inside, outside)).toBeGreaterThan(100);
  });

  it('generated scopes are ones that are accepted', () => {
    fc.assert(fc.property(scopeArbitrary, (any) => expect(checkScope(any, USER_TYPE)).toEqual([])), { numRuns: 300, seed: 8 });
  });
});

describe('check', () => {
  it.each<[string, ScopeCondition, string, RegExp]>([
    ['an attribute that is none', { attribute: 'shoeSize', operator: 'present' }, 'attribute', /no attribute/],
    ['no path at all', { attribute: 'a b', operator: 'present' }, 'attribute', /no attribute/],
    ['a secret', { attribute: 'password', operator: 'present' }, 'attribute', /never told/],
    ['an id', { attribute: 'id', operator: 'equals', value: 'x' }, 'attribute', /by hand/],
    ['times of SCIM', { attribute: 'meta.created', operator: 'greater', value: '2026-01-01' }, 'attribute', /“created”/],
    ['a whole extension', { attribute: ENTERPRISE_USER_URN, operator: 'present' }, 'attribute', /no attribute/],
    ['a complex attribute by value', { attribute: 'name', operator: 'equals', value: 'x' }, 'attribute', /one of its parts/],
    ['text within a date', { attribute: 'created', operator: 'contains', value: '2026' }, 'operator', /no text/],
    ['order of text', { attribute: 'userName', operator: 'greater', value: 'a' }, 'operator', /dates and numbers/],
    ['membership of a name', { attribute: 'userName', operator: 'member-of', value: ['a'] }, 'operator', /“group” only/],
    ['equality with a group', { attribute: 'group', operator: 'equals', value: 'a' }, 'operator', /is member of/],
    ['no value', { attribute: 'userName', operator: 'equals' }, 'value', /Enter a value/],
    ['a value too many', { attribute: 'userName', operator: 'present', value: 'x' }, 'value', /takes no value/],
    ['a list too many', { attribute: 'userName', operator: 'equals', value: ['x'] }, 'value', /one value/],
    ['no list', { attribute: 'userName', operator: 'one-of', value: 'x' }, 'value', /list/],
    ['a number of text', { attribute: 'userName', operator: 'equals', value: 3 }, 'value', /text/],
    ['a text of a number', { attribute: 'role', operator: 'equals', value: '3' }, 'value', /number/],
    ['a text of a flag', { attribute: 'confirmed', operator: 'equals', value: 'true' }, 'value', /true or false/],
    ['no date', { attribute: 'created', operator: 'less', value: 'yesterday' }, 'value', /ISO 8601/],
  ])('refuses %s', (_what, condition, field, message) => {
    expect(checkScope(scope([{ attribute: 'userName', operator: 'present' }, condition]), USER_TYPE)).toEqual([{ path: `clauses.1.${field}`, message: expect.stringMatching(message) }]);
  });

  it('refuses branches without clauses, too deep ones and too many', () => {
    const present: ScopeCondition = { attribute: 'userName', operator: 'present' };
    expect(checkScope(scope([{ match: 'any', clauses: [] }]), USER_TYPE)[0]?.path).toBe('clauses.0.clauses');
    const nested = (depth: number): ScopeClause => (depth === 0 ? present : { match: 'all', clauses: [nested(depth - 1)] });
    expect(checkScope(scope([nested(5)]), USER_TYPE)).toEqual([]);
    expect(checkScope(scope([nested(6)]), USER_TYPE)[0]?.message).toMatch(/5 deep/);
    expect(checkScope(scope(Array.from({ length: 101 }, () => present)), USER_TYPE)[0]?.message).toMatch(/At most 100/);
    expect(isBranch(nested(1)) && !isBranch(present)).toBe(true);
  });
});
