/**
 * OneLogin. The bodies follow SCIM JSON templates that vendors publish for it: the core schema with the schema name of
 * SCIM 1.1, and the enterprise schema with `"id": null` and `manager.managerId`. OneLogin publishes no trace of its calls:
 * the order, the deprovisioning and the groups are reconstructed.
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const core = (userName: string) => ({
  schemas: ['urn:scim:schemas:core:1.0'],
  userName,
  name: { givenName: 'One', familyName: 'Login', formatted: 'One Login' },
});

const enterprise = (userName: string, more: object = {}) => ({
  [URN.enterprise]: { department: 'Sales', manager: { managerId: 'boss-7', displayName: 'Max Boss' } },
  active: 'true',
  emails: [{ value: `${userName}@onelogin.example`, type: 'work', primary: true }],
  meta: { resourceType: 'User' },
  name: { familyName: 'Login', givenName: 'One', formatted: 'One Login' },
  userName,
  id: null,
  schemas: [URN.user],
  ...more,
});

export const onelogin: ProviderDay[] = [
  {
    name: 'the core template of SCIM 1.1’s schema',
    headers: { 'Content-Type': 'application/json' },
    steps: [
      { what: 'look up', send: `GET /Users?${filtered('userName eq "one@onelogin.example"')}`, status: 200, answer: EMPTY_LIST },
      {
        what: 'create: only a name', send: 'POST /Users', body: core('one@onelogin.example'), status: 201, save: 'one',
        answer: { userName: 'one@onelogin.example', active: true, name: { formatted: 'One Login' } },
        // The name is an address: Strapi gets it.
        strapi: { 'one@onelogin.example': { email: 'one@onelogin.example', blocked: false } },
      },
      { what: 'update by PUT', send: 'PUT /Users/<one>', body: { ...core('one@onelogin.example'), name: { givenName: 'Two', familyName: 'Login' } }, status: 200, answer: { name: { givenName: 'Two' }, active: true } },
      { what: 'suspend by PUT', send: 'PUT /Users/<one>', body: { ...core('one@onelogin.example'), active: 'false' }, status: 200, answer: { active: false }, strapi: { 'one@onelogin.example': { blocked: true } } },
      { what: 'delete', send: 'DELETE /Users/<one>', status: 204, strapi: { 'one@onelogin.example': null } },
    ],
  },
  {
    name: 'the enterprise template',
    steps: [
      {
        what: 'create with id null, a boolean as text and managerId', send: 'POST /Users', body: enterprise('ones'), status: 201, save: 'one',
        answer: { active: true, [URN.enterprise]: { department: 'Sales', manager: { value: 'boss-7' } } }, strapi: { ones: { email: 'ones@onelogin.example', blocked: false } },
      },
      { what: 'a user without an address', send: 'POST /Users', body: enterprise('twos', { emails: [{ value: '', type: 'work', primary: true }] }), status: 201, save: 'two', without: ['emails'], strapi: { twos: { email: expect.stringMatching(/@users\.invalid$/) } } },
      { what: 'suspend by PATCH', send: 'PATCH /Users/<one>', body: patch({ op: 'replace', path: 'active', value: 'false' }), status: 200, answer: { active: false }, strapi: { ones: { blocked: true } } },
      { what: 'a group', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors' }, status: 201, save: 'editors' },
      { what: 'a member by PATCH', send: 'PATCH /Groups/<editors>', body: patch({ op: 'add', path: 'members', value: [{ value: '<two>' }] }), status: 204, members: { editors: ['two'] }, strapi: { twos: { role: 'Editors' } } },
      { what: 'delete', send: 'DELETE /Users/<two>', status: 204, members: { editors: [] }, strapi: { twos: null } },
    ],
  },
];
