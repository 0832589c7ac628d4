import fc from 'fast-check';
import { MAX_PATCH_OPERATIONS } from '../../../server/src/scim/patch/request';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import { MAX_BULK_OPERATIONS } from '../../../server/src/scim/server/bulk-request';
import { contextOf, MemoryService, serverOver } from './fake-service';

const patch = (...Operations: unknown[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
const bulk = (...Operations: unknown[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations });

/** As a request body arrives: own members called `__proto__` and all. */
const parsed = (json: string): unknown => JSON.parse(json) as unknown;
const nested = (depth: number, open: string, close: string, core = '1'): string => open.repeat(depth) + core + close.repeat(depth);

async function world(strict: boolean) {
  const service = new MemoryService();
  const server = serverOver(service, contextOf({ strict }));
  await serverOver(service).send('POST', '/Users', { body: { userName: 'ada', name: { givenName: 'Ada' }, emails: [{ value: 'a@example.org', type: 'work' }] } });
  await serverOver(service).send('POST', '/Groups', { body: { displayName: 'g', members: [{ value: 'u1' }] } });
  return { service, ...server };
}

/** A 4xx, the same resources as before, and nothing that this server did not expect. */
async function expectRefused(method: string, path: string, body: unknown): Promise<void> {
  for (const strict of [false, true]) {
    const { service, send, errors } = await world(strict);
    const before = service.snapshot();
    const { status, body: answer } = await send(method, path, { body });
    expect([status, status >= 400 && status < 500]).toEqual([status, true]);
    expect(JSON.stringify(answer).length).toBeLessThan(2_000);
    expect(service.snapshot()).toBe(before);
    expect(errors).toEqual([]);
  }
}

const pollution = (): string => JSON.stringify([Object.prototype, Array.prototype, Function.prototype].map((prototype) => Object.getOwnPropertyNames(prototype)));
const clean = pollution();
afterEach(() => expect(pollution()).toBe(clean));

const WRITES = [['POST', '/Users'], ['PUT', '/Users/u1'], ['PATCH', '/Users/u1'], ['POST', '/Bulk'], ['POST', '/Users/.search']] as const;

describe('nesting', () => {
  const bodies = {
    arrays: parsed(nested(10_000, '[', ']')),
    objects: parsed(nested(10_000, '{"a":', '}')),
    'an attribute': parsed(`{"schemas":["${USER_URN}"],"userName":"x","title":${nested(10_000, '{"a":', '}')}}`),
    'the core schema within itself': parsed(`{"userName":"x",${JSON.stringify(USER_URN)}:${nested(10_000, `{${JSON.stringify(USER_URN)}:`, '}', '{}')}}`),
    'a PATCH without path': patch({ op: 'replace', value: parsed(nested(10_000, `{${JSON.stringify(USER_URN)}:`, '}', '{"title":"x"}')) }),
    'a PATCH value': patch({ op: 'add', path: 'title', value: parsed(nested(100_000, '[', ']')) }),
    'a PATCH of members': patch({ op: 'add', path: 'members', value: parsed(nested(10_000, '[', ']')) }),
    'a bulk operation': bulk({ method: 'POST', path: '/Users', bulkId: 'a', data: parsed(nested(10_000, '{"a":', '}')) }),
  };

  it.each(Object.entries(bodies))('%s: 10,000 levels', async (_name, body) => {
    for (const [method, path] of WRITES) await expectRefused(method, path, body);
    await expectRefused('PATCH', '/Groups/g2', body);
  });

  it('of a filter, also in the path of a PATCH', async () => {
    for (const filter of [nested(5_000, '(', ')', 'userName pr'), `${'not ('.repeat(1_000)}userName pr${')'.repeat(1_000)}`]) {
      await expectRefused('POST', '/Users/.search', { filter });
      await expectRefused('PATCH', '/Users/u1', patch({ op: 'remove', path: `emails[${filter}]` }));
      const { send } = await world(false);
      expect(await send('GET', '/Users', { query: { filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    }
  });
});

describe('names that could reach a prototype', () => {
  const names = ['__proto__', 'constructor', 'prototype', '__proto__.polluted', 'constructor.prototype.polluted', 'name.__proto__', 'emails[type eq "work"].constructor', `${USER_URN}:__proto__`, `${ENTERPRISE_USER_URN}:constructor`];

  it.each(names)('%s as a path', async (path) => {
    for (const op of ['add', 'replace']) await expectRefused('PATCH', '/Users/u1', patch({ op, path, value: { polluted: true } }));
    await expectRefused('PATCH', '/Users/u1', patch({ op: 'remove', path }));
    await expectRefused('PATCH', '/Groups/g2', patch({ op: 'add', path, value: 'x' }));
  });

  it.each(names)('%s as a member reaches nothing', async (name) => {
    const evil = `{"userName":"evil",${JSON.stringify(name)}:{"polluted":true},"name":{"__proto__":{"polluted":true}},"emails":[{"value":"x","constructor":{"polluted":true}}],"${ENTERPRISE_USER_URN}":{"__proto__":{"polluted":true}}}`;
    const { send, service, errors } = await world(false);
    for (const [method, path, body] of [
      ['POST', '/Users', parsed(evil)],
      ['PUT', '/Users/u1', parsed(evil.replace('evil', 'ada'))],
      ['PATCH', '/Users/u1', patch({ op: 'add', value: parsed(evil.replace('evil', 'ada')) })],
      ['POST', '/Bulk', bulk({ method: 'POST', path: '/Users', bulkId: '__proto__', data: parsed(evil.replace('evil', 'bulk')) }, { method: 'POST', path: '/Groups', bulkId: 'constructor', data: { displayName: 'x', members: [{ value: 'bulkId:__proto__' }] } })],
    ] as const) {
      expect((await send(method, path, { body })).status).toBeLessThan(500);
    }
    expect(errors).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    // `constructor.prototype.polluted` and the like may be kept as one strange name; nothing may stand under a dangerous one.
    expect(service.snapshot()).not.toMatch(/"(?:__proto__|constructor|prototype)":/);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s in queries and addresses', async (name) => {
    const { send } = await world(false);
    for (const query of [{ filter: `${name} eq "x"` }, { attributes: name }, { excludedAttributes: `${name},name.${name}` }, { [name]: 'x' }]) {
      expect([200, 400]).toContain((await send('GET', '/Users', { query })).status);
    }
    expect((await send('GET', '/Users', { query: { sortBy: name } })).status).toBe(400);
    for (const path of [`/${name}`, `/Users/${name}`, `/Schemas/${name}`, `/ResourceTypes/${name}`]) expect((await send('GET', path)).status).toBe(404);
  });
});

describe('text', () => {
  const huge = 'x'.repeat(5_000_000);

  it.each([['5 MB', huge], ['5 MB of references', 'bulkId:'.repeat(700_000)], ['NUL', 'a\u0000b'], ['half a character', 'a\ud800'], ['the other half', '\udc00a']])('%s is refused wherever it stands', async (_name, text) => {
    for (const [method, path] of [['POST', '/Users'], ['PUT', '/Users/u1']] as const) {
      for (const body of [{ userName: text }, { userName: 'x', title: text }, { userName: 'x', unknown: [{ deep: text }] }, { userName: 'x', [ENTERPRISE_USER_URN]: { department: text } }]) {
        await expectRefused(method, path, { schemas: [USER_URN, ENTERPRISE_USER_URN], ...body });
      }
    }
    await expectRefused('PATCH', '/Users/u1', patch({ op: 'replace', path: 'title', value: text }));
    await expectRefused('PATCH', '/Users/u1', patch({ op: 'replace', path: text, value: 'x' }));
    await expectRefused('PATCH', '/Users/u1', patch({ op: text, path: 'title', value: 'x' }));
    await expectRefused('PATCH', '/Users/u1', patch({ op: 'remove', path: `emails[value eq ${JSON.stringify(text)}]` }));
    await expectRefused('PATCH', '/Groups/g2', patch({ op: 'add', path: 'members', value: [{ value: text }] }));
    await expectRefused('POST', '/Users/.search', { filter: `userName eq ${JSON.stringify(text)}` });
    await expectRefused('POST', '/.search', { attributes: ['userName', text] });
    const { send } = await world(false);
    const answer = await send('POST', '/Bulk', { body: bulk({ method: 'POST', path: '/Users', bulkId: text, data: { userName: 'x' } }, { method: 'DELETE', path: text }, { method: 'POST', path: '/Users', bulkId: 'b', data: { userName: text } }) });
    expect((answer.body as { Operations: { status: string }[] }).Operations.map(({ status }) => status[0])).toEqual(['4', '4', '4']);
    for (const path of [`/Users/${encodeURIComponent(text.slice(0, 10_000).replace(/[\ud800-\udfff]/g, '\u0000'))}`, '/Users/%ED%A0%80']) expect((await send('GET', path)).status).toBe(404);
  });

  it('that only looks dangerous is kept as it is', async () => {
    const { send } = await world(false);
    const title = "'; DROP TABLE users; -- \u202e <script> 😀 ﷽ \u00a0";
    expect((await send('PATCH', '/Users/u1', { body: patch({ op: 'replace', path: 'title', value: title }) })).body).toMatchObject({ title });
  });
});

describe('numbers', () => {
  it(`of operations: at most ${MAX_PATCH_OPERATIONS} in a PATCH`, async () => {
    await expectRefused('PATCH', '/Users/u1', patch(...Array.from({ length: 10_000 }, (_item, index) => ({ op: 'replace', path: 'title', value: `t${index}` }))));
    const { send } = await world(false);
    expect((await send('PATCH', '/Users/u1', { body: patch(...Array.from({ length: 10_000 }, () => ({}))) })).status).toBe(413);
  });

  it('of attributes: whoever sends a hundred thousand is refused after the first thousand', async () => {
    let looked = 0;
    const many = new Proxy(Object.fromEntries(Array.from({ length: 100_000 }, (_item, index) => [`a${index}`, 1])), {
      get: (target, name) => {
        looked += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
    for (const [method, path, body] of [
      ['POST', '/Users', many],
      ['PUT', '/Users/u1', { userName: 'x', unknown: many }],
      ['PATCH', '/Users/u1', patch({ op: 'add', value: many })],
      ['PATCH', '/Groups/g2', patch({ op: 'add', path: 'members', value: [many] })],
      ['POST', '/Bulk', bulk({ method: 'POST', path: '/Users', bulkId: 'a', data: many })],
    ] as const) {
      const { send } = await world(false);
      looked = 0;
      expect(await send(method, path, { body })).toMatchObject({ status: 400, body: { scimType: 'invalidValue', detail: expect.stringContaining('1000 values') } });
      expect(looked).toBeLessThan(1_100);
    }
  });

  it('of members: each is looked at once, and a list of them is never copied', async () => {
    for (const [method, path, body] of [
      ['POST', '/Groups', (members: unknown) => ({ displayName: 'many', members })],
      ['PATCH', '/Groups/g2', (members: unknown) => patch({ op: 'add', path: 'members', value: members })],
    ] as const) {
      const { send, service } = await world(false);
      let looked = 0;
      const member = new Proxy({ value: 'nobody' }, {
        get: (target, name) => {
          looked += 1;
          return Reflect.get(target, name) as unknown;
        },
      });
      service.create = () => Promise.reject(new Error('seen'));
      service.modify = () => Promise.reject(new Error('seen'));
      await send(method, path, { body: body(Array.from({ length: 10_000 }, () => member)) });
      // Once for the depth of the body, and in a POST once for the id.
      expect(looked).toBeLessThanOrEqual(20_000);
    }
  });

  it('of values without a value to remove', async () => {
    await expectRefused('PATCH', '/Users/u1', patch({ op: 'remove', path: 'emails', value: Array.from({ length: 50_000 }, (_item, index) => ({ type: `t${index}` })) }));
  });

  it('of names that are none: the log gets fifty', async () => {
    const { send, dropped } = await world(false);
    const body = Object.fromEntries([['userName', 'many'], ...Array.from({ length: 900 }, (_item, index) => [`no name ${index}`, 1])]);
    expect((await send('POST', '/Users', { body })).status).toBe(201);
    expect(dropped.map((names) => names.length)).toEqual([50]);
  });

  it('that are none', async () => {
    const { send } = await world(false);
    for (const count of ['1e3', '0x10', 'NaN', 'Infinity', '1,5', '１']) expect((await send('GET', '/Users', { query: { count } })).status).toBe(400);
  });
});

describe('bulk', () => {
  it(`carries at most ${MAX_BULK_OPERATIONS} operations`, async () => {
    await expectRefused('POST', '/Bulk', bulk(...Array.from({ length: 10_000 }, (_item, index) => ({ method: 'POST', path: '/Users', bulkId: `b${index}`, data: { userName: `n${index}` } }))));
  });

  it('does not grow: references replace each other by ids, not by contents', async () => {
    const { send, service } = await world(false);
    // Each refers a thousand times to the one before: expanding contents would be 1000^10.
    const operations = Array.from({ length: 10 }, (_item, index) => ({
      method: 'POST',
      path: '/Groups',
      bulkId: `b${index}`,
      data: { schemas: [GROUP_URN], displayName: `b${index}`, members: Array.from({ length: index === 0 ? 0 : 1_000 }, () => ({ value: `bulkId:b${index - 1}` })) },
    }));
    expect((await send('POST', '/Bulk', { body: bulk(...operations) })).status).toBe(200);
    expect(service.snapshot().length).toBeLessThan(300_000);
  });

  it('looks at a hundred thousand references to nothing once each', async () => {
    const { send, service } = await world(false);
    const members = Array.from({ length: 100_000 }, (_item, index) => ({ value: `bulkId:none${index}` }));
    const operations = [{ method: 'POST', path: '/Groups', bulkId: 'a', data: { displayName: 'a', members } }, ...Array.from({ length: 500 }, () => ({ method: 'DELETE', path: '/Groups/bulkId:a' }))];
    const answer = await send('POST', '/Bulk', { body: bulk(...operations) });
    expect(new Set((answer.body as { Operations: { status: string }[] }).Operations.map(({ status }) => status))).toEqual(new Set(['409']));
    expect(service.resources.Group.size).toBe(1);
  });

  it('in a bulk request is no operation', async () => {
    const { send } = await world(false);
    const answer = await send('POST', '/Bulk', { body: bulk({ method: 'POST', path: '/Bulk', bulkId: 'a', data: bulk() }, { method: 'POST', path: '/Users/.search', bulkId: 'b', data: {} }) });
    expect((answer.body as { Operations: { status: string }[] }).Operations.map(({ status }) => status)).toEqual(['400', '400']);
  });
});

it('property: any request gets an answer, and none of them a 500', async () => {
  const word = fc.constantFrom(
    '', 'Users', 'Groups', 'u1', 'g2', '.search', 'Bulk', 'Me', 'Schemas', 'ResourceTypes', 'ServiceProviderConfig', USER_URN, '__proto__', '%00', '%zz', '..', 'bulkId:u1', 'nothing',
    'userName', 'emails', 'emails[type eq "work"]', 'emails[type eq "work"].value', 'name.givenName', 'members', 'members[value eq "u1"]', 'password', 'id', 'meta', 'schemas', 'active', `${ENTERPRISE_USER_URN}:manager`,
    ENTERPRISE_USER_URN, 'userName eq "ada"', 'not (userName pr) or emails pr', 'members.value eq "u1" and', 'ascending', 'descending', '-1', '0', '1', '99999999999999999999', 'W/"1"', '"1"', '*', 'bulkId:a', '$ref'
  );
  const scalar = fc.oneof(word, word, fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, [], {}));
  const key = fc.oneof(
    fc.constantFrom('schemas', 'Operations', 'op', 'path', 'value', 'method', 'bulkId', 'data', 'version', 'failOnErrors', 'userName', 'displayName', 'members', 'emails', 'name', 'filter', 'sortBy', 'count', 'cursor', 'attributes'),
    word
  );
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, fc.array(tie('any'), { maxLength: 3 }), fc.dictionary(key, tie('any'), { maxKeys: 4 })),
  })).any;
  const operation = fc.record({ op: fc.constantFrom('add', 'replace', 'remove', 'Remove'), path: fc.option(word, { nil: undefined }), value: fc.option(value, { nil: undefined }) });
  const bulkOperation = fc.record({ method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), path: fc.constantFrom('/Users', '/Groups', '/Users/u1', '/Groups/bulkId:a', '/Groups/g2'), bulkId: fc.constantFrom('a', 'b', 'c'), data: fc.oneof(value, fc.record({ Operations: fc.array(operation, { maxLength: 2 }) }), fc.record({ userName: word, displayName: word, members: fc.array(fc.record({ value: word }), { maxLength: 2 }) })) });
  const body = fc.oneof(value, fc.record({ Operations: fc.array(operation, { maxLength: 3 }) }), fc.record({ Operations: fc.array(bulkOperation, { maxLength: 3 }) }), fc.record({ userName: word, displayName: word, password: scalar, members: value, emails: value }));
  const request = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'),
    path: fc.oneof(fc.array(word, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`), fc.constantFrom('/Users', '/Users/u1', '/Groups/g2', '/Bulk', '/.search', '/Users/.search', '/')),
    query: fc.dictionary(fc.constantFrom('filter', 'sortBy', 'sortOrder', 'count', 'startIndex', 'cursor', 'attributes', 'excludedAttributes', 'FILTER', 'x'), fc.oneof(word, fc.array(word, { maxLength: 2 })), { maxKeys: 3 }),
    headers: fc.dictionary(fc.constantFrom('if-match', 'if-none-match'), word, { maxKeys: 2 }),
    body,
  });
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, fc.boolean(), fc.boolean(), async (sent, strict, acceptPassword) => {
      const service = new MemoryService();
      const { send, errors } = serverOver(service, contextOf({ strict, acceptPassword }));
      service.resources.User.set('u1', { schemas: [USER_URN], id: 'u1', userName: 'ada', active: true, emails: [{ value: 'a', type: 'work' }], meta: { resourceType: 'User', version: 'W/"1"' } });
      service.resources.Group.set('g2', { schemas: [GROUP_URN], id: 'g2', displayName: 'g', members: [{ value: 'u1' }], meta: { resourceType: 'Group', version: 'W/"1"' } });
      const answer = await send(sent.method, sent.path, sent);
      expect(errors).toEqual([]);
      expect(answer.status === 501 || answer.status < 500).toBe(true);
      if (answer.status >= 400 && sent.method !== 'HEAD') expect(answer.body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(answer.status) });
      expect(answer.body ?? {}).not.toHaveProperty('password');
      seen.add(answer.status);
    }),
    { numRuns: 4_000 }
  );
  for (const status of [200, 204, 304, 400, 403, 404, 405, 501]) expect([...seen]).toContain(status);
});
