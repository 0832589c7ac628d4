/**
 * Discovery against the server: it describes itself, and a resource with everything that /Schemas calls writable comes back as
 * it was sent. Users attribute by attribute: integration/scim-validator.
 */
import { createInbound, type Inbound, type ScimBody } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

interface Attribute {
  name: string;
  type: string;
  multiValued: boolean;
  required: boolean;
  mutability: string;
  returned: string;
  canonicalValues?: string[];
  referenceTypes?: string[];
  subAttributes?: Attribute[];
}
interface Schema {
  id: string;
  name: string;
  attributes: Attribute[];
}

type Values = Record<string, unknown>;

let booted: BootedStrapi;
let idp: Inbound;
let schemas: Schema[];
let count = 0;

/** A user and a group that references may point at. */
let referred: Record<string, { id: string; location: string }>;

const PATCH = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
const TYPES = { User: '/Users', Group: '/Groups' } as const;
type TypeName = keyof typeof TYPES;
const schemasOf: Record<TypeName, string[]> = { User: ['User', 'EnterpriseUser'], Group: ['Group'] };

const schemaNamed = (name: string): Schema => {
  const found = schemas.find((schema) => schema.name === name);
  if (!found) throw new Error(`No schema ${name}`);
  return found;
};

/** Another value at every call, of the attribute's type. */
function sample(attribute: Attribute, path: string): unknown {
  count += 1;
  const one = (): unknown => {
    if (attribute.type === 'complex') return complexSample(attribute, path);
    if (attribute.type === 'boolean') return attribute.name === 'primary' ? true : count % 2 === 0;
    if (attribute.type === 'integer') return count;
    if (attribute.type === 'binary') return Buffer.from(`value ${count}`).toString('base64');
    if (attribute.type === 'reference') return `https://example.com/${count}`;
    if (path === 'emails.value') return `address-${count}@example.com`;
    return attribute.canonicalValues?.[0] ?? `${path} ${count}`;
  };
  return attribute.multiValued ? [one()] : one();
}

function complexSample({ name, subAttributes = [] }: Attribute, path: string): Values {
  const value = Object.fromEntries(
    subAttributes.filter(({ mutability }) => mutability !== 'readOnly').map((sub) => [sub.name, sample(sub, `${path}.${sub.name}`)])
  ) as Values;
  if (name === 'members' || name === 'manager') {
    const user = referred.User;
    Object.assign(value, { value: user?.id, $ref: user?.location });
    if (name === 'members') Object.assign(value, { type: 'User', display: 'referred' });
  }
  return value;
}

const writable = (name: string): [string, Attribute][] =>
  schemaNamed(name)
    .attributes.filter(({ mutability, required }) => mutability === 'readWrite' && !required)
    .map((attribute) => [`${schemaNamed(name).id}:${attribute.name}`, attribute]);

/** The attribute in a resource, wherever its schema puts it. */
function valueAt(resource: ScimBody, path: string): unknown {
  const at = path.lastIndexOf(':');
  const [urn, name] = [path.slice(0, at), path.slice(at + 1)];
  const holder = urn.includes(':core:') ? resource : ((resource[urn] ?? {}) as ScimBody);
  return holder[name];
}

beforeAll(async () => {
  booted = await bootStrapi();
  const inbound = await createInbound(booted, { name: 'Tester' });
  // One origin for all requests: addresses in answers are compared.
  idp = { ...inbound, scim: (method, path, body) => inbound.scim(method, path, body, { Host: 'cms.example' }) };
  schemas = (await idp.scim('GET', '/Schemas')).body.Resources as unknown as Schema[];
  const made = await idp.scim('POST', '/Users', { userName: 'referred' });
  referred = { User: { id: String(made.body.id), location: String((made.body.meta as { location: string }).location) } };
});
afterAll(() => booted.stop());

describe.each(['User', 'Group'] as const)('%s', (type) => {
  it('is written whole by POST and by PUT, and each attribute is answered alone or left out', async () => {
    const filled = (): Values => {
      const body: Values = { schemas: schemasOf[type].map((name) => schemaNamed(name).id) };
      count += 1;
      body[type === 'User' ? 'userName' : 'displayName'] = `whole-${count}`;
      for (const name of schemasOf[type]) {
        const { id } = schemaNamed(name);
        const holder = id.includes(':core:') ? body : ((body[id] ??= {}) as Values);
        for (const [, attribute] of writable(name)) holder[attribute.name] = sample(attribute, attribute.name);
      }
      return body;
    };
    const expected = (body: Values): unknown =>
      expect.objectContaining(Object.fromEntries(schemasOf[type].flatMap(writable).filter(([path]) => path.includes(':core:')).map(([, attribute]) => [attribute.name, matching(body[attribute.name], attribute)])));
    const sent = filled();
    const made = await idp.scim('POST', TYPES[type], sent);
    expect(made.status).toBe(201);
    const path = `${TYPES[type]}/${made.body.id}`;
    expect((await idp.scim('GET', path)).body).toEqual(expected(sent));
    const again = filled();
    expect((await idp.scim('PUT', path, again)).status).toBe(200);
    expect((await idp.scim('GET', path)).body).toEqual(expected(again));

    for (const [name, attribute] of schemasOf[type].flatMap(writable)) {
      const only = (await idp.scim('GET', `${path}?attributes=${encodeURIComponent(name)}`)).body;
      expect(Object.keys(only).sort()).toEqual(['id', 'schemas', name.includes(':core:') ? attribute.name : name.slice(0, name.lastIndexOf(':'))].sort());
      const without = (await idp.scim('GET', `${path}?excludedAttributes=${encodeURIComponent(name)}`)).body;
      expect({ name, value: valueAt(without, name) }).toEqual({ name, value: undefined });
      expect(without.meta).toBeDefined();
    }
  });
});

it('a group is written attribute by attribute, as its schema says', async () => {
  const id = String((await idp.scim('POST', '/Groups', { displayName: 'attribute by attribute' })).body.id);
  for (const [path, attribute] of writable('Group')) {
    for (const op of ['add', 'replace']) {
      const value = sample(attribute, attribute.name);
      const patched = await idp.scim('PATCH', `/Groups/${id}`, { schemas: PATCH, Operations: [{ op, path, value }] });
      expect({ path, op, status: patched.status, body: patched.body.detail }).toEqual({ path, op, status: 204, body: undefined });
      const read = (await idp.scim('GET', `/Groups/${id}`)).body;
      expect({ path, op, value: valueAt(read, path) }).toEqual({ path, op, value: matching(value, attribute) });
    }
    const removed = await idp.scim('PATCH', `/Groups/${id}`, { schemas: PATCH, Operations: [{ op: 'remove', path }] });
    expect({ path, status: removed.status }).toEqual({ path, status: 204 });
    const left = valueAt((await idp.scim('GET', `/Groups/${id}`)).body, path);
    // An empty list is no value either (RFC 7643 section 2.5).
    expect({ path, left }).toEqual({ path, left: attribute.name === 'members' ? [] : undefined });
  }
});

/** As it was sent; what the server derives beside it may stand there too. */
function matching(value: unknown, { type, multiValued }: Attribute): unknown {
  if (type !== 'complex') return value;
  const one = (element: unknown): unknown => expect.objectContaining(element as object);
  return multiValued ? (value as unknown[]).map(one) : one(value);
}

it('discovery describes itself, by the list and by id, and takes nothing but GET', async () => {
  for (const endpoint of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) expect((await idp.scim(method, endpoint, {})).status).toBe(405);
    const { body, headers } = await idp.scim('GET', endpoint);
    expect(headers['content-type']).toBe('application/scim+json');
    const answered = (endpoint === '/ServiceProviderConfig' ? [body] : body.Resources) as unknown as (Values & { meta: { resourceType: string } })[];
    for (const resource of answered) {
      const described = schemaNamed(resource.meta.resourceType);
      expect(resource.schemas).toEqual([described.id]);
      // The schema of schemas holds its own pattern, one level deeper than it tells.
      if (resource.id !== described.id) checkDescribed(resource, described.attributes);
      if (endpoint !== '/ServiceProviderConfig') expect((await idp.scim('GET', `${endpoint}/${resource.id}`)).body.id).toBe(resource.id);
    }
  }
});

/** Every member is declared, and what is required is there. */
function checkDescribed(value: Values, attributes: Attribute[]): void {
  const names = attributes.map(({ name }) => name);
  expect(Object.keys(value).filter((name) => !['schemas', 'meta', 'id', ...names].includes(name))).toEqual([]);
  for (const { name, required, subAttributes } of attributes) {
    if (required) expect({ name, value: value[name] }).toEqual({ name, value: expect.anything() });
    const children = value[name] === undefined ? [] : ([value[name]].flat() as Values[]);
    if (subAttributes !== undefined) for (const child of children) checkDescribed(child, subAttributes);
  }
}
