/**
 * authentik as client: its source code (providers/scim) and the bodies its own tests assert. PUT for users; groups by one
 * PATCH without a path, members one operation each; before that it reads the group and compares.
 */
import { filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const person = (uid: string, externalId: string, name = `${uid} ${uid}`) => ({
  schemas: [URN.user],
  active: true,
  emails: [{ primary: true, type: 'other', value: `${uid}@goauthentik.io` }],
  externalId,
  name: { familyName: uid, formatted: name, givenName: uid },
  displayName: name,
  userName: uid,
});

const SLACK = 'urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User';
const group = { schemas: [URN.group], displayName: 'CMS Editors', externalId: '7a5e' };

export const authentik: ProviderDay[] = [
  {
    name: 'a full sync, twice',
    headers: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
    steps: [
      { what: 'what the server can do', send: 'GET /ServiceProviderConfig', status: 200, answer: { patch: { supported: true }, bulk: { maxOperations: expect.any(Number) } } },
      { what: 'discover users', send: 'GET /Users', status: 200, answer: { totalResults: expect.any(Number) } },
      { what: 'create a user', send: 'POST /Users', body: person('authentik1', 'hash-1'), status: 201, save: 'one', answer: { emails: [{ type: 'other', primary: true }] }, strapi: { authentik1: { email: 'authentik1@goauthentik.io', blocked: false } } },
      { what: 'create a user with another vendor’s extension', send: 'POST /Users', body: { ...person('authentik2', 'hash-2'), schemas: [URN.user, SLACK], [SLACK]: { startDate: '2024-04-10T00:00:00+0000' } }, status: 201, save: 'two', answer: { [SLACK]: { startDate: '2024-04-10T00:00:00+0000' } } },
      { what: 'create a group', send: 'POST /Groups', body: group, status: 201, save: 'editors', answer: { displayName: 'CMS Editors' } },
      { what: 'members, one operation each', send: 'PATCH /Groups/<editors>', body: patch({ op: 'add', path: 'members', value: [{ value: '<one>' }] }, { op: 'add', path: 'members', value: [{ value: '<two>' }] }), status: 204, members: { editors: ['one', 'two'] }, strapi: { authentik1: { role: 'Editors' } } },
      // A second full sync must not meet its own objects as conflicts (goauthentik/authentik#12827).
      { what: 'second sync: the user by PUT', send: 'PUT /Users/<one>', body: { ...person('authentik1', 'hash-1'), id: '<one>' }, status: 200, answer: { id: '<one>', userName: 'authentik1' } },
      { what: 'second sync: a new name', send: 'PUT /Users/<one>', body: { ...person('authentik1', 'hash-1', 'foo bar'), id: '<one>' }, status: 200, answer: { displayName: 'foo bar', name: { formatted: 'foo bar' } } },
      { what: 'second sync: the group without a path', send: 'PATCH /Groups/<editors>', body: patch({ op: 'replace', value: { ...group, id: '<editors>' } }), status: 204, members: { editors: ['one', 'two'] } },
      { what: 'second sync: read the members', send: 'GET /Groups/<editors>', status: 200, answer: { members: expect.arrayContaining([expect.objectContaining({ value: expect.any(String) })]) } },
      { what: 'second sync: one member less', send: 'PATCH /Groups/<editors>', body: patch({ op: 'remove', path: 'members', value: [{ value: '<two>' }] }), status: 204, members: { editors: ['one'] }, strapi: { authentik2: { role: 'Authenticated' } } },
      { what: 'a user that exists is refused and found', send: 'POST /Users', body: person('authentik1', 'hash-9'), status: 409, answer: { scimType: 'uniqueness', detail: expect.stringContaining('authentik1') } },
      { what: 'and its look-up answers it', send: `GET /Users?${filtered('userName eq "authentik1"')}`, status: 200, answer: { Resources: [{ id: '<one>' }] } },
      { what: 'AWS mode: one replace per attribute', send: 'PATCH /Groups/<editors>', body: patch({ op: 'replace', path: 'displayName', value: 'CMS Authors' }, { op: 'replace', path: 'externalId', value: '7a5f' }), status: 204, members: { editors: ['one'] }, strapi: { authentik1: { role: 'Authors' } } },
      { what: 'delete the user', send: 'DELETE /Users/<one>', status: 204, strapi: { authentik1: null }, members: { editors: [] } },
      { what: 'delete the group', send: 'DELETE /Groups/<editors>', status: 204 },
    ],
  },
];
