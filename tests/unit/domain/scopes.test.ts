import fc from 'fast-check';
import { TOKEN_SCOPES, type TokenScope } from '../../../server/src/contracts/connection';
import { narrowScopes } from '../../../server/src/domain/access/scopes';

const scopes = fc.subarray([...TOKEN_SCOPES]);

/** What a set of scopes allows, spelled out: each pair of (type, verb). */
const powers = (set: readonly TokenScope[]): string[] => {
  const types = set.filter((scope) => scope !== 'read-only');
  const verbs = set.includes('read-only') ? ['read'] : ['read', 'write'];
  return (types.length > 0 ? types : ['users', 'groups']).flatMap((type) => verbs.map((verb) => `${type} ${verb}`));
};

describe('narrowScopes', () => {
  it('never gives more than the client has, nor more than was asked for', () => {
    fc.assert(
      fc.property(scopes, scopes, (granted, requested) => {
        const narrowed = narrowScopes(granted, requested);
        if (narrowed === null) return;
        for (const power of powers(narrowed)) {
          expect(powers(granted)).toContain(power);
          expect(powers(requested)).toContain(power);
        }
      })
    );
  });

  it('gives all the client has where nothing is asked for', () => {
    fc.assert(fc.property(scopes, (granted) => void expect(powers(narrowScopes(granted, []) ?? [])).toEqual(powers(granted))));
  });

  it.each<[TokenScope[], string[], TokenScope[] | null]>([
    [[], ['users'], ['users']],
    [['users'], ['groups'], null],
    [['users'], ['users', 'groups'], null],
    [['users'], ['read-only'], ['read-only', 'users']],
    [['read-only'], ['users'], ['read-only', 'users']],
    [[], ['admin'], null],
    [[], ['Users'], null],
  ])('%j asked for %j gives %j', (granted, requested, expected) => {
    expect(narrowScopes(granted, requested)).toEqual(expected);
  });
});
