/**
 * What validators do (scim2-tester, Entra ID's and Okta's suites): read /Schemas and hold the server to every word of it,
 * over a real Strapi.
 */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, type Inbound, type ScimBody } from '../helpers/connections';

let booted: BootedStrapi;
const modes: Record<string, Inbound> = {};

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

interface Attribute {
  name: string;
  type: string;
  multiValued: boolean;
  mutability: string;
  returned: string;
  required: boolean;
  canonicalValues?: string[];
  subAttributes?: Attribute[];
}
interface Schema {
  id: string;
  attributes: Attribute[];
  meta: { resourceType: string; location: string };
}

beforeAll(async () => {
  booted = await bootStrapi();
  modes.tolerant = await createInbound(booted);
  modes.strict = await createInbound(booted, { name: 'Strict', policies: { strict: true } });
});
afterAll(() => booted.stop());

/** The tests' client asks another port each time. */
const withoutPort = <T>(body: T): T => JSON.parse(JSON.stringify(body).replace(/127\.0\.0\.1:\d+/g, 'host')) as T;
const metaOf = ({ meta }: ScimBody): Record<string, string> => meta as Record<string, string>;

let made = 0;
/** Some value of the attribute, another one each time. */
function valueOf({ name, type, multiValued, canonicalValues, subAttributes }: Attribute, isElement = false): unknown {
  if (multiValued && !isElement) return [valueOf({ name, type, multiValued, canonicalValues, subAttributes } as Attribute, true)];
  made += 1;
  switch (type) {
    case 'complex':
      return Object.fromEntries((subAttributes ?? []).filter(({ mutability, returned }) => mutability !== 'readOnly' && returned !== 'never').map((sub) => [sub.name, valueOf(sub)]));
    case 'boolean':
      return made % 2 === 0;
    case 'integer':
      return made;
    case 'decimal':
      return made + 0.5;
    case 'dateTime':
      return new Date(Date.UTC(2026, 0, 1, 0, 0, made)).toISOString();
    case 'binary':
      return Buffer.from(`value ${made}`).toString('base64');
    case 'reference':
      return `https://example.com/${name}/${made}`;
    default:
      return canonicalValues?.[made % canonicalValues.length] ?? `${name}.${made}${name === 'value' ? '@example.com' : ''}`;
  }
}

const at = (body: object, urn: string | null, name: string): unknown => {
  const container = (urn === null ? body : (body as Record<string, unknown>)[urn]) as Record<string, unknown> | undefined;
  return container?.[name];
};

describe.each(['tolerant', 'strict'])('%s', (mode) => {
  let idp: Inbound;
  let schemas: Schema[];
  beforeAll(async () => {
    idp = modes[mode] as Inbound;
    schemas = (await idp.scim('GET', '/Schemas')).body.Resources as unknown as Schema[];
  });

  it('discovery: every resource is found under its id and says where it is', async () => {
    for (const endpoint of ['Schemas', 'ResourceTypes']) {
      const list = (await idp.scim('GET', `/${endpoint}`)).body;
      expect(list).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: list.Resources?.length });
      for (const resource of list.Resources as unknown as Schema[]) {
        const one = await idp.scim('GET', `/${endpoint}/${resource.id}`);
        expect([one.status, withoutPort(one.body)]).toEqual([200, withoutPort(resource)]);
        expect(resource.meta).toMatchObject({ resourceType: endpoint.slice(0, -1), location: expect.stringMatching(new RegExp(`/${endpoint}/${resource.id}$`)) });
      }
      expect(await idp.scim('GET', `/${endpoint}/nonsense`)).toMatchObject({ status: 404, body: { schemas: [ERROR], status: '404' } });
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const endpoint of ['Schemas', 'ResourceTypes', 'ServiceProviderConfig']) expect(await idp.scim(method, `/${endpoint}`, method === 'DELETE' ? undefined : {})).toMatchObject({ status: 405, body: { schemas: [ERROR] } });
    }
  });

  it('methods: what a path has not is 405 and names what it has', async () => {
    for (const [method, path, allow] of [['PUT', '/Users', 'GET, HEAD, POST'], ['PATCH', '/Groups', 'GET, HEAD, POST'], ['DELETE', '/Users', 'GET, HEAD, POST'], ['POST', '/Users/x', 'GET, HEAD, PUT, PATCH, DELETE'], ['GET', '/Bulk', 'POST'], ['GET', '/Users/.search', 'POST']] as const) {
      const answer = await idp.scim(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect([method, path, answer.status, answer.headers.allow]).toEqual([method, path, 405, allow]);
    }
  });

  it('every attribute of /Schemas can be added, replaced and removed by its path, and read back', async () => {
    const user = (await idp.scim('POST', '/Users', { schemas: [`${CORE}User`], userName: `validated-${mode}` })).body;
    const patch = (operation: object) => idp.scim('PATCH', `/Users/${user.id}`, { schemas: [PATCH], Operations: [operation] });
    const read = async (): Promise<object> => (await idp.scim('GET', `/Users/${user.id}`)).body;
    const tried: string[] = [];
    for (const schema of schemas.filter(({ id }) => id.endsWith(':2.0:User'))) {
      const urn = schema.id === `${CORE}User` ? null : schema.id;
      for (const attribute of schema.attributes) {
        const path = `${schema.id}:${attribute.name}`;
        if (attribute.mutability === 'readOnly') {
          expect([path, await patch({ op: 'replace', path, value: valueOf(attribute) })]).toMatchObject([path, { status: 400, body: { scimType: 'mutability' } }]);
          continue;
        }
        for (const op of ['add', 'replace']) {
          const value = valueOf(attribute);
          const answer = await patch({ op, path, value });
          expect([op, path, answer.status, answer.body.detail]).toEqual([op, path, 200, undefined]);
          if (attribute.multiValued) expect(at(await read(), urn, attribute.name)).toEqual(op === 'add' ? expect.arrayContaining(value as unknown[]) : value);
          else if (attribute.type === 'complex') expect(at(await read(), urn, attribute.name)).toMatchObject(value as object);
          else expect([path, at(await read(), urn, attribute.name)]).toEqual([path, value]);
        }
        for (const sub of attribute.multiValued ? [] : (attribute.subAttributes ?? [])) {
          const answer = await patch({ op: 'replace', path: `${path}.${sub.name}`, value: valueOf(sub) });
          expect([path, sub.name, answer.status]).toEqual([path, sub.name, sub.mutability === 'readOnly' ? 400 : 200]);
        }
        const removed = await patch({ op: 'remove', path });
        if (attribute.required) expect(removed).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
        else {
          expect([path, removed.status]).toEqual([path, 200]);
          if (attribute.name !== 'active') expect([path, at(await read(), urn, attribute.name)]).toEqual([path, undefined]);
        }
        tried.push(path);
      }
    }
    expect(tried.length).toBeGreaterThan(25);
  });

  it('every attribute can be filtered, sorted by where it has an order, and asked for alone', async () => {
    for (const schema of schemas.filter(({ id }) => /:2\.0:(User|Group)$/.test(id))) {
      const endpoint = schema.id === `${CORE}Group` ? '/Groups' : '/Users';
      const prefix = schema.id.startsWith(CORE) ? '' : `${schema.id}:`;
      for (const { name, subAttributes } of schema.attributes) {
        for (const path of [`${prefix}${name}`, ...(subAttributes ?? []).map((sub) => `${prefix}${name}.${sub.name}`)]) {
          const answer = await idp.scim('GET', `${endpoint}?filter=${encodeURIComponent(`${path} pr`)}&attributes=${encodeURIComponent(path)}`);
          expect([path, answer.status]).toEqual([path, 200]);
          for (const resource of answer.body.Resources as unknown as object[]) {
            expect([path, Object.keys(resource).filter((key) => !['id', 'schemas', name, schema.id].includes(key))]).toEqual([path, []]);
          }
        }
      }
    }
  });

  it('answers are complete: Location is meta.location, dates are dates, what was written is in every answer', async () => {
    const body = { schemas: [`${CORE}User`], userName: `complete-${mode}`, id: 'mine', meta: { created: '1999-01-01T00:00:00Z' }, name: { givenName: 'A', familyName: 'B' } };
    const created = await idp.scim('POST', '/Users', body);
    expect(created).toMatchObject({ status: 201, headers: { location: metaOf(created.body).location, 'content-type': expect.stringContaining('application/scim+json') } });
    expect(created.body.id).not.toBe('mine');
    for (const time of ['created', 'lastModified'] as const) expect(metaOf(created.body)[time]).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    // RFC 7643 section 3.1: never modified, so both MUST be the same.
    expect(metaOf(created.body).lastModified).toBe(metaOf(created.body).created);
    const path = `/Users/${created.body.id}`;
    expect(withoutPort((await idp.scim('GET', path)).body)).toEqual(withoutPort(created.body));
    expect((await idp.scim('PUT', path, { ...body, id: 'other' })).body).toMatchObject({ id: created.body.id, meta: { created: metaOf(created.body).created } });
    expect((await idp.scim('GET', `/Users?filter=${encodeURIComponent(`ID eq "${created.body.id}" AND meta.lastModified GE "${metaOf(created.body).lastModified}"`)}`)).body).toMatchObject({ totalResults: 1 });
    expect(await idp.scim('POST', '/Users', body)).toMatchObject({ status: 409, body: { schemas: [ERROR], status: '409', scimType: 'uniqueness' } });
    expect((await idp.scim('DELETE', path)).status).toBe(204);
    for (const [method, sent] of [['GET', undefined], ['DELETE', undefined], ['PUT', body], ['PATCH', { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value: 'x' }] }]] as const) {
      expect(await idp.scim(method, path, sent)).toMatchObject({ status: 404, body: { schemas: [ERROR], status: '404' } });
    }
  });

  it('members are changed by any filter, and only as wholes', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push(String((await idp.scim('POST', '/Users', { schemas: [`${CORE}User`], userName: `member-${name}-${mode}` })).body.id));
    const inner = String((await idp.scim('POST', '/Groups', { schemas: [`${CORE}Group`], displayName: `inner-${mode}` })).body.id);
    const { body } = await idp.scim('POST', '/Groups', { schemas: [`${CORE}Group`], displayName: `outer-${mode}`, members: [...ids, inner].map((value) => ({ value })) });
    const members = async (): Promise<string[]> => (((await idp.scim('GET', `/Groups/${body.id}`)).body.members ?? []) as { value: string }[]).map(({ value }) => value).sort();
    const patch = (...Operations: object[]) => idp.scim('PATCH', `/Groups/${body.id}`, { schemas: [PATCH], Operations });
    const all = await members();
    for (const [operation, scimType] of [
      [{ op: 'replace', path: `members[value eq "${ids[0]}"].display`, value: 'x' }, 'mutability'],
      [{ op: 'replace', path: `members[value eq "${ids[0]}"].value`, value: ids[1] }, 'mutability'],
      [{ op: 'replace', path: 'members[display eq "nobody"]', value: { value: ids[0] } }, 'noTarget'],
      [{ op: 'remove', path: 'members[nonsense eq "x"]' }, 'invalidPath'],
      [{ op: 'remove', path: 'members[value gt]' }, 'invalidPath'],
    ] as const) {
      expect([operation, await patch({ op: 'remove', path: 'members[type eq "Group"]' }, operation)]).toMatchObject([operation, { status: 400, body: { scimType } }]);
      expect(await members()).toEqual(all);
    }
    expect((await patch({ op: 'remove', path: 'members[type eq "Group"]' })).status).toBe(204);
    expect(await members()).toEqual([...ids].sort());
    expect((await patch({ op: 'replace', path: `members[display eq "MEMBER-A-${mode}"]`, value: { value: inner } })).status).toBe(204);
    expect(await members()).toEqual([ids[1], ids[2], inner].sort());
    expect((await patch({ op: 'remove', path: `members[not (value eq "${ids[2]}" or $ref co "/Groups/")]` })).status).toBe(204);
    expect(await members()).toEqual([ids[2], inner].sort());
    const version = ((await idp.scim('GET', `/Groups/${body.id}`)).body.meta as { version: string }).version;
    for (const filter of ['display co "nobody"', 'value eq "nobody"']) {
      const answer = await patch({ op: 'remove', path: `members[${filter}]` });
      expect(answer).toMatchObject(mode === 'strict' ? { status: 400, body: { scimType: 'noTarget' } } : { status: 204 });
    }
    expect(((await idp.scim('GET', `/Groups/${body.id}`)).body.meta as { version: string }).version).toBe(version);
  });
});

it('what no schema has is kept by its path on a tolerant connection, found by a filter, and refused on a strict one', async () => {
  const custom = 'urn:example:params:custom:2.0:User';
  for (const [mode, idp] of Object.entries(modes)) {
    const { body } = await idp.scim('POST', '/Users', { schemas: [`${CORE}User`], userName: `custom-${mode}` });
    for (const [path, filter] of [['shoeSize', 'shoeSize eq 43'], [`${custom}:shoeSize`, `${custom}:shoeSize eq 43`], ['shoe.size', 'shoe.size eq 43'], ['name.size', 'name.size eq 43']] as const) {
      const answer = await idp.scim('PATCH', `/Users/${body.id}`, { schemas: [PATCH], Operations: [{ op: 'add', path, value: 43 }] });
      if (mode === 'strict') expect([path, answer]).toMatchObject([path, { status: 400, body: { scimType: 'invalidPath' } }]);
      else {
        expect([path, answer.status]).toEqual([path, 200]);
        expect([path, (await idp.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.totalResults]).toEqual([path, 1]);
      }
    }
  }
  expect(await modes.tolerant?.scim('GET', `/Users?filter=${encodeURIComponent('meta.created gt "nodate"')}`)).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
});
