import { breakGlassNames, protectionOf } from '../../../server/src/domain/roles/protection';
import { minimalView } from '../../../server/src/domain/resource/minimal';
import { tombstoneOf } from '../../../server/src/domain/departure/tombstone';

const account = { userName: 'ada', email: 'ada@x.example', isSuperAdmin: false };

describe('protectionOf', () => {
  it('knows break-glass accounts by name or address, without case, before anything else', () => {
    for (const name of ['ADA', 'Ada@X.example']) {
      expect(protectionOf({ ...account, isSuperAdmin: true }, breakGlassNames([name]))).toMatchObject({ reason: 'break-glass' });
    }
    expect(protectionOf({ ...account, isSuperAdmin: true }, breakGlassNames(['bob']))).toMatchObject({ reason: 'super-admin' });
    expect(protectionOf(account, breakGlassNames(['bob']))).toBeNull();
  });
});

it('the minimal view leaves out everything but schema, id, name and meta', () => {
  const meta = { resourceType: 'User' };
  const resource = { schemas: ['urn:core', 'urn:more'], id: '1', userName: 'ada', externalId: 'e', active: true, emails: [{ value: 'a@x.example' }], 'urn:more': { x: 1 }, groups: [], meta };
  expect(minimalView(resource)).toEqual({ schemas: ['urn:core'], id: '1', userName: 'ada', meta });
});

it('tombstones are unlike for unlike ids and are addresses that nobody mails', () => {
  const one = tombstoneOf('8f81fc24-b3fc-4126-9690-a90e358351f4');
  expect(one).toEqual({ userName: 'departed-8f81fc24b3fc', email: 'departed-8f81fc24b3fc@users.invalid' });
  expect(tombstoneOf('8f81fc24-b3fd-4126-9690-a90e358351f4').userName).not.toBe(one.userName);
});
