/**
 * Okta. Requests from "Okta and SCIM Version 2.0" of its developer documentation: a custom integration (App Integration
 * Wizard) updates everything by PUT, one of the catalogue (OIN) deactivates and changes groups by PATCH. The test
 * connection as Delinea documents it for Okta.
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay, type Step } from '../../helpers/provider-day';

const headers = { 'User-Agent': 'Okta SCIM Client 1.0.0', 'Content-Type': 'application/scim+json; charset=utf-8', Accept: 'application/scim+json' };

const person = (userName: string, externalId: string) => ({
  schemas: [URN.user],
  userName,
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: userName, type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId,
  groups: [],
  password: '1mz050nq',
  active: true,
});

const read = (id: string, userName: string, more: object = {}) => ({
  schemas: [URN.user],
  id,
  userName,
  name: { givenName: 'Another', middleName: '', familyName: 'User' },
  emails: [{ primary: true, value: userName, type: 'work', display: userName }],
  active: true,
  groups: [],
  meta: { resourceType: 'User' },
  ...more,
});

const lookup = (userName: string): string => `GET /Users?${filtered(`userName eq "${userName}"`)}&startIndex=1&count=100`;

const arrival = (p: string): Step[] => [
  { what: 'test connection', send: 'GET /Users?startIndex=1&count=2', status: 200, answer: { schemas: [URN.list], startIndex: 1, totalResults: expect.any(Number) } },
  { what: 'look up', send: lookup(`${p}@okta.local`), status: 200, answer: EMPTY_LIST },
  {
    what: 'create with password and groups', send: 'POST /Users', body: person(`${p}@okta.local`, `${p}-00ujl29u0le5T6Aj10h7`), status: 201, save: 'ann', without: ['groups', 'password'],
    answer: { externalId: `${p}-00ujl29u0le5T6Aj10h7`, displayName: 'Test User', locale: 'en-US', active: true, name: { givenName: 'Test', familyName: 'User' } },
    // The password makes a sign-in past Okta: it is dropped unless the connection accepts it.
    strapi: { [`${p}@okta.local`]: { email: `${p}@okta.local`, blocked: false, role: 'Authenticated', password: null } },
  },
  { what: 'create again', send: 'POST /Users', body: { ...person(`${p}@okta.local`, 'other'), displayName: 'Wrong' }, status: 409 },
  { what: 'the refused one changed nothing', send: 'GET /Users/<ann>', status: 200, answer: { displayName: 'Test User' } },
  { what: 'create a second one', send: 'POST /Users', body: person(`${p}-2@okta.local`, `${p}-2`), status: 201, save: 'bob' },
  { what: 'import, first page', send: 'GET /Users?startIndex=1&count=100', status: 200, answer: { startIndex: 1, Resources: expect.arrayContaining([expect.objectContaining({ userName: `${p}@okta.local` })]) } },
  { what: 'import, past the end', send: 'GET /Users?startIndex=101&count=100', status: 200, answer: { startIndex: 101, itemsPerPage: 0 } },
];

export const okta: ProviderDay[] = [
  {
    name: 'a custom integration: PUT',
    headers,
    steps: [
      ...arrival('aiw'),
      {
        what: 'the whole user by PUT', send: 'PUT /Users/<ann>', status: 200,
        body: read('<ann>', 'aiw@okta.local', { name: { givenName: 'Another', middleName: 'Excited', familyName: 'User' } }),
        answer: { id: '<ann>', name: { givenName: 'Another', middleName: 'Excited', familyName: 'User' }, emails: [{ display: 'aiw@okta.local' }], active: true },
        strapi: { 'aiw@okta.local': { blocked: false, role: 'Authenticated' } },
      },
      { what: 'what the PUT left out is cleared', send: 'GET /Users/<ann>', status: 200, without: ['locale', 'displayName'] },
      { what: 'deactivate by PUT', send: 'PUT /Users/<ann>', body: read('<ann>', 'aiw@okta.local', { active: false }), status: 200, answer: { active: false }, strapi: { 'aiw@okta.local': { blocked: true } } },
      { what: 'an inactive user is found and can be linked again', send: lookup('aiw@okta.local'), status: 200, answer: { totalResults: 1, Resources: [{ id: '<ann>', active: false }] } },
      { what: 'reactivate by PUT', send: 'PUT /Users/<ann>', body: read('<ann>', 'aiw@okta.local'), status: 200, answer: { active: true }, strapi: { 'aiw@okta.local': { blocked: false } } },
      { what: 'push a group without members', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors', members: [] }, status: 201, save: 'editors', answer: { displayName: 'CMS Editors' } },
      {
        what: 'members by PUT', send: 'PUT /Groups/<editors>', status: 200,
        body: { schemas: [URN.group], id: '<editors>', displayName: 'CMS Editors', members: [{ value: '<ann>', display: 'aiw@okta.local' }, { value: '<bob>', display: 'aiw-2@okta.local' }] },
        answer: { displayName: 'CMS Editors' }, members: { editors: ['ann', 'bob'] }, strapi: { 'aiw@okta.local': { role: 'Editors' } },
      },
      {
        what: 'a PUT of the user without active and groups', send: 'PUT /Users/<ann>', status: 200,
        body: { schemas: [URN.user], id: '<ann>', userName: 'aiw@okta.local', emails: [{ primary: true, value: 'aiw@okta.local', type: 'work' }] },
        answer: { active: true }, members: { editors: ['ann', 'bob'] }, strapi: { 'aiw@okta.local': { blocked: false, role: 'Editors' } },
      },
      { what: 'a PUT of the user with an empty list of groups', send: 'PUT /Users/<ann>', body: read('<ann>', 'aiw@okta.local'), status: 200, members: { editors: ['ann', 'bob'] }, strapi: { 'aiw@okta.local': { role: 'Editors' } } },
      { what: 'a group PUT without members keeps them', send: 'PUT /Groups/<editors>', body: { schemas: [URN.group], displayName: 'CMS Authors' }, status: 200, members: { editors: ['ann', 'bob'] }, strapi: { 'aiw@okta.local': { role: 'Authors' } } },
      { what: 'one member less by PUT', send: 'PUT /Groups/<editors>', body: { schemas: [URN.group], displayName: 'CMS Authors', members: [{ value: '<bob>' }] }, status: 200, members: { editors: ['bob'] }, strapi: { 'aiw@okta.local': { role: 'Authenticated' } } },
      { what: 'no members by PUT', send: 'PUT /Groups/<editors>', body: { schemas: [URN.group], displayName: 'CMS Authors', members: [] }, status: 200, members: { editors: [] }, strapi: { 'aiw-2@okta.local': { role: 'Authenticated' } } },
      { what: 'unlink: delete the group', send: 'DELETE /Groups/<editors>', status: 204 },
    ],
  },
  {
    name: 'an integration of the catalogue: PATCH',
    headers,
    steps: [
      ...arrival('oin'),
      { what: 'deactivate without a path', send: 'PATCH /Users/<ann>', body: patch({ op: 'replace', value: { active: false } }), status: 200, answer: { active: false }, strapi: { 'oin@okta.local': { blocked: true } } },
      { what: 'activate without a path', send: 'PATCH /Users/<ann>', body: patch({ op: 'replace', value: { active: true } }), status: 200, answer: { active: true }, strapi: { 'oin@okta.local': { blocked: false } } },
      { what: 'a password by PATCH is dropped', send: 'PATCH /Users/<ann>', body: patch({ op: 'replace', value: { password: 'n3w-Passw0rd' } }), status: 200, strapi: { 'oin@okta.local': { password: null, blocked: false } } },
      {
        what: 'a profile update by PUT', send: 'PUT /Users/<ann>', status: 200, body: read('<ann>', 'oin@okta.local', { emails: [{ primary: true, value: 'new@okta.local', type: 'work' }] }),
        answer: { emails: [{ value: 'new@okta.local' }] }, strapi: { 'oin@okta.local': { email: 'new@okta.local' } },
      },
      { what: 'push a group', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors', members: [] }, status: 201, save: 'editors' },
      { what: 'the name with the id, sent with every membership', send: 'PATCH /Groups/<editors>', body: patch({ op: 'replace', value: { id: '<editors>', displayName: 'CMS Editors' } }), status: 204 },
      {
        what: 'remove one who is no member and add one', send: 'PATCH /Groups/<editors>', status: 204,
        body: patch({ op: 'remove', path: 'members[value eq "<bob>"]' }, { op: 'add', path: 'members', value: [{ value: '<ann>', display: 'oin@okta.local' }] }),
        members: { editors: ['ann'] }, strapi: { 'oin@okta.local': { role: 'Editors' } },
      },
      {
        what: 'all members at once', send: 'PATCH /Groups/<editors>', status: 204, body: patch({ op: 'replace', path: 'members', value: [{ value: '<bob>', display: 'x' }, { value: '<ann>', display: 'y' }] }),
        members: { editors: ['ann', 'bob'] }, strapi: { 'oin-2@okta.local': { role: 'Editors' } },
      },
      { what: 'remove one of two', send: 'PATCH /Groups/<editors>', body: patch({ op: 'remove', path: 'members[value eq "<ann>"]' }), status: 204, members: { editors: ['bob'] }, strapi: { 'oin@okta.local': { role: 'Authenticated' }, 'oin-2@okta.local': { role: 'Editors' } } },
      { what: 'import groups', send: 'GET /Groups?startIndex=1&count=100', status: 200, answer: { totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [{ displayName: 'CMS Editors', members: [{ value: '<bob>' }] }] } },
      { what: 'does the group still exist', send: 'GET /Groups/<editors>', status: 200, answer: { id: '<editors>' } },
      { what: 'unlink: delete the group', send: 'DELETE /Groups/<editors>', status: 204, strapi: { 'oin-2@okta.local': { role: 'Authenticated' } } },
    ],
  },
];
