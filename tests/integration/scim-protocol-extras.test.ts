import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, operations, type Inbound, type ScimAnswer, type ScimBody } from '../helpers/connections';

/** What the protocol adds around the resources, over a real Strapi: versions, .search, root, bulk, strict, passwords. */
let booted: BootedStrapi;
let idp: Inbound;
let strict: Inbound;

const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0:';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

beforeAll(async () => {
  booted = await bootStrapi();
  idp = await createInbound(booted);
  strict = await createInbound(booted, { name: 'Strict', policies: { strict: true } });
});
afterAll(() => booted.stop());

const made = async (userName: string): Promise<ScimAnswer> => idp.scim('POST', '/Users', { schemas: [USER], userName });
const results = (answer: ScimAnswer): ScimBody[] => answer.body.Operations as ScimBody[];

describe('versions', () => {
  it('ETag is meta.version, unchanged is 304, changed is a new one', async () => {
    const created = await made('etag-ada');
    const etag = created.headers.etag ?? '';
    expect(etag).toBe((created.body.meta as { version: string }).version);
    const unchanged = await idp.scim('GET', `/Users/${created.body.id}`, undefined, { 'If-None-Match': etag });
    expect([unchanged.status, unchanged.body, unchanged.headers.etag]).toEqual([304, {}, etag]);
    const changed = await idp.scim('PATCH', `/Users/${created.body.id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Dr' }] });
    expect(changed.headers.etag).not.toBe(etag);
    expect((await idp.scim('GET', `/Users/${created.body.id}`, undefined, { 'If-None-Match': etag })).status).toBe(200);
  });

  it('an If-Match that is none changes nothing', async () => {
    const { body } = await made('etag-bob');
    expect(await idp.scim('PUT', `/Users/${body.id}`, { userName: 'etag-bob', title: 'x' }, { 'If-Match': 'nonsense' })).toMatchObject({ status: 400, body: { schemas: [`${MESSAGES}Error`] } });
    expect((await idp.scim('GET', `/Users/${body.id}`)).body).not.toHaveProperty('title');
  });
});

describe('queries', () => {
  it('by POST, and over both types at the root', async () => {
    const { body } = await made('search-ada');
    await idp.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'search-group', members: [{ value: body.id }] });
    const request = { schemas: [`${MESSAGES}SearchRequest`], filter: 'userName eq "SEARCH-ADA"', attributes: ['userName'], startIndex: 1, count: 10 };
    expect((await idp.scim('POST', '/Users/.search', request)).body).toMatchObject({ totalResults: 1, Resources: [{ id: body.id, userName: 'search-ada' }] });
    expect((await idp.scim('POST', '/.search', { ...request, filter: 'userName eq "search-ada" or displayName eq "search-group"' })).body).toMatchObject({ totalResults: 2 });
    expect((await idp.scim('GET', '/?filter=meta.resourceType%20eq%20%22Group%22&attributes=displayName')).body).toMatchObject({ totalResults: 1, Resources: [{ displayName: 'search-group' }] });
    const { totalResults = 0 } = (await idp.scim('GET', '?count=0')).body;
    const last = (await idp.scim('GET', `/?startIndex=${totalResults}&count=5`)).body;
    expect(last).toMatchObject({ totalResults, itemsPerPage: 1, Resources: [{ displayName: 'search-group' }] });
  });

  it.each([
    ['/Users?filter=userName%20eq%20%22a%22&filter=userName%20eq%20%22b%22', 400, 'invalidFilter'],
    ['/Users?filter[userName]=a', 400, 'invalidFilter'],
    ['/Users?sortBy=nonsense', 400, 'invalidPath'],
    ['/Users?cursor=%00', 400, 'invalidCursor'],
    ['/Users?cursor=&count=0', 400, 'invalidCount'],
    ['/Users?filter=password%20pr', 403, 'sensitive'],
  ])('%s is %d %s', async (path, status, scimType) => expect(await idp.scim('GET', path)).toMatchObject({ status, body: { scimType } }));

  it('/Me is 501', async () => expect((await idp.scim('GET', '/Me')).status).toBe(501));
});

describe('bulk', () => {
  it('makes people and groups that refer to each other in one request', async () => {
    const answer = await idp.scim('POST', '/Bulk', {
      schemas: [`${MESSAGES}BulkRequest`],
      Operations: [
        { method: 'POST', path: '/Groups', bulkId: 'team', data: { schemas: [GROUP], displayName: 'bulk-team', members: [{ value: 'bulkId:ada' }, { value: 'bulkId:sub' }] } },
        { method: 'POST', path: '/Groups', bulkId: 'sub', data: { schemas: [GROUP], displayName: 'bulk-sub', members: [{ value: 'bulkId:bob' }, { value: 'bulkId:team' }] } },
        { method: 'POST', path: '/Users', bulkId: 'ada', data: { schemas: [USER, ENTERPRISE], userName: 'bulk-ada', [ENTERPRISE]: { manager: { value: 'bulkId:bob' } } } },
        { method: 'POST', path: '/Users', bulkId: 'bob', data: { schemas: [USER, ENTERPRISE], userName: 'bulk-bob', [ENTERPRISE]: { manager: { value: 'bulkId:ada' } } } },
      ],
    });
    expect(answer).toMatchObject({ status: 200, body: { schemas: [`${MESSAGES}BulkResponse`] } });
    expect(results(answer).map(({ status, bulkId }) => [status, bulkId])).toEqual([['201', 'team'], ['201', 'sub'], ['201', 'ada'], ['201', 'bob']]);
    const [team, sub, ada, bob] = await Promise.all(results(answer).map(async ({ location }) => (await idp.scim('GET', String(location).split('/scim/v2')[1] ?? '')).body));
    const ids = (body: ScimBody | undefined) => (body?.members as { value: string }[]).map(({ value }) => value).sort();
    expect(ids(team)).toEqual([ada?.id, sub?.id].sort());
    expect(ids(sub)).toEqual([bob?.id, team?.id].sort());
    expect(ada?.[ENTERPRISE]).toMatchObject({ manager: { value: bob?.id } });
    expect(bob?.[ENTERPRISE]).toMatchObject({ manager: { value: ada?.id } });
  });

  it('carries out what can be, tells what could not, and logs every refusal', async () => {
    const { body } = await made('bulk-old');
    const answer = await idp.scim('POST', '/Bulk', {
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'again', data: { userName: 'BULK-OLD' } },
        { method: 'PATCH', path: `/Users/${body.id}`, data: { Operations: [{ op: 'replace', path: 'title', value: 'Dr' }, { op: 'replace', path: 'active', value: 'perhaps' }] } },
        { method: 'PATCH', path: `/Users/${body.id}`, data: { Operations: [{ op: 'replace', path: 'nickName', value: 'nick' }] } },
        { method: 'PUT', path: '/Users/bulkId:nobody', data: { userName: 'x' } },
      ],
    });
    expect(results(answer).map(({ status }) => status)).toEqual(['409', '400', '200', '409']);
    const present = (await idp.scim('GET', `/Users/${body.id}`)).body;
    expect(present).toMatchObject({ nickName: 'nick' });
    expect(present).not.toHaveProperty('title');
    const refused = (await operations(booted)).filter(({ outcome, connectionId }) => outcome === 'refused' && connectionId === idp.connection.id).slice(0, 3);
    expect(refused.map(({ operation }) => operation).sort()).toEqual(['create', 'update', 'update']);
  });

  it('over the limits is 413', async () => {
    const operation = { method: 'DELETE', path: '/Users/none' };
    expect((await idp.scim('POST', '/Bulk', { Operations: Array.from({ length: 1_001 }, () => operation) })).status).toBe(413);
    const { bulk } = (await idp.scim('GET', '/ServiceProviderConfig')).body as unknown as { bulk: { maxPayloadSize: number } };
    expect((await idp.scim('POST', '/Bulk', { Operations: [operation], filler: 'x'.repeat(bulk.maxPayloadSize) })).status).toBe(413);
  });
});

it('nesting that nobody sends in earnest is 400, in plain JSON as well', async () => {
  const body = `{"userName":"deep","title":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  for (const type of ['application/scim+json', 'application/json']) {
    expect(await idp.scim('POST', '/Users', body, { 'Content-Type': type })).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
  }
});

it.each<[string, object]>([
  ['NUL in a name', { schemas: [USER], userName: 'a\u0000b' }],
  ['half a character', { schemas: [USER], userName: 'a\ud800' }],
  ['NUL in the name of an attribute', { schemas: [USER], userName: 'nul', 'a\u0000b': 1 }],
  ['a long name with a character on the edge', { schemas: [USER], userName: `${'x'.repeat(254)}😀`.repeat(400) }],
])('%s is refused, and the refusal logged, on every database', async (_what, body) => {
  for (const connection of [idp, strict]) {
    const answer = await connection.scim('POST', '/Users', body);
    expect([answer.status, answer.body.status]).toEqual(_what.includes('attribute') && connection === idp ? [201, undefined] : [400, '400']);
  }
  expect((await idp.scim('DELETE', `/Users/${'%F0%9F%98%80'.repeat(100)}`)).status).toBe(404);
});

describe('a strict connection', () => {
  it('takes what the RFCs say', async () => {
    const created = await strict.scim('POST', '/Users', { schemas: [USER], userName: 'strict-ada', active: true });
    expect(created.status).toBe(201);
    const patch = { schemas: [`${MESSAGES}PatchOp`], Operations: [{ op: 'replace', path: 'title', value: 'Dr' }] };
    expect((await strict.scim('PATCH', `/Users/${created.body.id}`, patch)).body).toMatchObject({ title: 'Dr' });
    expect((await strict.scim('DELETE', `/Users/${created.body.id}`)).status).toBe(204);
  });

  it('and refuses what the other takes, also where only the resource can tell', async () => {
    expect(await strict.scim('POST', '/Users', { userName: 'loose' })).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
    const { body } = await strict.scim('POST', '/Users', { schemas: [USER], userName: 'strict-bob' });
    const patch = (operation: object) => strict.scim('PATCH', `/Users/${body.id}`, { schemas: [`${MESSAGES}PatchOp`], Operations: [operation] });
    expect(await patch({ op: 'add', path: 'phoneNumbers[type eq "work"].value', value: '1' })).toMatchObject({ status: 400, body: { scimType: 'noTarget' } });
    expect(await patch({ op: 'replace', value: { title: 'x' } })).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
    expect((await strict.scim('GET', `/Users/${body.id}`)).body).not.toHaveProperty('title');
  });
});

it('ServiceProviderConfig says what there is', async () => {
  expect((await idp.scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 10_000_000 },
    filter: { supported: true },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: { cursor: true, index: true, defaultPaginationMethod: 'index' },
    authenticationSchemes: [{ type: 'oauthbearertoken', primary: true }, { type: 'oauth2' }],
  });
});
