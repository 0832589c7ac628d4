import fc from 'fast-check';
import { planChange } from '../../../server/src/domain/plan/change';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { resource } from './arbitraries';

const made = (attributes: Record<string, unknown>): Resource => ({ schemas: [], ...attributes });

describe('planChange', () => {
  it.each([
    ['create', null, { userName: 'ada' }],
    ['create', null, { userName: 'ada', active: false }],
    ['delete', { userName: 'ada' }, null],
    ['update', { userName: 'ada' }, { userName: 'eva' }],
    ['deactivate', { active: true }, { active: false }],
    ['deactivate', {}, { active: false, title: 'new too' }],
    ['reactivate', { active: false }, { active: true, title: 'new too' }],
    ['none', { userName: 'ada' }, { userName: 'ada' }],
    ['none', null, null],
  ] as const)('calls it %s: %j to %j', (kind, before, after) => {
    const change = planChange(before && made(before), after && made(after));
    expect(change.kind).toBe(kind);
    expect(change.changes.length > 0).toBe(!['none', 'delete'].includes(kind));
  });

  it('plans nothing exactly when nothing differs', () => {
    fc.assert(
      fc.property(resource, resource, (before, after) => {
        const change = planChange(before, after);
        expect(change.kind === 'none').toBe(change.changes.length === 0);
        expect(planChange(after, after).kind).toBe('none');
      })
    );
  });
});
