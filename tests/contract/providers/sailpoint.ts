/**
 * SailPoint, SCIM 2.0 connector. Documented by its forum: disabling as `add` without a path. Aggregation reads discovery
 * and pages by index. The rest is reconstructed.
 */
import { filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const person = (userName: string) => ({
  schemas: [URN.user],
  userName,
  name: { givenName: 'Sail', familyName: 'Point' },
  emails: [{ value: `${userName}@sail.example`, type: 'work', primary: true }],
  active: true,
});

export const sailpoint: ProviderDay[] = [
  {
    name: 'a day',
    headers: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
    steps: [
      { what: 'what the server can do', send: 'GET /ServiceProviderConfig', status: 200, answer: { patch: { supported: true }, filter: { supported: true } } },
      { what: 'its resource types', send: 'GET /ResourceTypes', status: 200, answer: { totalResults: 2 } },
      { what: 'its schemas', send: 'GET /Schemas', status: 200 },
      { what: 'create', send: 'POST /Users', body: person('sail1'), status: 201, save: 'one' },
      { what: 'create another', send: 'POST /Users', body: person('sail2'), status: 201, save: 'two' },
      { what: 'aggregate: first page', send: 'GET /Users?startIndex=1&count=1', status: 200, answer: { startIndex: 1, itemsPerPage: 1 } },
      { what: 'aggregate: second page', send: 'GET /Users?startIndex=2&count=1', status: 200, answer: { startIndex: 2, itemsPerPage: 1 } },
      { what: 'disable by add', send: 'PATCH /Users/<one>', body: patch({ op: 'add', value: { active: false } }), status: 200, answer: { active: false }, strapi: { sail1: { blocked: true } } },
      { what: 'enable by add', send: 'PATCH /Users/<one>', body: patch({ op: 'add', value: { active: true } }), status: 200, answer: { active: true }, strapi: { sail1: { blocked: false } } },
      { what: 'add on singular attributes replaces', send: 'PATCH /Users/<one>', body: patch({ op: 'add', path: 'displayName', value: 'A' }, { op: 'add', path: 'displayName', value: 'B' }, { op: 'add', path: 'name.familyName', value: 'New' }), status: 200, answer: { displayName: 'B', name: { givenName: 'Sail', familyName: 'New' } } },
      { what: 'remove an attribute', send: 'PATCH /Users/<one>', body: patch({ op: 'remove', path: 'displayName' }), status: 200, without: ['displayName'] },
      { what: 'an entitlement', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors' }, status: 201, save: 'editors' },
      { what: 'grant it', send: 'PATCH /Groups/<editors>', body: patch({ op: 'add', path: 'members', value: [{ value: '<one>' }] }), status: 204, members: { editors: ['one'] }, strapi: { sail1: { role: 'Editors' } } },
      { what: 'the user shows it', send: 'GET /Users/<one>', status: 200, answer: { groups: [{ value: '<editors>', display: 'CMS Editors' }] } },
      { what: 'revoke it', send: 'PATCH /Groups/<editors>', body: patch({ op: 'remove', path: 'members[value eq "<one>"]' }), status: 204, members: { editors: [] }, strapi: { sail1: { role: 'Authenticated' } } },
      { what: 'look up', send: `GET /Users?${filtered('userName eq "SAIL2"')}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<two>' }] } },
      { what: 'delete', send: 'DELETE /Users/<two>', status: 204, strapi: { sail2: null } },
    ],
  },
];
