/**
 * Microsoft Entra ID. Requests from "Develop and plan provisioning for a SCIM endpoint" and "Known issues with SCIM 2.0
 * protocol compliance" of Microsoft's documentation; app roles from "Customize user provisioning attribute-mappings".
 */
import { EMPTY_LIST, filtered, patch, URN, type ProviderDay, type Step } from '../../helpers/provider-day';

const ADSCIM = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
const GUID = '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef';

const person = (name: string, more: object = {}) => ({
  schemas: [URN.user, URN.enterprise],
  externalId: `${name}-mailNickname`,
  userName: `${name}@testuser.com`,
  active: true,
  emails: [{ primary: true, type: 'work', value: `${name}@testuser.com` }],
  meta: { resourceType: 'User' },
  name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
  roles: [],
  ...more,
});

/** What both forms of the client have in common; `p` keeps the days' people apart. */
const arrival = (p: string): Step[] => [
  { what: 'test connection: a random id', send: `GET /Users?${filtered(`userName eq "${GUID}"`)}`, status: 200, answer: EMPTY_LIST },
  { what: 'test connection: a random group', send: `GET /Groups?excludedAttributes=members&${filtered(`displayName eq "${GUID}"`)}`, status: 200, answer: EMPTY_LIST },
  { what: 'discover schemas', send: 'GET /Schemas', status: 200, answer: { totalResults: expect.any(Number) } },
  { what: 'look up by userName', send: `GET /Users?${filtered(`userName eq "${p}ann@testuser.com"`)}`, status: 200, answer: EMPTY_LIST },
  { what: 'look up by work e-mail', send: `GET /Users?${filtered(`emails[type eq "work"].value eq "${p}ann@testuser.com"`)}`, status: 200, answer: EMPTY_LIST },
  {
    what: 'create a user with empty roles', send: 'POST /Users', body: person(`${p}ann`), status: 201, save: 'ann', without: ['roles'],
    answer: { userName: `${p}ann@testuser.com`, active: true, externalId: `${p}ann-mailNickname`, name: { formatted: 'givenName familyName' }, emails: [{ value: `${p}ann@testuser.com`, type: 'work', primary: true }] },
    strapi: { [`${p}ann@testuser.com`]: { email: `${p}ann@testuser.com`, blocked: false, role: 'Authenticated', password: null } },
  },
  { what: 'create a second user', send: 'POST /Users', body: person(`${p}bob`), status: 201, save: 'bob' },
  { what: 'the same user again', send: 'POST /Users', body: person(`${p}ann`), status: 409, answer: { scimType: 'uniqueness' } },
  { what: 'find in another case', send: `GET /Users?${filtered(`userName eq "${p.toUpperCase()}ANN@TESTUSER.COM"`)}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<ann>' }] } },
  { what: 'find by externalId', send: `GET /Users?${filtered(`externalId eq "${p}ann-mailNickname"`)}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<ann>' }] } },
  { what: 'get a user that is not there', send: 'GET /Users/5171a35d82074e068ce2', status: 404 },
];

const groups = (p: string, removal: object): Step[] => [
  {
    what: 'create a group with the ADSCIM schema', send: 'POST /Groups', status: 201, save: 'editors',
    body: { schemas: [URN.group, ADSCIM], externalId: `${p}group`, displayName: 'CMS Editors', meta: { resourceType: 'Group' } },
    answer: { displayName: 'CMS Editors', externalId: `${p}group` },
  },
  { what: 'get the group without members', send: 'GET /Groups/<editors>?excludedAttributes=members', status: 200, answer: { displayName: 'CMS Editors' }, without: ['members'] },
  {
    what: 'find the group by name', send: `GET /Groups?excludedAttributes=members&${filtered('displayName eq "CMS Editors"')}`, status: 200,
    answer: { totalResults: 1, Resources: [{ id: '<editors>' }] },
  },
  {
    what: 'add members', send: 'PATCH /Groups/<editors>', status: 204,
    body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '<ann>' }, { $ref: null, value: '<bob>' }] }),
    members: { editors: ['ann', 'bob'] }, strapi: { [`${p}ann@testuser.com`]: { role: 'Editors' }, [`${p}bob@testuser.com`]: { role: 'Editors' } },
  },
  {
    what: 'add a member again', send: 'PATCH /Groups/<editors>', status: 204, body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '<ann>' }] }),
    members: { editors: ['ann', 'bob'] },
  },
  {
    what: 'remove one member only', send: 'PATCH /Groups/<editors>', status: 204, body: patch(removal),
    members: { editors: ['bob'] }, strapi: { [`${p}ann@testuser.com`]: { role: 'Authenticated' }, [`${p}bob@testuser.com`]: { role: 'Editors' } },
  },
  { what: 'rename the group', send: 'PATCH /Groups/<editors>', status: 204, body: patch({ op: 'Replace', path: 'displayName', value: 'CMS Authors' }), members: { editors: ['bob'] }, strapi: { [`${p}bob@testuser.com`]: { role: 'Authors' } } },
];

const departure = (p: string): Step[] => [
  { what: 'inactive users are still found', send: `GET /Users?${filtered(`userName eq "${p}ann.new@testuser.com"`)}`, status: 200, answer: { totalResults: 1, Resources: [{ id: '<ann>', active: false }] } },
  { what: 'delete a user', send: 'DELETE /Users/<bob>', status: 204, strapi: { [`${p}bob@testuser.com`]: null }, members: { editors: [] } },
  { what: 'delete a user again', send: 'DELETE /Users/<bob>', status: 404 },
  { what: 'the name of a deleted user is free', send: 'POST /Users', body: person(`${p}bob`), status: 201, save: 'bob2' },
  { what: 'delete the group', send: 'DELETE /Groups/<editors>', status: 204 },
  { what: 'the deleted group is gone', send: 'GET /Groups/<editors>', status: 404 },
];

const enterprise = (attribute: string): string => `${URN.enterprise}:${attribute}`;

export const entraId: ProviderDay[] = [
  {
    name: 'without the flag',
    steps: [
      ...arrival('a-'),
      {
        what: 'multi-valued properties', send: 'PATCH /Users/<ann>', status: 200,
        body: patch({ op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@microsoft.com' }, { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' }),
        answer: { emails: [{ value: 'updatedEmail@microsoft.com', type: 'work', primary: true }], name: { familyName: 'updatedFamilyName', givenName: 'givenName' } },
        strapi: { 'a-ann@testuser.com': { email: 'updatedemail@microsoft.com' } },
      },
      {
        what: 'one operation per attribute', send: 'PATCH /Users/<ann>', status: 200,
        body: patch(
          { op: 'Replace', path: 'displayName', value: 'Pvlo' },
          { op: 'Replace', path: 'emails[type eq "work"].value', value: 'TestBcwqnm@test.microsoft.com' },
          { op: 'Replace', path: 'name.givenName', value: 'Gtfd' },
          { op: 'Replace', path: 'name.familyName', value: 'Pkqf' },
          { op: 'Replace', path: 'externalId', value: 'Eqpj' },
          { op: 'Replace', path: enterprise('employeeNumber'), value: 'Eqpj' }
        ),
        answer: { displayName: 'Pvlo', externalId: 'Eqpj', name: { givenName: 'Gtfd', familyName: 'Pkqf' }, [URN.enterprise]: { employeeNumber: 'Eqpj' } },
        strapi: { 'a-ann@testuser.com': { email: 'testbcwqnm@test.microsoft.com' } },
      },
      { what: 'find by the new externalId', send: `GET /Users?${filtered('externalId eq "Eqpj"')}`, status: 200, answer: { totalResults: 1 } },
      { what: 'add a single value', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Add', path: 'nickName', value: 'Babs' }), answer: { nickName: 'Babs' } },
      {
        what: 'elements that do not exist yet', send: 'PATCH /Users/<ann>', status: 200,
        body: patch(
          { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 425 555 0109' },
          { op: 'Add', path: 'addresses[type eq "work"].formatted', value: '1 Microsoft Way' },
          { op: 'Add', path: 'addresses[type eq "work"].country', value: 'US' }
        ),
        answer: { phoneNumbers: [{ type: 'mobile', value: '+1 425 555 0109' }], addresses: [{ type: 'work', formatted: '1 Microsoft Way', country: 'US' }] },
      },
      {
        what: 'the manager as a bare id', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Add', path: enterprise('manager'), value: '<bob>' }),
        answer: { [URN.enterprise]: { manager: { value: '<bob>', displayName: 'givenName familyName' } } },
      },
      { what: 'the manager taken away', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Remove', path: enterprise('manager') }), answer: { [URN.enterprise]: { employeeNumber: 'Eqpj' } } },
      {
        what: 'app roles, a JSON text inside value', send: 'PATCH /Users/<ann>', status: 200,
        body: patch({ op: 'Add', path: 'roles', value: [{ value: '{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"25","displayName":"Role1234"}' }] }),
        answer: { roles: [{ value: '25', display: 'Role1234' }] },
      },
      {
        what: 'a primary role, with a quoted boolean', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Admin' }),
        answer: { roles: expect.arrayContaining([expect.objectContaining({ value: 'Admin', primary: true })]) },
      },
      {
        what: 'rename', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'userName', value: 'a-ann.new@testuser.com' }),
        answer: { userName: 'a-ann.new@testuser.com' }, strapi: { 'a-ann@testuser.com': null, 'a-ann.new@testuser.com': { blocked: false } },
      },
      ...groups('a-', { op: 'Remove', path: 'members', value: [{ $ref: null, value: '<ann>' }] }).map((step) => ({
        ...step,
        ...(step.strapi ? { strapi: Object.fromEntries(Object.entries(step.strapi).map(([name, state]) => [name.replace('a-ann@', 'a-ann.new@'), state])) } : {}),
      })),
      { what: 'disable with "False"', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'active', value: 'False' }), answer: { active: false }, strapi: { 'a-ann.new@testuser.com': { blocked: true } } },
      { what: 'disable again', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'active', value: 'False' }), answer: { active: false }, strapi: { 'a-ann.new@testuser.com': { blocked: true } } },
      { what: 'enable with "True"', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'active', value: 'True' }), answer: { active: true }, strapi: { 'a-ann.new@testuser.com': { blocked: false } } },
      { what: 'disable with false', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'active', value: false }), answer: { active: false }, strapi: { 'a-ann.new@testuser.com': { blocked: true } } },
      ...departure('a-'),
    ],
  },
  {
    name: 'with aadOptscim062020',
    steps: [
      { what: 'the flag in the query says nothing to the server', send: `GET /Users?aadOptscim062020&${filtered(`userName eq "${GUID}"`)}`, status: 200, answer: EMPTY_LIST },
      ...arrival('b-'),
      {
        what: 'many attributes in one value', send: 'PATCH /Users/<ann>', status: 200,
        body: patch(
          { op: 'replace', path: 'emails[type eq "work"].value', value: 'TestMhvaes@test.microsoft.com' },
          { op: 'replace', value: { displayName: 'Bjfe', 'name.givenName': 'Kkom', 'name.familyName': 'Unua', [enterprise('employeeNumber')]: 'Aklq' } }
        ),
        answer: { displayName: 'Bjfe', name: { givenName: 'Kkom', familyName: 'Unua' }, [URN.enterprise]: { employeeNumber: 'Aklq' }, emails: [{ value: 'TestMhvaes@test.microsoft.com' }] },
        strapi: { 'b-ann@testuser.com': { email: 'testmhvaes@test.microsoft.com' } },
      },
      { what: 'nothing was kept under the names of paths', send: 'GET /Users/<ann>', status: 200, without: ['name.givenName', enterprise('employeeNumber')] },
      { what: 'add a single value', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'add', path: 'nickName', value: 'Babs' }), answer: { nickName: 'Babs' } },
      { what: 'rename', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'replace', value: { userName: 'b-ann.new@testuser.com' } }), strapi: { 'b-ann@testuser.com': null, 'b-ann.new@testuser.com': {} } },
      ...groups('b-', { op: 'remove', path: 'members[value eq "<ann>"]' }).map((step) => ({
        ...step,
        ...(step.strapi ? { strapi: Object.fromEntries(Object.entries(step.strapi).map(([name, state]) => [name.replace('b-ann@', 'b-ann.new@'), state])) } : {}),
      })),
      { what: 'disable with false', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'replace', path: 'active', value: false }), answer: { active: false }, strapi: { 'b-ann.new@testuser.com': { blocked: true } } },
      // On-demand provisioning does not know the flag: the same tenant sends both forms.
      { what: 'on demand: enable with "True"', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'Replace', path: 'active', value: 'True' }), answer: { active: true }, strapi: { 'b-ann.new@testuser.com': { blocked: false } } },
      { what: 'disable in one value', send: 'PATCH /Users/<ann>', status: 200, body: patch({ op: 'replace', value: { active: false } }), answer: { active: false }, strapi: { 'b-ann.new@testuser.com': { blocked: true } } },
      ...departure('b-'),
    ],
  },
];
