import fc from 'fast-check';
import { decideManyRoles, decideOneRole, type OneRoleSituation } from '../../../server/src/domain/roles/effective-role';

const SITE = 1;
const [EDITOR, AUTHOR, MANUAL] = [2, 3, 8];
const offer = (roleId: number, priority = 0) => ({ roleId, priority });
const situation = (fields: Partial<OneRoleSituation>): OneRoleSituation => ({
  presentRoleId: SITE,
  appliedRoleId: null,
  offers: [],
  connectionDefaultRoleId: null,
  siteDefaultRoleId: SITE,
  ...fields,
});

describe('decideOneRole', () => {
  it.each<[string, Partial<OneRoleSituation>, object]>([
    ['gives the offered role', { offers: [offer(EDITOR)] }, { change: true, roleId: EDITOR }],
    ['takes the highest priority', { offers: [offer(EDITOR, 1), offer(AUTHOR, 2)] }, { change: true, roleId: AUTHOR }],
    ['takes the lowest id among equals', { offers: [offer(AUTHOR, 1), offer(EDITOR, 1)] }, { change: true, roleId: EDITOR }],
    ['does nothing where the role is right', { presentRoleId: EDITOR, appliedRoleId: EDITOR, offers: [offer(EDITOR)] }, { change: false, pinned: false }],
    ['does nothing for somebody provisioning never gave a role', {}, { change: false, pinned: false }],
    ['does nothing for a hand-made role without an offer', { presentRoleId: MANUAL }, { change: false, pinned: false }],
    ['leaves a role chosen by hand', { presentRoleId: MANUAL, appliedRoleId: EDITOR, offers: [offer(AUTHOR)] }, { change: false, pinned: true }],
    ['leaves a role chosen by hand before provisioning', { presentRoleId: MANUAL, offers: [offer(AUTHOR)] }, { change: false, pinned: true }],
    ['leaves a role chosen by hand when the last offer goes', { presentRoleId: MANUAL, appliedRoleId: EDITOR }, { change: false, pinned: true }],
    ['takes the role back to the default of the connection', { presentRoleId: EDITOR, appliedRoleId: EDITOR, connectionDefaultRoleId: AUTHOR }, { change: true, roleId: AUTHOR }],
    ['takes the role back to the default of the site', { presentRoleId: EDITOR, appliedRoleId: EDITOR }, { change: true, roleId: SITE }],
    ['leaves the role where there is no default', { presentRoleId: EDITOR, appliedRoleId: EDITOR, siteDefaultRoleId: null }, { change: false, pinned: false }],
    ['gives a role to somebody without one', { presentRoleId: null, offers: [offer(EDITOR)] }, { change: true, roleId: EDITOR }],
  ])('%s', (_case, fields, decision) => {
    expect(decideOneRole(situation(fields))).toEqual(decision);
  });

  it('decides the same whatever the order of the offers, and is stable', () => {
    const offers = fc.array(fc.record({ roleId: fc.integer({ min: 1, max: 5 }), priority: fc.integer({ min: 0, max: 3 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(offers, fc.constantFrom(null, 1, 2, 3), (list, appliedRoleId) => {
        const present = situation({ offers: list, appliedRoleId, presentRoleId: appliedRoleId ?? SITE });
        const decision = decideOneRole(present);
        expect(decideOneRole({ ...present, offers: [...list].reverse() })).toEqual(decision);
        if (!decision.change) return;
        expect(decideOneRole({ ...present, presentRoleId: decision.roleId, appliedRoleId: decision.roleId }).change).toBe(false);
      })
    );
  });
});

describe('decideManyRoles', () => {
  const roles = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 6 });

  it('adds what groups give and takes only what groups gave', () => {
    expect(decideManyRoles({ presentRoleIds: [1, 2], granted: [3], revoked: [2, 4] })).toEqual([1, 3]);
    expect(decideManyRoles({ presentRoleIds: [1, 2], granted: [2], revoked: [2] })).toEqual([1, 2]);
    expect(decideManyRoles({ presentRoleIds: [5], granted: [], revoked: [] })).toEqual([5]);
  });

  it('never loses a role that is granted or was not revoked, and never invents one', () => {
    fc.assert(
      fc.property(roles, roles, roles, (presentRoleIds, granted, revoked) => {
        const result = decideManyRoles({ presentRoleIds, granted, revoked });
        expect(result).toEqual(expect.arrayContaining(granted));
        expect(result).toEqual(expect.arrayContaining(presentRoleIds.filter((roleId) => !revoked.includes(roleId))));
        expect(result.every((roleId) => presentRoleIds.includes(roleId) || granted.includes(roleId))).toBe(true);
        expect(new Set(result).size).toBe(result.length);
        expect(decideManyRoles({ presentRoleIds: result, granted, revoked })).toEqual(result);
      })
    );
  });
});
