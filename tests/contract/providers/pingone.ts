/**
 * PingOne, SCIM outbound. Documented: a configurable filter expression and users resource, disabled users, update or
 * disable or delete as deprovisioning, groups. The bodies are reconstructed.
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const person = (userName: string, more: object = {}) => ({
  schemas: [URN.user, URN.enterprise],
  externalId: `ping-${userName}`,
  userName,
  active: true,
  name: { givenName: 'Ping', familyName: 'One', formatted: '' },
  displayName: null,
  emails: [{ value: `${userName}@ping.example`, type: 'work', primary: true }],
  phoneNumbers: [],
  [URN.enterprise]: { employeeNumber: '42', manager: null },
  ...more,
});

export const pingone: ProviderDay[] = [
  {
    name: 'a day',
    headers: { 'Content-Type': 'application/scim+json', Accept: 'application/scim+json, application/json' },
    steps: [
      { what: 'look up by the configured filter', send: `GET /Users/?${filtered('userName Eq "ping1"')}`, status: 200, answer: EMPTY_LIST },
      { what: 'create, with null and empty values', send: 'POST /Users/', body: person('ping1'), status: 201, save: 'one', without: ['displayName', 'phoneNumbers'], answer: { [URN.enterprise]: { employeeNumber: '42' } }, strapi: { ping1: { blocked: false } } },
      { what: 'create a disabled user', send: 'POST /Users', body: person('ping2', { active: false }), status: 201, save: 'two', answer: { active: false }, strapi: { ping2: { blocked: true } } },
      { what: 'a filter of two terms', send: `GET /Users?${filtered('userName eq "ping2" and active eq false')}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<two>' }] } },
      { what: 'update by PUT', send: 'PUT /Users/<one>', body: person('ping1', { displayName: 'Ping One', title: 'Dr' }), status: 200, answer: { displayName: 'Ping One', title: 'Dr', externalId: 'ping-ping1' } },
      { what: 'disable by PUT', send: 'PUT /Users/<one>', body: person('ping1', { active: false }), status: 200, answer: { active: false }, without: ['title'], strapi: { ping1: { blocked: true } } },
      { what: 'a group', send: 'POST /Groups', body: { schemas: [URN.group], externalId: 'g', displayName: 'CMS Editors', members: [{ value: '<two>' }] }, status: 201, save: 'editors', members: { editors: ['two'] }, strapi: { ping2: { role: 'Editors' } } },
      { what: 'membership merged', send: 'PATCH /Groups/<editors>', body: patch({ op: 'add', path: 'members', value: [{ value: '<one>', type: 'User' }] }), status: 204, members: { editors: ['one', 'two'] } },
      { what: 'membership overwritten', send: 'PATCH /Groups/<editors>', body: patch({ op: 'replace', path: 'members', value: [{ value: '<one>' }] }), status: 204, members: { editors: ['one'] }, strapi: { ping2: { role: 'Authenticated' } } },
      { what: 'remove: delete', send: 'DELETE /Users/<one>', status: 204, members: { editors: [] }, strapi: { ping1: null } },
    ],
  },
];
