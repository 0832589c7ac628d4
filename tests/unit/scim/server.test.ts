import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { RESOURCE_TYPES } from '../../../server/src/scim/schema/resource-types';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ListQuery, ScimRequestContext, ScimService } from '../../../server/src/ports/scim-service';
import { ScimError } from '../../../server/src/scim/messages/error';
import { scimErrorFromStrapi, toScimError } from '../../../server/src/scim/messages/error-mapping';
import { createScimServer } from '../../../server/src/scim/server/scim-server';
import type { PatchOperation } from '../../../server/src/scim/patch/operation';
import { parseProjection, project } from '../../../server/src/scim/server/projection';
import type { ScimHttpRequest, ScimHttpResponse } from '../../../server/src/scim/server/http';
import { SERVICE_PROVIDER_SCHEMAS } from '../../../server/src/scim/schema/service-provider';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const ctx: ScimRequestContext = {
  connection: { id: 1, key: 'k', name: 'c', direction: 'inbound', population: 'end-users', system: 's', preset: 'generic', enabled: true, targetUrl: '', mapping: null, defaultRoleId: null, roleMappings: [], policies: DEFAULT_POLICIES },
  actor: 'token',
  correlationId: 'c',
  baseUrl: 'https://cms.example/scim/v2',
  types: RESOURCE_TYPES,
  scopes: [],
};
const ada: Resource = {
  schemas: [USER_URN, ENTERPRISE_USER_URN],
  id: 'a/1',
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'L' },
  emails: [{ value: 'a@x', type: 'work' }],
  active: true,
  custom: 'kept',
  [ENTERPRISE_USER_URN]: { department: 'Maths', costCenter: '1' },
  meta: { resourceType: 'User', created: '2026-01-01T00:00:00Z' },
};

function setUp() {
  const service = {
    get: jest.fn(async () => ada),
    list: jest.fn(async (_ctx: ScimRequestContext, _type: string, _query: ListQuery) => ({ totalResults: 1, resources: [ada] })),
    create: jest.fn(async (_ctx: ScimRequestContext, _type: string, resource: Resource): Promise<Resource> => ({ ...resource, id: 'new' })),
    replace: jest.fn(async () => ada),
    modify: jest.fn(async (_ctx: ScimRequestContext, type: string, _id: string, _operations: PatchOperation[]) => (type === 'User' ? ada : null)),
    remove: jest.fn(async () => undefined),
  } satisfies ScimService;
  const onError = jest.fn();
  const onDropped = jest.fn();
  const server = createScimServer({ service, limits: { maxResults: 200 }, onError, onDropped });
  const send = (method: string, path: string, rest: Partial<ScimHttpRequest> = {}): Promise<ScimHttpResponse> =>
    server.handle({ method, path, query: {}, body: undefined, headers: {}, ...rest }, ctx);
  return { service, send, onError, onDropped };
}

const patch = (Operations: object[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });

describe('resources', () => {
  it('creates: 201, Location, meta.location', async () => {
    const { send, service } = setUp();
    const response = await send('POST', '/Users', { body: { USERNAME: 'ada', id: 'evil' } });
    expect(response).toMatchObject({
      status: 201,
      headers: { Location: `${ctx.baseUrl}/Users/new`, 'Content-Type': 'application/scim+json' },
      body: { id: 'new', userName: 'ada', meta: { resourceType: 'User', location: `${ctx.baseUrl}/Users/new` } },
    });
    expect(service.create).toHaveBeenCalledWith(ctx, 'User', { schemas: [USER_URN], userName: 'ada' });
  });

  it('tells by name when a password was sent, on POST and on PATCH, and does not pass it on', async () => {
    const { send, service, onDropped } = setUp();
    await send('POST', '/Users', { body: { userName: 'ada', password: 'hunter2' } });
    await send('PATCH', '/Users/1', { body: patch([{ op: 'replace', value: { password: 'hunter2' } }]) });
    await send('PATCH', '/Users/1', { body: patch([{ op: 'add', path: 'PASSWORD', value: 'hunter2' }, { op: 'add', value: { [USER_URN]: { password: 'hunter2', title: 'x' } } }]) });
    expect(onDropped.mock.calls.map(([names]) => names)).toEqual([['password'], ['password'], ['password']]);
    expect(JSON.stringify([service.create.mock.calls, service.modify.mock.calls])).not.toContain('hunter2');
    expect(service.modify.mock.lastCall?.[3]).toMatchObject([{ value: { [USER_URN]: { title: 'x' } } }]);
  });

  it('answers PATCH of a user with the user, of a group with 204, and with the group when attributes are asked for', async () => {
    const { send } = setUp();
    const body = patch([{ op: 'replace', path: 'displayName', value: 'x' }]);
    expect(await send('PATCH', '/Users/1', { body })).toMatchObject({ status: 200, body: { id: 'a/1' } });
    expect(await send('PATCH', '/Groups/1', { body })).toEqual({ status: 204, headers: { Location: `${ctx.baseUrl}/Groups/1` }, body: null });
    expect(await send('PATCH', '/Groups/1', { body, query: { attributes: 'displayName' } })).toMatchObject({ status: 200 });
  });

  it('gets, replaces, deletes; ids are decoded and locations encoded', async () => {
    const { send, service } = setUp();
    expect(await send('GET', '/Users/a%2F1')).toMatchObject({ status: 200, body: { meta: { location: `${ctx.baseUrl}/Users/a%2F1`, created: '2026-01-01T00:00:00Z' } } });
    expect(service.get).toHaveBeenCalledWith(ctx, 'User', 'a/1', { withoutMembers: false });
    expect(await send('PUT', '/Users/1/', { body: { userName: 'ada' } })).toMatchObject({ status: 200 });
    expect(await send('DELETE', '/Users/1')).toEqual({ status: 204, headers: {}, body: null });
  });

  it('HEAD is GET without its body', async () => {
    const { send } = setUp();
    expect(await send('HEAD', '/Users/1')).toMatchObject({ status: 200, body: null, headers: { 'Content-Type': 'application/scim+json' } });
    expect(await send('HEAD', '/Nothing')).toMatchObject({ status: 404, body: null });
  });
});

describe('lists', () => {
  const queryOf = async (query: ScimHttpRequest['query']): Promise<ListQuery | undefined> => {
    const { send, service } = setUp();
    expect((await send('GET', '/Users/', { query })).status).toBe(200);
    return service.list.mock.calls[0]?.[2];
  };

  it('reads startIndex and count by the RFC’s rules', async () => {
    expect(await queryOf({})).toEqual({ filter: null, sort: null, cursor: null, startIndex: 1, count: 100, withoutMembers: false });
    expect(await queryOf({ startIndex: '0', count: '-5' })).toMatchObject({ startIndex: 1, count: 0 });
    expect(await queryOf({ STARTINDEX: '-3', count: '0' })).toMatchObject({ startIndex: 1, count: 0 });
    expect(await queryOf({ startIndex: '9'.repeat(40), count: '9'.repeat(40) })).toMatchObject({ startIndex: 2_147_483_647, count: 200 });
    expect(await queryOf({ filter: ' ', count: ['7', '8'] })).toMatchObject({ filter: null, count: 7 });
    expect(await queryOf({ filter: 'userName eq "x"' })).toMatchObject({ filter: { kind: 'compare', value: 'x' } });
  });

  it.each([
    [{ count: 'ten' }, 'invalidValue'],
    [{ startIndex: '1.5' }, 'invalidValue'],
    [{ filter: 'userName eq' }, 'invalidFilter'],
  ])('refuses %j', async (query, scimType) => {
    expect(await setUp().send('GET', '/Users', { query })).toMatchObject({ status: 400, body: { status: '400', scimType } });
  });

  it('answers a list of nothing with an empty list', async () => {
    const { send, service } = setUp();
    service.list.mockResolvedValueOnce({ totalResults: 0, resources: [] });
    expect((await send('GET', '/Users', { query: { filter: 'userName eq "none"' } })).body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
  });

  it('does not have members read when the answer is without them', async () => {
    const { send, service } = setUp();
    for (const query of [{ excludedAttributes: 'MEMBERS' }, { attributes: 'displayName' }, { excludedAttributes: `${GROUP_URN}:members` }]) {
      await send('GET', '/Groups', { query });
      expect(service.list.mock.lastCall?.[2].withoutMembers).toBe(true);
      await send('GET', '/Groups/1', { query });
      expect(service.get.mock.lastCall).toEqual([ctx, 'Group', '1', { withoutMembers: true }]);
    }
    await send('GET', '/Groups', { query: { attributes: 'members.value' } });
    expect(service.list.mock.lastCall?.[2].withoutMembers).toBe(false);
  });
});

describe('projection', () => {
  it.each(['attributes', 'excludedAttributes'])('%s names at most 200 different attributes, repeated ones once', async (parameter) => {
    const { send, service } = setUp();
    const names = (count: number): string[] => Array.from({ length: count }, (_item, index) => `emails.x${index}`);
    const asked = (list: string[]) => [send('GET', '/Users', { query: { [parameter]: list.join(',') } }), send('POST', '/Users/.search', { body: { [parameter]: list } })];
    for (const answer of asked([...names(200), ...names(200).map((name) => name.toUpperCase())])) expect((await answer).status).toBe(200);
    service.list.mockClear();
    for (const list of [names(201), Array.from({ length: 100_000 }, () => 'a.b')]) {
      for (const answer of asked(list)) expect(await answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue', detail: expect.stringContaining('200') as string } });
    }
    expect(service.list).not.toHaveBeenCalled();
  });

  it('looks a name up, and does not go through all names for each value', () => {
    const all = Array.from({ length: 200 }, (_item, index) => `emails.x${index}`).join(',');
    const projection = parseProjection({ attributes: all }, 'User');
    const lowered = jest.spyOn(String.prototype, 'toLowerCase');
    project({ schemas: [], userName: 'x', emails: Array.from({ length: 100 }, () => ({ value: 'a', x7: 'b' })) }, projection, 'User');
    const { length } = lowered.mock.calls;
    lowered.mockRestore();
    expect(length).toBeLessThan(500);
  });

  const view = async (query: ScimHttpRequest['query']): Promise<unknown> => (await setUp().send('GET', '/Users/1', { query })).body;
  const always = { schemas: ada.schemas, id: 'a/1' };

  it.each([
    ['userName', { userName: 'ada' }],
    ['USERNAME, name.GivenName', { userName: 'ada', name: { givenName: 'Ada' } }],
    [`${USER_URN}:userName`, { userName: 'ada' }],
    ['emails.value', { emails: [{ value: 'a@x' }] }],
    [`${ENTERPRISE_USER_URN}:department`, { [ENTERPRISE_USER_URN]: { department: 'Maths' } }],
    [ENTERPRISE_USER_URN, { [ENTERPRISE_USER_URN]: { department: 'Maths', costCenter: '1' } }],
    ['custom', { custom: 'kept' }],
    ['meta.location', { meta: { location: `${ctx.baseUrl}/Users/a%2F1` } }],
    ['META.resourceType,meta.created', { meta: { resourceType: 'User', created: '2026-01-01T00:00:00Z' } }],
    [`${USER_URN}:emails.TYPE,emails.value`, { emails: [{ value: 'a@x', type: 'work' }] }],
    ['emails.display', {}],
    ['nothing,__proto__,a b', {}],
    ['name,name.givenName', { name: { givenName: 'Ada', familyName: 'L' } }],
  ])('attributes=%s', async (attributes, expected) => expect(await view({ attributes })).toEqual({ ...always, ...expected }));

  it('excludedAttributes leaves out what may be left out', async () => {
    const excludedAttributes = `id,schemas,USERNAME,name.familyName,emails,meta,custom,active,${ENTERPRISE_USER_URN}:costCenter`;
    expect(await view({ excludedAttributes })).toEqual({ ...always, name: { givenName: 'Ada' }, [ENTERPRISE_USER_URN]: { department: 'Maths' } });
    expect(await view({ excludedAttributes: `${ENTERPRISE_USER_URN}` })).not.toHaveProperty([ENTERPRISE_USER_URN]);
  });

  it('never answers a password', async () => {
    const { send, service } = setUp();
    service.get.mockResolvedValue({ ...ada, password: 'x' });
    expect((await send('GET', '/Users/1')).body).not.toHaveProperty('password');
    expect((await send('GET', '/Users/1', { query: { attributes: 'password' } })).body).not.toHaveProperty('password');
  });
});

describe('discovery and routing', () => {
  it('says truthfully what is supported', async () => {
    const { body } = await setUp().send('GET', '/ServiceProviderConfig');
    const supported = (supports: boolean) => ({ supported: supports });
    expect(body).toMatchObject({ patch: supported(true), bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 10_000_000 }, sort: supported(true), etag: supported(true), changePassword: supported(false), filter: { supported: true, maxResults: 200 } });
  });

  it('lists schemas with externalId and canonical values, and resource types', async () => {
    const { send } = setUp();
    type Listed = { Resources: { id: string; attributes: { name: string; subAttributes?: { name: string; canonicalValues?: string[] }[] }[] }[] };
    const schemas = (await send('GET', '/Schemas')).body as Listed;
    expect(schemas.Resources.map((schema) => schema.id)).toEqual([USER_URN, ENTERPRISE_USER_URN, GROUP_URN, ...SERVICE_PROVIDER_SCHEMAS.map(({ id }) => id)]);
    for (const urn of [USER_URN, GROUP_URN]) {
      expect(schemas.Resources.find((schema) => schema.id === urn)?.attributes.map((attribute) => attribute.name)).toContain('externalId');
    }
    const type = (name: string) => schemas.Resources[0]?.attributes.find((attribute) => attribute.name === name)?.subAttributes?.find((sub) => sub.name === 'type');
    for (const name of ['emails', 'phoneNumbers', 'addresses']) expect(type(name)?.canonicalValues).toContain('work');
    expect(JSON.stringify(schemas)).not.toContain('"any"');
    expect((await send('GET', `/Schemas/${USER_URN.toLowerCase()}`)).body).toMatchObject({ id: USER_URN });
    expect((await send('GET', '/ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users', schemaExtensions: [{ schema: ENTERPRISE_USER_URN, required: false }] });
    expect((await send('GET', '/ResourceTypes')).body).toMatchObject({ totalResults: 2 });
  });

  it.each([
    ['GET', '/Schemas/none', 404, undefined],
    ['POST', '/', 405, 'GET, HEAD'],
    ['GET', '/Nothing', 404, undefined],
    ['GET', '/Users/1/2', 404, undefined],
    ['GET', '/Users/%E0%A4%A', 404, undefined],
    ['GET', '/Users/a%00b', 404, undefined],
    ['GET', '/ServiceProviderConfig/x', 404, undefined],
    ['DELETE', '/Users', 405, 'GET, HEAD, POST'],
    ['POST', '/Users/1', 405, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT', '/Schemas', 405, 'GET, HEAD'],
    ['GET', '/Me', 501, undefined],
    ['POST', '/Me', 501, undefined],
    ['GET', '/Bulk', 405, 'POST'],
    ['GET', '/.search', 405, 'POST'],
    ['GET', '/Users/.search', 405, 'POST'],
    ['GET', '/Bulk/1', 404, undefined],
    ['POST', '/.search/1', 404, undefined],
  ])('%s %s is %d', async (method, path, status, allow) => {
    const response = await setUp().send(method, path);
    expect(response).toMatchObject({ status, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) } });
    expect(response.headers.Allow).toBe(allow);
  });

  it('refuses filters on discovery endpoints', async () => {
    expect(await setUp().send('GET', '/Schemas', { query: { filter: 'id pr' } })).toMatchObject({ status: 403 });
  });

  it.each([['POST', '/Users'], ['PUT', '/Users/1'], ['PATCH', '/Users/1'], ['POST', '/Groups']])('%s %s needs a JSON object', async (method, path) => {
    for (const body of [undefined, null, 'text', [], 5]) {
      expect(await setUp().send(method, path, { body })).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
    }
  });
});

describe('errors', () => {
  it('turns the unexpected into a 500 that says nothing, and hands it to the log', async () => {
    const { send, service, onError } = setUp();
    const failure = new Error('SELECT * FROM secrets');
    service.get.mockRejectedValueOnce(failure);
    const response = await send('GET', '/Users/1');
    expect(response.status).toBe(500);
    expect(JSON.stringify(response)).not.toContain('SELECT');
    expect(onError).toHaveBeenCalledWith(failure, ctx);
  });

  it.each([
    ['invalid-value', 400, 'invalidValue'], ['invalid-syntax', 400, 'invalidSyntax'], ['invalid-filter', 400, 'invalidFilter'], ['uniqueness', 409, 'uniqueness'], ['not-found', 404, undefined],
    ['protected', 403, undefined], ['not-adoptable', 403, undefined], ['linked-elsewhere', 403, undefined], ['too-large', 413, undefined], ['conflict', 503, undefined], ['internal', 500, undefined], ['target-auth', 500, undefined],
  ] as const)('%s is %d', (code, status, scimType) => {
    const error = toScimError(new ProvisioningError(code, 'internal words'));
    expect(error).toMatchObject({ status, scimType });
    if (status >= 500) expect(error.detail).not.toContain('internal words');
    if (status === 503) expect(error.headers['Retry-After']).toBe('1');
  });

  it('is logged by the pipeline as what it is', () => {
    expect(new ScimError(400, 'x', 'noTarget').code).toBe('invalid-value');
    expect(new ScimError(404, 'x').code).toBe('not-found');
    expect(new ScimError(400, 'x', 'tooMany').code).toBe('invalid-filter');
  });

  it('makes SCIM errors of what Strapi answers, without its words', () => {
    const strapi = (status: number, name: string) => ({ data: null, error: { status, name, message: 'at /srv/app/db.js', details: { sql: 'x' } } });
    for (const status of [400, 401, 403, 404, 405, 413, 415, 418, 429, 500, 502]) {
      for (const body of [strapi(status, 'AnyError'), 'at /srv/app/db.js', undefined]) {
        const error = scimErrorFromStrapi(status, body);
        expect(error.status).toBe(status >= 500 ? 500 : status);
        expect(JSON.stringify(error.toBody())).not.toMatch(/srv|sql/);
      }
    }
    expect(scimErrorFromStrapi(400, 'bad json').scimType).toBe('invalidSyntax');
    expect(scimErrorFromStrapi(400, strapi(400, 'PayloadTooLargeError')).status).toBe(413);
    expect(scimErrorFromStrapi(401, undefined).headers['WWW-Authenticate']).toMatch(/^Bearer/);
    expect(scimErrorFromStrapi(200, '<html>').status).toBe(500);
    expect(scimErrorFromStrapi(409, new ScimError(409, 'taken', 'uniqueness').toBody()).toBody()).toEqual(new ScimError(409, 'taken', 'uniqueness').toBody());
  });
});
