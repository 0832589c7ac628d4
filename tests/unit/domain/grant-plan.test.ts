import fc from 'fast-check';
import { ROLE_MODES, type RoleMode } from '../../../server/src/contracts/connection';
import { planGrants, type WantedGrant } from '../../../server/src/domain/roles/grant-plan';
import { startingRole } from '../../../server/src/domain/roles/effective-role';

const grant = (roleId: number, groupId: number, mode: RoleMode = 'authoritative', priority = 1): WantedGrant => ({ roleId, groupId, mode, priority });
const everywhere = () => true;
const plan = (wanted: WantedGrant[], present: WantedGrant[], heldByHand: number[] = []) =>
  planGrants({ wanted, present, heldByHand: new Set(heldByHand), inScope: everywhere });

describe('planGrants', () => {
  it('gives what is new, takes what nobody gives any more, and takes over a new priority', () => {
    expect(plan([grant(1, 1), grant(2, 2, 'authoritative', 9)], [grant(2, 2), grant(3, 3)])).toEqual({
      add: [grant(1, 1)],
      change: [grant(2, 2, 'authoritative', 9)],
      revoke: [grant(3, 3)],
    });
  });

  it.each(['additive', 'initial-only'] as const)('never takes back what was given as %s', (mode) => {
    expect(plan([], [grant(1, 1, mode)]).revoke).toEqual([]);
  });

  it('initial-only gives only to whom nothing was given yet', () => {
    expect(plan([grant(1, 1, 'initial-only'), grant(2, 1, 'initial-only')], []).add).toHaveLength(2);
    expect(plan([grant(1, 1, 'initial-only')], [grant(9, 9)]).add).toEqual([]);
  });

  it('gives nothing that a person has by hand', () => {
    expect(plan([grant(1, 1), grant(2, 1)], [], [1]).add).toEqual([grant(2, 1)]);
  });

  it('leaves grants of other sources alone', () => {
    const present = [grant(1, 0), grant(2, 5)];
    expect(planGrants({ wanted: [], present, heldByHand: new Set(), inScope: (groupId) => groupId === 0 }).revoke).toEqual([grant(1, 0)]);
  });

  it('applied once, has nothing left to do, and only authoritative grants ever go', () => {
    const grants = fc.uniqueArray(
      fc.record({ roleId: fc.integer({ min: 1, max: 4 }), groupId: fc.integer({ min: 0, max: 3 }), priority: fc.integer({ min: 0, max: 2 }), mode: fc.constantFrom(...ROLE_MODES) }),
      { maxLength: 8, selector: ({ roleId, groupId }) => `${roleId} ${groupId}` }
    );
    fc.assert(
      fc.property(grants, grants, (wanted, present) => {
        const first = plan(wanted, present);
        expect(first.revoke.every((one) => one.mode === 'authoritative')).toBe(true);
        const key = ({ roleId, groupId }: WantedGrant): string => `${roleId} ${groupId}`;
        const after = new Map(present.map((one) => [key(one), one]));
        for (const one of first.revoke) after.delete(key(one));
        for (const one of [...first.add, ...first.change]) after.set(key(one), one);
        const second = plan(wanted, [...after.values()]);
        expect([...second.change, ...second.revoke]).toEqual([]);
        // What initial-only did not give to somebody who had something may be due only once they have nothing.
        if (after.size > 0) expect(second.add).toEqual([]);
      })
    );
  });
});

describe('startingRole', () => {
  it('is the best offer, else the default of the connection, else of the site', () => {
    const offers = [{ roleId: 4, priority: 1 }, { roleId: 3, priority: 2 }];
    expect(startingRole({ offers, connectionDefaultRoleId: 2, siteDefaultRoleId: 1 })).toBe(3);
    expect(startingRole({ offers: [], connectionDefaultRoleId: 2, siteDefaultRoleId: 1 })).toBe(2);
    expect(startingRole({ offers: [], connectionDefaultRoleId: null, siteDefaultRoleId: 1 })).toBe(1);
    expect(startingRole({ offers: [], connectionDefaultRoleId: null, siteDefaultRoleId: null })).toBeNull();
  });
});
