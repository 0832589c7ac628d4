import fc from 'fast-check';
import { GUARDED_KINDS } from '../../../../server/src/contracts/guard';
import { allowedOf, DEFAULT_GUARD, exceeded, mergeGuard } from '../../../../server/src/domain/guard/limits';

describe('the guard with its defaults', () => {
  it.each([
    ['deactivate', 10, 2],
    ['deactivate', 10_000, 1_000],
    ['delete', 0, 2],
    ['delete', 39, 3],
    ['role-grant', 10, 5],
    ['role-grant', 100, 20],
    ['create', 0, Infinity],
    ['create', 10, 50],
    ['create', 1_000, 500],
    ['update', 10, Infinity],
  ] as const)('allows of %s with %d linked: %d', (kind, linked, allowed) => {
    expect(allowedOf(DEFAULT_GUARD, kind, linked)).toBe(allowed);
  });

  it('stops everybody being deactivated, at any size', () => {
    fc.assert(fc.property(fc.integer({ min: 3, max: 1_000_000 }), (people) => exceeded(DEFAULT_GUARD, { deactivate: people }, people).length === 1));
  });

  it('says each limit that is exceeded, in a sentence', () => {
    expect(exceeded(DEFAULT_GUARD, { create: 3, deactivate: 12, delete: 5 }, 40)).toEqual([
      { kind: 'deactivate', wanted: 12, allowed: 4, linked: 40, message: '12 would be deactivated, of 40 linked; without approval 4 may be.' },
      expect.objectContaining({ kind: 'delete', wanted: 5, allowed: 4 }),
    ]);
  });
});

it('a limit of nothing holds everything, no limit holds nothing', () => {
  const none = mergeGuard(DEFAULT_GUARD, { limits: Object.fromEntries(GUARDED_KINDS.map((kind) => [kind, { count: 0, percent: 0 }])), freeFirstLoad: false });
  const free = mergeGuard(DEFAULT_GUARD, { limits: Object.fromEntries(GUARDED_KINDS.map((kind) => [kind, { count: null, percent: null }])) });
  for (const kind of GUARDED_KINDS) {
    expect(exceeded(none, { [kind]: 1 }, 1_000)).toHaveLength(1);
    expect(exceeded(free, { [kind]: 1e9 }, 1)).toEqual([]);
  }
});

it('what is left out keeps its value', () => {
  expect(mergeGuard(DEFAULT_GUARD, { limits: { delete: { count: 9, percent: null } } })).toEqual({ ...DEFAULT_GUARD, limits: { ...DEFAULT_GUARD.limits, delete: { count: 9, percent: null } } });
});
