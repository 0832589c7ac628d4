/**
 * The same requests of Okta and Entra ID against the people of the admin panel: names have fields, roles are many, the
 * e-mail address is what they sign in by. Sources as in okta.test.ts and entra-id.test.ts.
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay } from '../../helpers/provider-day';

const person = (email: string, more: object = {}) => ({
  schemas: [URN.user],
  userName: email,
  externalId: `ext-${email}`,
  name: { givenName: 'Eda', familyName: 'Editor' },
  emails: [{ primary: true, value: email, type: 'work' }],
  displayName: 'Eda Editor',
  active: true,
  ...more,
});
const connection = { population: 'admin-users' } as const;

export const adminUsers: ProviderDay[] = [
  {
    name: 'Okta',
    connection,
    headers: { 'User-Agent': 'Okta SCIM Client 1.0.0' },
    steps: [
      { what: 'look up', send: `GET /Users?${filtered('userName eq "eda@panel.example"')}&startIndex=1&count=100`, status: 200, answer: EMPTY_LIST },
      {
        what: 'create, with a password that is dropped', send: 'POST /Users', body: person('eda@panel.example', { password: '1mz050nq', groups: [] }), status: 201, save: 'eda',
        answer: { userName: 'eda@panel.example', name: { givenName: 'Eda', familyName: 'Editor' }, displayName: 'Eda Editor', active: true },
        admins: { 'eda@panel.example': { firstname: 'Eda', lastname: 'Editor', username: null, isActive: true, password: null, roles: [] } },
      },
      { what: 'create again', send: 'POST /Users', body: person('EDA@panel.example', { externalId: 'other' }), status: 409, answer: { scimType: 'uniqueness' } },
      { what: 'update by PUT', send: 'PUT /Users/<eda>', body: person('eda@panel.example', { id: '<eda>', name: { givenName: 'Edda', familyName: 'Editor' } }), status: 200, admins: { 'eda@panel.example': { firstname: 'Edda', isActive: true } } },
      { what: 'push a group with a member', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Editors', members: [{ value: '<eda>' }] }, status: 201, save: 'editors', admins: { 'eda@panel.example': { roles: ['Editor'] } } },
      { what: 'push a second one', send: 'POST /Groups', body: { schemas: [URN.group], displayName: 'CMS Authors', members: [{ value: '<eda>' }] }, status: 201, save: 'authors', admins: { 'eda@panel.example': { roles: ['Author', 'Editor'] } } },
      { what: 'leave the first', send: 'PATCH /Groups/<editors>', body: patch({ op: 'remove', path: 'members[value eq "<eda>"]' }), status: 204, members: { editors: [], authors: ['eda'] }, admins: { 'eda@panel.example': { roles: ['Author'] } } },
      { what: 'deactivate by PUT', send: 'PUT /Users/<eda>', body: person('eda@panel.example', { active: false }), status: 200, answer: { active: false }, admins: { 'eda@panel.example': { isActive: false } } },
      { what: 'reactivate by PATCH', send: 'PATCH /Users/<eda>', body: patch({ op: 'replace', value: { active: true } }), status: 200, answer: { active: true }, admins: { 'eda@panel.example': { isActive: true, roles: ['Author'] } } },
      { what: 'a PUT without active', send: 'PUT /Users/<eda>', body: person('eda@panel.example', { active: undefined, name: undefined }), status: 200, answer: { active: true }, admins: { 'eda@panel.example': { isActive: true, roles: ['Author'] } } },
    ],
  },
  {
    name: 'Entra ID',
    connection,
    steps: [
      { what: 'test connection', send: `GET /Users?${filtered('userName eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"')}`, status: 200, answer: EMPTY_LIST },
      { what: 'create with a userName that is no address', send: 'POST /Users', body: person('lee', { emails: [{ primary: true, type: 'work', value: 'Lee.Gu@panel.example' }] }), status: 201, save: 'lee', answer: { userName: 'lee' }, admins: { 'lee.gu@panel.example': { username: 'lee', isActive: true } } },
      { what: 'a new address and name', send: 'PATCH /Users/<lee>', body: patch({ op: 'Replace', path: 'emails[type eq "work"].value', value: 'lee.new@panel.example' }, { op: 'Replace', path: 'name.familyName', value: 'Gu' }), status: 200, answer: { name: { familyName: 'Gu' } }, admins: { 'lee.gu@panel.example': null, 'lee.new@panel.example': { lastname: 'Gu', username: 'lee' } } },
      { what: 'a role by a group', send: 'POST /Groups', body: { displayName: 'CMS Editors' }, status: 201, save: 'group' },
      { what: 'member added', send: 'PATCH /Groups/<group>', body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '<lee>' }] }), status: 204, admins: { 'lee.new@panel.example': { roles: ['Editor'] } } },
      { what: 'disable with "False"', send: 'PATCH /Users/<lee>', body: patch({ op: 'Replace', path: 'active', value: 'False' }), status: 200, answer: { active: false }, admins: { 'lee.new@panel.example': { isActive: false } } },
      { what: 'delete', send: 'DELETE /Users/<lee>', status: 204, admins: { 'lee.new@panel.example': null }, members: { group: [] } },
      { what: 'gone', send: 'GET /Users/<lee>', status: 404 },
    ],
  },
];
