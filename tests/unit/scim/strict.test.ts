import type { Resource } from '../../../server/src/domain/resource/resource';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import { contextOf, MemoryService, serverOver, STRAPI_URN } from './fake-service';

const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

const ada: Resource = {
  schemas: [USER_URN],
  id: 'u1',
  userName: 'ada',
  active: true,
  emails: [{ value: 'a@example.org', type: 'work' }],
  meta: { resourceType: 'User', version: 'W/"1"' },
};

function over(strict: boolean, policies = {}) {
  const service = new MemoryService();
  service.resources.User.set('u1', ada);
  service.resources.Group.set('g1', { schemas: [GROUP_URN], id: 'g1', displayName: 'g' });
  return { service, ...serverOver(service, contextOf({ strict, ...policies })) };
}

/** What a tolerant connection takes and a strict one refuses, without a change. */
async function onlyTolerant(method: string, path: string, body: unknown, scimType: string): Promise<void> {
  const tolerant = await over(false).send(method, path, { body });
  expect([tolerant.status < 300, tolerant.body]).toEqual([true, tolerant.body]);
  const { send, service } = over(true);
  const before = service.snapshot();
  expect(await send(method, path, { body })).toMatchObject({ status: 400, body: { scimType } });
  expect(service.snapshot()).toBe(before);
}

const full = (rest: object) => ({ schemas: [USER_URN], userName: 'x', ...rest });

describe('bodies of POST and PUT', () => {
  it.each<[object, string]>([
    [{ userName: 'x' }, 'invalidSyntax'],
    [{ schemas: USER_URN, userName: 'x' }, 'invalidSyntax'],
    [{ schemas: [], userName: 'x' }, 'invalidSyntax'],
    [{ schemas: [ENTERPRISE_USER_URN], userName: 'x' }, 'invalidSyntax'],
    [full({ schemas: [USER_URN, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User'] }), 'invalidSyntax'],
    [full({ schemas: [USER_URN, USER_URN.toLowerCase()] }), 'invalidSyntax'],
    [full({ shoeSize: 43 }), 'invalidSyntax'],
    [full({ schemas: [USER_URN, STRAPI_URN], [STRAPI_URN]: { joined: '2026-01-31' } }), 'invalidValue'],
    [full({ schemas: [USER_URN, STRAPI_URN], [STRAPI_URN]: { foo: 'bar' } }), 'invalidSyntax'],
    [full({ 'name.givenName': 'X' }), 'invalidSyntax'],
    [full({ [`${USER_URN}:title`]: 'Dr' }), 'invalidSyntax'],
    [full({ [USER_URN]: { title: 'Dr' } }), 'invalidSyntax'],
    [full({ 'urn:x:y:z': { a: 1 } }), 'invalidSyntax'],
    [full({ [ENTERPRISE_USER_URN]: { department: 'd' } }), 'invalidSyntax'],
    [full({ schemas: [USER_URN, ENTERPRISE_USER_URN], [ENTERPRISE_USER_URN]: { nonsense: 'd' } }), 'invalidSyntax'],
    [full({ schemas: [USER_URN, ENTERPRISE_USER_URN], [ENTERPRISE_USER_URN]: { manager: 'u2' } }), 'invalidValue'],
    [full({ schemas: [USER_URN, ENTERPRISE_USER_URN], [ENTERPRISE_USER_URN]: { manager: { managerId: 'u2' } } }), 'invalidSyntax'],
    [full({ active: 'True' }), 'invalidValue'],
    [full({ active: '' }), 'invalidValue'],
    [full({ name: { nonsense: 'x' } }), 'invalidSyntax'],
    [full({ name: '' }), 'invalidValue'],
    [full({ emails: ['a@example.org'] }), 'invalidValue'],
    [full({ emails: '' }), 'invalidValue'],
    [full({ emails: [{ value: 'a@x', primary: 'true' }] }), 'invalidValue'],
    [full({ emails: [{ value: 'a@x', primary: true }, { value: 'b@x', primary: true }] }), 'invalidValue'],
    [full({ roles: ['{"value":"1"}'] }), 'invalidValue'],
    [full({ roles: '{"value":"1"}' }), 'invalidValue'],
    [full({ roles: '[{"value":"1"}]' }), 'invalidValue'],
    [full({ roles: ['[{"value":"1"}]'] }), 'invalidValue'],
    [full({ roles: [{ value: '[{"value":"1"}]' }] }), 'invalidValue'],
    [full({ roles: [{ value: '[]' }] }), 'invalidValue'],
    [full({ roles: [{ value: '{"id":"i","value":"1","displayName":"Admin"}' }] }), 'invalidValue'],
    [full({ x509Certificates: [{ value: 'not base64!' }] }), 'invalidValue'],
    [full({ password: 'x' }), 'invalidSyntax'],
  ])('%j', async (body, scimType) => {
    await onlyTolerant('POST', '/Users', body, scimType);
    await onlyTolerant('PUT', '/Users/u1', body, scimType);
  });

  it('to the letter are taken', async () => {
    for (const body of [
      full({}),
      full({ title: null, emails: [], active: true, id: 'mine', meta: { anything: 1 }, groups: 'ignored', NICKNAME: 'x' }),
      full({ schemas: [USER_URN, ENTERPRISE_USER_URN.toUpperCase(), STRAPI_URN], [ENTERPRISE_USER_URN]: { manager: { value: 'u2', displayName: 'ignored' } }, [STRAPI_URN]: { points: 'ignored', shoeSize: 4, joined: '2026-01-31T12:00:00.5+01:00' } }),
    ]) {
      expect(await over(true).send('POST', '/Users', { body })).toMatchObject({ status: 201 });
      // RFC 7644 section 3.5.1: read-only values in a PUT are ignored, also a foreign id.
      expect(await over(true).send('PUT', '/Users/u1', { body })).toMatchObject({ status: 200, body: { id: 'u1' } });
    }
    expect(await over(true).send('POST', '/Groups', { body: { schemas: [GROUP_URN], displayName: 'n', members: [{ value: 'u1', type: 'User', $ref: '../Users/u1' }] } })).toMatchObject({ status: 201 });
    expect(await over(true, { acceptPassword: true }).send('POST', '/Users', { body: full({ password: 'x' }) })).toMatchObject({ status: 201 });
  });
});

describe('PATCH', () => {
  const request = (...Operations: object[]) => ({ schemas: [PATCH_URN], Operations });

  it.each<[object, string]>([
    [{ Operations: [{ op: 'replace', path: 'title', value: 'x' }] }, 'invalidSyntax'],
    [{ ...request({ op: 'replace', path: 'title', value: 'x' }), extra: 1 }, 'invalidSyntax'],
    [request({ op: 'replace', path: 'title', value: 'x', name: 'y' }), 'invalidSyntax'],
    [request({ op: 'Replace', path: 'title', value: 'x' }), 'invalidSyntax'],
    [request({ op: 'replace', value: { title: 'x' } }), 'invalidSyntax'],
    [request({ op: 'replace', path: '', value: { title: 'x' } }), 'invalidSyntax'],
    [request({ op: 'remove', path: 'emails', value: [{ value: 'a@example.org' }] }), 'invalidValue'],
    [request({ op: 'replace', path: 'active', value: 'False' }), 'invalidValue'],
    [request({ op: 'replace', path: 'emails', value: { value: 'x' } }), 'invalidValue'],
    [request({ op: 'add', path: 'emails', value: 'x' }), 'invalidValue'],
    [request({ op: 'add', path: 'emails', value: { value: 'x', primary: 'True' } }), 'invalidValue'],
    [request({ op: 'add', path: 'roles', value: ['{"value":"1"}'] }), 'invalidValue'],
    [request({ op: 'add', path: 'roles', value: '[{"value":"1"}]' }), 'invalidValue'],
    [request({ op: 'add', path: 'roles', value: { value: '[{"value":"1"}]' } }), 'invalidValue'],
    [request({ op: 'add', path: 'roles', value: [{ value: '{"value":"1"}' }] }), 'invalidValue'],
    [request({ op: 'remove', path: 'emails[primary eq "True"]' }), 'invalidFilter'],
    [request({ op: 'add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1' }), 'noTarget'],
    [request({ op: 'replace', path: 'emails[type eq "home"]', value: { value: 'x' } }), 'noTarget'],
    [request({ op: 'remove', path: 'emails[type eq "other"]' }), 'noTarget'],
    [request({ op: 'remove', path: 'emails[type eq "other"].value' }), 'noTarget'],
    [request({ op: 'replace', path: 'emails[type eq "other"].display', value: null }), 'noTarget'],
    [request({ op: 'remove', path: 'phoneNumbers[type eq "work"]' }), 'noTarget'],
    [request({ op: 'add', path: `${ENTERPRISE_USER_URN}:manager`, value: 'u2' }), 'invalidValue'],
    [request({ op: 'add', path: ENTERPRISE_USER_URN, value: { nonsense: 'x' } }), 'invalidSyntax'],
    [request({ op: 'add', path: STRAPI_URN, value: { foo: 'x' } }), 'invalidSyntax'],
    [request({ op: 'add', path: `${STRAPI_URN}:foo`, value: 'x' }), 'invalidPath'],
    ...['urn:x:y:z:badge', 'urn:x:y:z:badge.colour', 'urn:x:y:z', 'shoeSize', 'shoe.size', 'name.nickName', 'emails[type eq "work"].note', 'emails.note', `${USER_URN}:shoeSize`, `${ENTERPRISE_USER_URN}:shoeSize`, `${ENTERPRISE_USER_URN}:manager.mail`].flatMap(
      (path): [object, string][] => ['add', 'replace', 'remove'].map((op) => [request(op === 'remove' ? { op, path } : { op, path, value: 'x' }), 'invalidPath'])
    ),
    [request({ op: 'add', path: 'name', value: { nonsense: 'x' } }), 'invalidSyntax'],
    [request({ op: 'add', path: USER_URN, value: { title: 'x' } }), 'invalidPath'],
    [request({ op: 'add', path: 'schemas', value: ['urn:x:y:z'] }), 'invalidSyntax'],
    [request({ op: 'replace', path: 'password', value: 'x' }), 'invalidPath'],
  ])('%j', async (body, scimType) => onlyTolerant('PATCH', '/Users/u1', body, scimType));

  it('refuses in both modes what the RFC does', async () => {
    for (const strict of [false, true]) {
      const { send } = over(strict);
      for (const [operation, scimType] of [
        [{ op: 'remove' }, 'noTarget'],
        [{ op: 'replace', path: 'id', value: 'other' }, 'mutability'],
        [{ op: 'replace', path: 'no path', value: 'x' }, 'invalidPath'],
        [{ op: 'replace', path: 'title.nonsense', value: 'x' }, 'invalidPath'],
        [{ op: 'replace', path: `${STRAPI_URN}:points`, value: 5 }, 'mutability'],
      ] as const) {
        expect(await send('PATCH', '/Users/u1', { body: request(operation) })).toMatchObject({ status: 400, body: { scimType } });
      }
    }
  });

  it('to the letter is applied', async () => {
    const operations = [
      { op: 'replace', path: 'id', value: 'u1' },
      { op: 'add', path: 'title', value: 'Dr' },
      { op: 'replace', path: 'name.givenName', value: 'Ada' },
      { op: 'add', path: 'emails', value: [{ value: 'b@example.org', type: 'home' }] },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'w@example.org' },
      { op: 'add', path: 'emails', value: { value: 'c@example.org', type: 'other' } },
      { op: 'remove', path: 'emails[type eq "other"]' },
      { op: 'replace', path: 'active', value: false },
      { op: 'add', path: `${ENTERPRISE_USER_URN}:manager`, value: { value: 'u2' } },
      { op: 'add', path: STRAPI_URN, value: { shoeSize: 43, points: 'ignored' } },
      { op: 'replace', path: 'nickName', value: null },
      { op: 'add', path: 'schemas', value: [ENTERPRISE_USER_URN] },
    ];
    expect((await over(true).send('PATCH', '/Users/u1', { body: request(...operations) })).body).toMatchObject({
      title: 'Dr',
      name: { givenName: 'Ada' },
      emails: [{ value: 'w@example.org', type: 'work' }, { value: 'b@example.org', type: 'home' }],
      active: false,
      [ENTERPRISE_USER_URN]: { manager: { value: 'u2' } },
      [STRAPI_URN]: { shoeSize: 43 },
    });
    for (const value of [[{ value: 'u1' }], { value: 'u1' }]) {
      const { send, service } = over(true);
      expect(await send('PATCH', '/Groups/g1', { body: request({ op: 'add', path: 'members', value }) })).toMatchObject({ status: 204 });
      expect(service.resources.Group.get('g1')?.members).toEqual([{ value: 'u1' }]);
    }
  });
});

it('.search names its schema, and nothing unknown', async () => {
  await onlyTolerant('POST', '/Users/.search', {}, 'invalidSyntax');
  await onlyTolerant('POST', '/.search', { schemas: [SEARCH], nonsense: 1 }, 'invalidSyntax');
  expect(await over(true).send('POST', '/Users/.search', { body: { schemas: [SEARCH], filter: 'userName eq "ada"' } })).toMatchObject({ status: 200 });
});

it('attributes and excludedAttributes exclude each other (RFC 7644 section 3.9)', async () => {
  const query = { attributes: 'userName,emails', excludedAttributes: 'emails.type' };
  expect((await over(false).send('GET', '/Users/u1', { query })).body).toEqual({ schemas: [USER_URN], id: 'u1', userName: 'ada', emails: [{ value: 'a@example.org' }] });
  expect(await over(true).send('GET', '/Users/u1', { query })).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
});
