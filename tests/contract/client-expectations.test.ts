/** What validators of identity providers, gateways and open clients expect of a SCIM server, beside the RFCs' own words. */
import { createInbound } from '../helpers/connections';
import { describeProviders, EMPTY_LIST, filtered, patch, URN, type Step } from '../helpers/provider-day';
import { userSchema } from '../../server/src/scim/schema/user';

const optional = userSchema.attributes.filter(({ name, mutability }) => !['userName', 'active', 'password'].includes(name) && mutability !== 'readOnly').map(({ name }) => name);
const enterprise = (attribute: string): string => `${URN.enterprise}:${attribute}`;
const full = {
  schemas: [URN.user, URN.enterprise],
  userName: 'unassigned',
  displayName: 'D', nickName: 'N', title: 'T', name: { givenName: 'G', familyName: 'F' },
  emails: [{ value: 'unassigned@example.com', type: 'work', primary: true }], phoneNumbers: [{ value: '1', type: 'work' }],
  [URN.enterprise]: { department: 'X', manager: { value: 'm' } },
};
const unassigned: [string, unknown][] = [['null', null], ['an empty text', ''], ['an empty list', []]];

/** Every optional attribute at once: what is unassigned is simply not there. */
const withUnassigned = (value: unknown): object => Object.fromEntries(optional.map((name) => [name, value]));

describeProviders(
  { 'What clients expect': [
    {
      name: 'unassigned has three spellings',
      steps: [
        ...unassigned.map(([what, value], index): Step => ({
          what: `POST with ${what} on every optional attribute`, send: 'POST /Users', body: { ...withUnassigned(value), schemas: [URN.user], userName: `unassigned-${index}`, [URN.enterprise]: { department: value, manager: value } },
          status: 201, without: optional,
        })),
        ...unassigned.flatMap(([what, value], index): Step[] => [
          { what: `a full user, for ${what}`, send: 'POST /Users', body: { ...full, userName: `full-${index}`, emails: [{ ...full.emails[0], value: `full-${index}@example.com` }] }, status: 201, save: `put${index}`, answer: { title: 'T' } },
          {
            what: `PATCH clears with ${what}`, send: `PATCH /Users/<put${index}>`, status: 200, without: ['title', 'phoneNumbers'],
            body: patch({ op: 'replace', path: 'title', value }, { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value }, { op: 'replace', value: { nickName: value } }, { op: 'replace', path: enterprise('department'), value }),
            answer: { displayName: 'D', [URN.enterprise]: { manager: { value: 'm' } } },
          },
          { what: `PUT with ${what} on every optional attribute`, send: `PUT /Users/<put${index}>`, body: { ...withUnassigned(value), schemas: [URN.user], userName: `full-${index}` }, status: 200, without: optional },
        ]),
      ],
    },
    {
      name: 'bodies that are not quite as the RFC has them',
      connection: { policies: { sharedEmail: 'allow' } },
      steps: [
        { what: 'without schemas', send: 'POST /Users', body: { userName: 'no-schemas' }, status: 201, answer: { schemas: [URN.user] } },
        { what: 'with a schema nobody knows', send: 'POST /Users', body: { schemas: [URN.user, 'urn:example:params:2.0:Thing'], userName: 'odd-schemas' }, status: 201 },
        { what: 'a PATCH without schemas', send: 'POST /Users', body: { userName: 'patched' }, status: 201, save: 'patched' },
        { what: 'a PATCH without schemas: applied', send: 'PATCH /Users/<patched>', body: { Operations: [{ op: 'replace', path: 'title', value: 'T' }] }, status: 200, answer: { title: 'T' } },
        { what: 'operations in lower case', send: 'PATCH /Users/<patched>', body: { operations: [{ op: 'replace', path: 'title', value: 'U' }] }, status: 200, answer: { title: 'U' } },
        { what: 'one operation that is no list', send: 'PATCH /Users/<patched>', body: { Operations: { op: 'replace', path: 'title', value: 'V' } }, status: 400, answer: { scimType: 'invalidSyntax' } },
        { what: 'a bare text as manager', send: 'POST /Users', body: { userName: 'managed', [URN.enterprise]: { manager: 'm-1' } }, status: 201, answer: { [URN.enterprise]: { manager: { value: 'm-1' } } } },
        { what: 'a manager with $ref null', send: 'POST /Users', body: { userName: 'managed-2', [URN.enterprise]: { manager: { value: 'm-1', $ref: null } } }, status: 201, answer: { [URN.enterprise]: { manager: { value: 'm-1' } } } },
        { what: 'fully qualified names as keys', send: 'POST /Users', body: { schemas: [URN.user], [`${URN.user}:userName`]: 'qualified', [`${URN.user}:name.givenName`]: 'Q', [enterprise('department')]: 'Dep' }, status: 201, answer: { userName: 'qualified', name: { givenName: 'Q' }, [URN.enterprise]: { department: 'Dep' } } },
        { what: 'names in another case', send: 'POST /Users', body: { USERNAME: 'shouting', Emails: [{ Value: 'shouting@example.com', TYPE: 'work' }] }, status: 201, answer: { userName: 'shouting', emails: [{ value: 'shouting@example.com', type: 'work' }] } },
        { what: 'a type that is not canonical', send: 'POST /Users', body: { userName: 'type-free', phoneNumbers: [{ value: '+49 (0) 30 / 1234-5', type: 'satellite' }] }, status: 201, answer: { phoneNumbers: [{ value: '+49 (0) 30 / 1234-5', type: 'satellite' }] } },
        { what: 'a second user with the address of the first', send: 'POST /Users', body: { userName: 'shares', emails: [{ value: 'shouting@example.com' }] }, status: 201, strapi: { shares: { email: 'shouting@example.com' } } },
        { what: 'a user to be changed', send: 'POST /Users', body: { userName: 'odd-paths', emails: [{ value: 'odd-paths@example.com', type: 'work', Primary: true }] }, status: 201, save: 'odd', answer: { emails: [{ primary: true }] } },
        { what: 'an extension attribute behind a dot', send: 'PATCH /Users/<odd>', body: patch({ op: 'replace', path: `${URN.enterprise}.manager`, value: 'm-2' }), status: 200, answer: { [URN.enterprise]: { manager: { value: 'm-2' } } } },
        { what: 'a filter where attributes are named', send: `GET /Users/<odd>?attributes=${encodeURIComponent('emails[type eq "work"],userName')}`, status: 200, answer: { userName: 'odd-paths', emails: [{ type: 'work' }] }, without: ['active'] },
        { what: 'two primary addresses: one remains', send: 'POST /Users', body: { userName: 'primaries', emails: [{ value: 'a@p.example', primary: true }, { value: 'b@p.example', primary: true }] }, status: 201, answer: { emails: [{ value: 'a@p.example', primary: true }, { value: 'b@p.example', primary: false }] } },
        { what: 'no userName', send: 'POST /Users', body: { schemas: [URN.user], displayName: 'Nobody' }, status: 400, answer: { scimType: 'invalidValue' } },
        { what: 'an attribute nobody declares is kept', send: 'POST /Users', body: { userName: 'extra', favouriteTree: 'oak' }, status: 201, answer: { favouriteTree: 'oak' } },
      ],
    },
    {
      name: 'look-ups',
      steps: [
        { what: 'a user', send: 'POST /Users', body: { userName: 'Lena Q', externalId: 'CaseX', displayName: 'Lena', emails: [{ value: 'Lena@Look.example', type: 'work' }] }, status: 201, save: 'lena' },
        { what: 'a group', send: 'POST /Groups', body: { displayName: 'Team One', externalId: 'G-1' }, status: 201, save: 'team' },
        { what: 'a second group with the name', send: 'POST /Groups', body: { displayName: 'team one' }, status: 201 },
        { what: 'groups by name, without case', send: `GET /Groups?${filtered('displayName eq "TEAM ONE"')}`, status: 200, answer: { totalResults: 2 } },
        { what: 'blanks as +', send: 'GET /Users?filter=userName+eq+%22lena+q%22', status: 200, answer: { totalResults: 1, Resources: [{ id: '<lena>' }] } },
        { what: 'a slash before the query', send: `GET /Users/?${filtered('userName eq "LENA Q"')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'a slash behind an id', send: 'GET /Users/<lena>/', status: 200, answer: { id: '<lena>' } },
        { what: 'an operator in capitals, a name in another case', send: `GET /Users?${filtered('USERNAME EQ "lena q"')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'a name with its URN', send: `GET /Users?${filtered(`${URN.user}:userName eq "lena q"`)}`, status: 200, answer: { totalResults: 1 } },
        { what: 'an address by its path', send: `GET /Users?${filtered('emails.value eq "lena@look.example"')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'an address by its attribute', send: `GET /Users?${filtered('emails eq "lena@look.example"')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'an address by a value path', send: `GET /Users?${filtered('emails[type eq "work" and value eq "lena@look.example"]')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'externalId, exact', send: `GET /Users?${filtered('externalId eq "CaseX"')}`, status: 200, answer: { totalResults: 1 } },
        { what: 'externalId in another case is another', send: `GET /Users?${filtered('externalId eq "casex"')}`, status: 200, answer: EMPTY_LIST },
        { what: 'nobody: 200 and an empty list', send: `GET /Users?${filtered('userName eq "nobody"')}`, status: 200, answer: EMPTY_LIST },
        { what: 'no group: 200 and an empty list', send: `GET /Groups?${filtered('displayName eq "nothing"')}`, status: 200, answer: EMPTY_LIST },
        { what: 'an empty filter is none', send: 'GET /Users?filter=&count=1', status: 200, answer: { itemsPerPage: 1 } },
        { what: 'a filter that is none', send: 'GET /Users?filter=nonsense', status: 400, answer: { scimType: 'invalidFilter' } },
        { what: 'count 0: the number only', send: 'GET /Users?count=0', status: 200, answer: { totalResults: expect.any(Number) } },
        { what: 'a negative count is 0', send: 'GET /Users?count=-5', status: 200, answer: { totalResults: expect.any(Number) } },
        { what: 'startIndex 0 is 1', send: 'GET /Users?startIndex=0&count=1', status: 200, answer: { startIndex: 1, itemsPerPage: 1 } },
        { what: 'only what was asked for', send: 'GET /Users/<lena>?attributes=displayName', status: 200, answer: { id: '<lena>', displayName: 'Lena' }, without: ['userName', 'emails'] },
        { what: 'all but what was excluded', send: 'GET /Users/<lena>?excludedAttributes=emails,name', status: 200, answer: { userName: 'Lena Q' }, without: ['emails'] },
        { what: 'PATCH of a group with attributes answers it', send: 'PATCH /Groups/<team>?attributes=displayName', body: patch({ op: 'replace', path: 'displayName', value: 'Team 1' }), status: 200, answer: { id: '<team>', displayName: 'Team 1' } },
      ],
    },
    {
      name: 'headers',
      steps: [
        { what: 'Location of a new user', send: 'POST /Users', body: { userName: 'located' }, status: 201, save: 'one', answerHeaders: { location: expect.stringMatching(/\/scim\/v2\/Users\/[0-9a-f-]+$/), 'content-type': expect.stringContaining('application/scim+json') } },
        { what: 'Location of a read user', send: 'GET /Users/<one>', status: 200, answerHeaders: { location: expect.stringMatching(/<one>|\/Users\//) } },
        { what: 'plain JSON is read and answered as SCIM', send: 'POST /Users', body: { userName: 'plain-json' }, headers: { 'Content-Type': 'application/json; charset=utf-8', Accept: 'application/json' }, status: 201, answerHeaders: { 'content-type': expect.stringContaining('application/scim+json') } },
        { what: 'anything is accepted', send: 'GET /Users/<one>', headers: { Accept: '*/*' }, status: 200 },
        { what: 'a wrong method names the right ones', send: 'DELETE /Users', status: 405, answerHeaders: { allow: expect.stringContaining('POST') } },
      ],
    },
  ] },
  (booted) => {
    it('Schemas list externalId of both types and what types of values are usual', async () => {
      const { body } = await (await createInbound(booted(), { name: 'Schemas' })).scim('GET', '/Schemas');
      type Attribute = { name: string; canonicalValues?: string[]; subAttributes?: Attribute[]; caseExact?: boolean };
      const attributes = (urn: string): Attribute[] => (body.Resources?.find(({ id }) => id === urn)?.attributes ?? []) as Attribute[];
      const named = (list: Attribute[] | undefined, name: string): Attribute | undefined => list?.find((attribute) => attribute.name === name);
      for (const urn of [URN.user, URN.group]) expect(named(attributes(urn), 'externalId')).toMatchObject({ caseExact: true });
      for (const name of ['emails', 'phoneNumbers', 'addresses']) {
        expect(named(named(attributes(URN.user), name)?.subAttributes, 'type')?.canonicalValues).toEqual(expect.arrayContaining(['work', 'home', 'other']));
      }
    });

    it.each([
      ['no token', undefined],
      ['a wrong token', 'Bearer wrong'],
    ])('%s is 401 with WWW-Authenticate', async (_what, authorization) => {
      const { root } = await createInbound(booted(), { name: 'Closed' });
      const request = booted().http.get(`${root}/Users`);
      const answer = authorization === undefined ? await request : await request.set('Authorization', authorization);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(JSON.parse(answer.text)).toMatchObject({ schemas: [URN.error], status: '401' });
    });
  }
);
