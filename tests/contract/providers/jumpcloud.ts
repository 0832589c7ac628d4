/**
 * JumpCloud, custom SCIM integration. Documented: a test user and a test group that are deleted again, members in Entra
 * ID's form, groups removed from the application deactivate their members. The bodies are reconstructed.
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const person = (userName: string, more: object = {}) => ({
  schemas: [URN.user],
  userName,
  name: { familyName: 'Cloud', givenName: 'Jump' },
  displayName: 'Jump Cloud',
  emails: [{ value: `${userName}@jumpcloud.example`, type: 'work', primary: true }],
  active: true,
  ...more,
});

export const jumpcloud: ProviderDay[] = [
  {
    name: 'activating the integration',
    steps: [
      { what: 'read users', send: 'GET /Users?startIndex=1&count=1', status: 200, answer: { schemas: [URN.list] } },
      { what: 'a test user', send: 'POST /Users', body: person('jumpcloud-test'), status: 201, save: 'test' },
      { what: 'a test group', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'JumpCloud Test Group', members: [{ value: '<test>' }] }, status: 201, save: 'group', members: { group: ['test'] } },
      { what: 'update the test user', send: 'PUT /Users/<test>', body: person('jumpcloud-test', { displayName: 'Updated' }), status: 200, answer: { displayName: 'Updated' } },
      { what: 'delete the test group', send: 'DELETE /Groups/<group>', status: 204 },
      { what: 'delete the test user', send: 'DELETE /Users/<test>', status: 204, strapi: { 'jumpcloud-test': null } },
      { what: 'nothing of it is left', send: `GET /Users?${filtered('userName eq "jumpcloud-test"')}`, status: 200, answer: EMPTY_LIST },
      { what: 'no group either', send: 'GET /Groups', status: 200, answer: EMPTY_LIST },
    ],
  },
  {
    name: 'a day',
    steps: [
      { what: 'look up', send: `GET /Users?${filtered('userName eq "jump1"')}`, status: 200, answer: EMPTY_LIST },
      { what: 'create', send: 'POST /Users', body: person('jump1'), status: 201, save: 'one', strapi: { jump1: { email: 'jump1@jumpcloud.example', blocked: false } } },
      { what: 'create another', send: 'POST /Users', body: person('jump2'), status: 201, save: 'two' },
      { what: 'a group with its members', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors', members: [{ value: '<one>' }, { value: '<two>' }] }, status: 201, save: 'editors', members: { editors: ['one', 'two'] }, strapi: { jump1: { role: 'Editors' } } },
      { what: 'take over the group by its name', send: `GET /Groups?${filtered('displayName eq "cms editors"')}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<editors>' }] } },
      { what: 'remove a member by value', send: 'PATCH /Groups/<editors>', body: patch({ op: 'remove', path: 'members', value: [{ value: '<one>' }] }), status: 204, members: { editors: ['two'] }, strapi: { jump1: { role: 'Authenticated' }, jump2: { role: 'Editors' } } },
      { what: 'add a member by value', send: 'PATCH /Groups/<editors>', body: patch({ op: 'add', path: 'members', value: [{ value: '<one>' }] }), status: 204, members: { editors: ['one', 'two'] } },
      { what: 'the group leaves the application: members are deactivated', send: 'PUT /Users/<two>', body: person('jump2', { active: false }), status: 200, answer: { active: false }, strapi: { jump2: { blocked: true } } },
      { what: 'and come back', send: 'PUT /Users/<two>', body: person('jump2'), status: 200, answer: { active: true }, strapi: { jump2: { blocked: false, role: 'Editors' } } },
    ],
  },
];
