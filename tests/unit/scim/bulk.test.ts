import fc from 'fast-check';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import type { BulkResult } from '../../../server/src/scim/server/bulk-run';
import { contextOf, MemoryService, serverOver } from './fake-service';

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const ROOT = 'https://cms.example/scim/v2';

const user = (bulkId: string, data: object = {}) => ({ method: 'POST', path: '/Users', bulkId, data: { schemas: [USER_URN], userName: bulkId, ...data } });
const group = (bulkId: string, members: string[] = []) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [GROUP_URN], displayName: bulkId, members: members.map((value) => ({ value: `bulkId:${value}` })) },
});
const manager = (bulkId: string) => ({ schemas: [USER_URN, ENTERPRISE_USER_URN], [ENTERPRISE_USER_URN]: { department: 'd', manager: { value: `bulkId:${bulkId}` } } });

function setUp(ctx: ScimRequestContext = contextOf()) {
  const service = new MemoryService();
  const server = serverOver(service, ctx);
  const raw = (body: unknown) => server.send('POST', '/Bulk', { body });
  const bulk = async (Operations: object[], rest: object = {}): Promise<BulkResult[]> => {
    const answer = await raw({ schemas: [REQUEST], Operations, ...rest });
    expect(answer).toMatchObject({ status: 200, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'] } });
    return (answer.body as { Operations: BulkResult[] }).Operations;
  };
  const membersOf = (name: string): string[] =>
    (([...service.resources.Group.values()].find(({ displayName }) => displayName === name)?.members ?? []) as { value: string }[]).map(({ value }) => value);
  const idOf = (name: string): unknown => [...service.resources.User.values(), ...service.resources.Group.values()].find((item) => item.userName === name || item.displayName === name)?.id;
  return { service, ...server, raw, bulk, membersOf, idOf };
}

const statuses = (results: BulkResult[]) => results.map(({ status }) => status);

it('a text that only begins like a reference is none; a path that is none gets no location', async () => {
  const { bulk, service } = setUp();
  const results = await bulk([user('ada', { displayName: 'bulkId:q is my name', nickName: 'bulkId:ada' }), { method: 'DELETE', path: 'Users/u1' }]);
  expect(statuses(results)).toEqual(['201', '400']);
  expect([...service.resources.User.values()]).toMatchObject([{ displayName: 'bulkId:q is my name', nickName: 'bulkId:ada' }]);
  expect(results[1]).not.toHaveProperty('location');
});

describe('answers (RFC 7644 section 3.7.3)', () => {
  it('each operation with method, location, version and status; a response only where it failed', async () => {
    const { bulk, service } = setUp();
    expect(await bulk([user('ada'), user('bob')])).toEqual([
      { method: 'POST', bulkId: 'ada', location: `${ROOT}/Users/u1`, version: 'W/"1"', status: '201' },
      { method: 'POST', bulkId: 'bob', location: `${ROOT}/Users/u2`, version: 'W/"1"', status: '201' },
    ]);
    expect(
      await bulk([
        { method: 'PUT', path: '/Users/u1', version: 'W/"1"', data: { schemas: [USER_URN], userName: 'ada', title: 'Dr' } },
        { method: 'patch', path: '/Users/u2', bulkId: 'note', data: { Operations: [{ op: 'add', path: 'title', value: 'x' }] } },
        user('ada'),
        { method: 'PUT', path: '/Users/u2', version: 'W/"1"', data: { userName: 'bob' } },
        { method: 'DELETE', path: '/Users/u1', data: 'ignored' },
        { method: 'DELETE', path: '/Users/u1' },
      ])
    ).toEqual([
      { method: 'PUT', location: `${ROOT}/Users/u1`, version: 'W/"2"', status: '200' },
      { method: 'PATCH', bulkId: 'note', location: `${ROOT}/Users/u2`, version: 'W/"2"', status: '200' },
      { method: 'POST', bulkId: 'ada', status: '409', response: expect.objectContaining({ scimType: 'uniqueness', status: '409' }) },
      { method: 'PUT', location: `${ROOT}/Users/u2`, status: '412', response: expect.objectContaining({ status: '412' }) },
      { method: 'DELETE', location: `${ROOT}/Users/u1`, status: '204' },
      { method: 'DELETE', location: `${ROOT}/Users/u1`, status: '404', response: expect.objectContaining({ status: '404' }) },
    ]);
    expect(service.resources.User.size).toBe(1);
  });

  it('tells every refused operation to the log, and what was dropped of one is not said of the next', async () => {
    const { bulk, refused, service } = setUp();
    await bulk([user('a', { password: 'x' }), user('b'), user('a2', { userName: 'a' }), { method: 'PUT', path: '/Users/none', data: { userName: 'x' } }, group('g', ['nobody'])]);
    expect(refused).toEqual([{ status: 409, path: '/Users', method: 'POST' }, { status: 404, path: '/Users/none', method: 'PUT' }, { status: 409, path: '/Groups', method: 'POST' }]);
    expect(service.calls.filter(([call]) => call === 'create').map((call) => call[3])).toEqual([['password'], undefined, undefined]);
  });

  it('a failure of ours is one operation’s 500, without its cause', async () => {
    const { bulk, service, errors } = setUp();
    const create = service.create.bind(service);
    jest.spyOn(service, 'create').mockImplementation(async (ctx, type, resource) => {
      if (resource.userName === 'b') throw new Error('SELECT secrets');
      return create(ctx, type, resource);
    });
    const results = await bulk([user('a'), user('b'), user('c')]);
    expect(statuses(results)).toEqual(['201', '500', '201']);
    expect(JSON.stringify(results)).not.toContain('SELECT');
    expect(errors).toHaveLength(1);
  });
});

describe('failOnErrors', () => {
  const operations = [user('a'), user('x'), { method: 'DELETE', path: '/Users/none' }, user('b'), { method: 'DELETE', path: '/Users/none' }, user('c')];

  it.each([[1, 3], [2, 5], [3, 6], [undefined, 6]])('%s: %d operations are answered', async (failOnErrors, answered) => {
    const { bulk, service } = setUp();
    expect(await bulk(operations, failOnErrors === undefined ? {} : { failOnErrors })).toHaveLength(answered);
    expect(service.resources.User.has('u1')).toBe(true);
  });

  it.each([0, -1, 1.5, '1', true])('%j is refused', async (failOnErrors) => {
    const { raw, service } = setUp();
    expect(await raw({ Operations: operations, failOnErrors })).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(service.calls).toEqual([]);
  });

  it('finishes what was begun', async () => {
    const { bulk, membersOf, idOf } = setUp();
    const results = await bulk([group('a', ['b']), group('b', ['a']), { method: 'DELETE', path: '/Users/none' }, user('never')], { failOnErrors: 1 });
    expect(statuses(results)).toEqual(['201', '201', '404']);
    expect([membersOf('a'), membersOf('b')]).toEqual([[idOf('b')], [idOf('a')]]);
  });
});

describe('references (RFC 7644 sections 3.7.1 and 3.7.2)', () => {
  it('backward and forward, in members, manager, $ref, paths and filters', async () => {
    const { bulk, service, membersOf, idOf } = setUp();
    const results = await bulk([
      group('team', ['late']),
      user('early'),
      user('late', manager('early')),
      { method: 'PATCH', path: '/Groups/bulkId:team', data: { Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:early', $ref: '../Users/bulkId:early' }] }] } },
      { method: 'PATCH', path: '/Groups/bulkId%3Ateam', data: { Operations: [{ op: 'remove', path: 'members[value eq "bulkId:late"]' }] } },
      { method: 'PUT', path: '/Users/bulkId:early', data: { userName: 'early', title: 'Dr' } },
      { method: 'DELETE', path: '/Users/bulkId:late' },
    ]);
    expect(statuses(results)).toEqual(['201', '201', '201', '204', '204', '200', '204']);
    expect(membersOf('team')).toEqual([idOf('early')]);
    const team = service.resources.Group.get(String(idOf('team')));
    expect(team?.members).toEqual([{ value: idOf('early'), $ref: `../Users/${String(idOf('early'))}` }]);
    expect(results[3]?.location).toBe(`${ROOT}/Groups/${String(idOf('team'))}`);
    expect(service.calls.find(([call, , resource]) => call === 'create' && (resource as { userName?: string }).userName === 'late')?.[2]).toMatchObject({
      [ENTERPRISE_USER_URN]: { manager: { value: idOf('early') } },
    });
  });

  it('in a circle: groups of each other, managers of each other, oneself; the answer has the last version', async () => {
    for (const strict of [false, true]) {
      const { bulk, service, membersOf, idOf } = setUp(contextOf({ strict }));
      const results = await bulk([group('a', ['b', 'plain']), group('b', ['c']), group('c', ['a', 'c']), user('plain', manager('other')), user('other', manager('plain')), user('self', manager('self'))]);
      expect(statuses(results)).toEqual(Array.from({ length: 6 }, () => '201'));
      expect(membersOf('a').sort()).toEqual([idOf('b'), idOf('plain')].sort());
      expect(membersOf('b')).toEqual([idOf('c')]);
      expect(membersOf('c').sort()).toEqual([idOf('a'), idOf('c')].sort());
      const enterprise = (name: string) => service.resources.User.get(String(idOf(name)))?.[ENTERPRISE_USER_URN];
      expect(enterprise('plain')).toEqual({ department: 'd', manager: { value: idOf('other') } });
      expect(enterprise('other')).toEqual({ department: 'd', manager: { value: idOf('plain') } });
      expect(enterprise('self')).toEqual({ department: 'd', manager: { value: idOf('self') } });
      for (const result of results.slice(3)) {
        expect(result.version).toBe(service.resources.User.get(String(result.location?.split('/').at(-1)))?.meta?.version);
      }
      // A PATCH of a group answers without a version: none is better than an old one.
      expect(results[2]).not.toHaveProperty('version');
    }
  });

  it('that lead nowhere are 409 for those who refer to them, and for those only', async () => {
    const { bulk, service } = setUp();
    const results = await bulk([group('g', ['nobody']), user('ok'), group('h', ['bad']), { ...user('bad'), data: { userName: '' } }, { method: 'PATCH', path: '/Groups/bulkId:g', data: { Operations: [{ op: 'add', path: 'title', value: 'x' }] } }]);
    expect(statuses(results)).toEqual(['409', '201', '409', '400', '409']);
    for (const index of [0, 2, 4]) expect(results[index]?.response).toMatchObject({ scimType: 'invalidValue' });
    expect([service.resources.User.size, service.resources.Group.size]).toEqual([1, 0]);
  });

  it('a circle that cannot be closed leaves nothing half made', async () => {
    const { bulk, service } = setUp();
    await bulk([user('taken')]);
    // b is created first, without a; a then fails.
    const results = await bulk([{ ...group('a', ['b']), data: { members: [{ value: 'bulkId:b' }] } }, group('b', ['a']), { method: 'DELETE', path: '/Groups/bulkId:b' }]);
    // The last one refers to what is no longer there.
    expect(statuses(results)).toEqual(['400', '409', '409']);
    expect(results[1]).not.toHaveProperty('location');
    expect(service.resources.Group.size).toBe(0);
  });

  it('a circle that cannot be closed takes those with it that wait for its parts', async () => {
    const { bulk, service } = setUp();
    // d and c wait for b, which waits for a, which fails; e refers to nobody.
    const results = await bulk([{ ...group('a', ['c']), data: { members: [{ value: 'bulkId:c' }] } }, group('b', ['a', 'c']), group('c', ['d', 'b']), group('d', ['c']), group('e'), { method: 'PATCH', path: '/Groups/bulkId:d', data: {} }]);
    expect(statuses(results)).toEqual(['400', '409', '409', '409', '201', '409']);
    expect([...service.resources.Group.values()].map(({ displayName }) => displayName)).toEqual(['e']);
  });

  it('says where a half made resource is that could not be removed', async () => {
    const { bulk, service } = setUp();
    service.remove = () => Promise.reject(new Error('no'));
    const results = await bulk([{ ...group('a', ['b']), data: { members: [{ value: 'bulkId:b' }] } }, group('b', ['a'])]);
    expect(results[1]).toMatchObject({ status: '409', location: `${ROOT}/Groups/g1` });
  });

  it('property: whatever the references, everything is made once and refers to the right ones', async () => {
    const graphs = fc.integer({ min: 1, max: 8 }).chain((size) => fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size }));
    await fc.assert(
      fc.asyncProperty(graphs, async (edges) => {
        const { bulk, membersOf, idOf, service } = setUp();
        const results = await bulk(edges.map((targets, index) => group(`n${index}`, targets.map((target) => `n${target}`))));
        expect(new Set(statuses(results))).toEqual(new Set(['201']));
        expect(service.resources.Group.size).toBe(edges.length);
        edges.forEach((targets, index) => expect(membersOf(`n${index}`).sort()).toEqual(targets.map((target) => idOf(`n${target}`)).sort()));
        expect(results.map(({ bulkId }) => bulkId)).toEqual(edges.map((_targets, index) => `n${index}`));
      }),
      { numRuns: 200 }
    );
  });
});

describe('what is wrong', () => {
  it.each([
    [undefined, 400, 'invalidSyntax'],
    [[], 400, 'invalidSyntax'],
    [{}, 400, 'invalidSyntax'],
    [{ Operations: [] }, 400, 'invalidSyntax'],
    [{ Operations: {} }, 400, 'invalidSyntax'],
    [{ Operations: ['x'] }, 400, 'invalidSyntax'],
    [{ Operations: [{ path: '/Users' }] }, 400, 'invalidSyntax'],
    [{ Operations: [{ method: 'GET', path: '/Users/1' }] }, 400, 'invalidSyntax'],
    [{ Operations: [user('a'), user('a')] }, 400, 'invalidValue'],
    [{ Operations: Array.from({ length: 1_001 }, (_item, index) => user(`u${index}`)) }, 413, undefined],
  ])('with the request refuses all of it: %#', async (body, status, scimType) => {
    const { raw, service } = setUp();
    const answer = await raw(body);
    expect([answer.status, (answer.body as { scimType?: string }).scimType]).toEqual([status, scimType]);
    expect(service.calls).toEqual([]);
  });

  it.each<[object, string]>([
    [{ method: 'POST', path: '/Users', data: { userName: 'x' } }, 'invalidValue'],
    [{ ...user('x'), bulkId: '' }, 'invalidValue'],
    [{ ...user('x'), bulkId: 5 }, 'invalidValue'],
    [{ ...user('x'), bulkId: 'x'.repeat(201) }, 'invalidValue'],
    [{ ...user('x'), path: '/Users/1' }, 'invalidValue'],
    [{ ...user('x'), path: 'Users' }, 'invalidValue'],
    [{ ...user('x'), path: '/Bulk' }, 'invalidValue'],
    [{ ...user('x'), path: '/Users?a=b' }, 'invalidValue'],
    [{ ...user('x'), path: undefined }, 'invalidValue'],
    [{ ...user('x'), path: ['/Users'] }, 'invalidValue'],
    [{ ...user('x'), data: undefined }, 'invalidSyntax'],
    [{ ...user('x'), data: 'text' }, 'invalidSyntax'],
    [{ method: 'PUT', path: '/Users', data: {} }, 'invalidValue'],
    [{ method: 'PATCH', path: '/Users/.search', data: {} }, 'invalidValue'],
    [{ method: 'DELETE', path: '/Users/1/2' }, 'invalidValue'],
    [{ method: 'DELETE', path: '/ServiceProviderConfig' }, 'invalidValue'],
    [{ method: 'DELETE', path: '/Users/u1', version: 'unquoted' }, 'invalidValue'],
    [{ method: 'DELETE', path: '/Users/u1', version: 5 }, 'invalidValue'],
  ])('with an operation is its own error: %j', async (operation, scimType) => {
    const { bulk, service } = setUp();
    const results = await bulk([user('before'), operation, user('after')]);
    expect(statuses(results)).toEqual(['201', '400', '201']);
    expect(results[1]).toMatchObject({ response: { scimType } });
    expect(service.resources.User.size).toBe(2);
  });

  it('strict: the message schema and exact methods', async () => {
    const { raw, bulk } = setUp(contextOf({ strict: true }));
    expect(await raw({ Operations: [user('a')] })).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
    expect(await raw({ schemas: [REQUEST], Operations: [{ method: 'delete', path: '/Users/1' }] })).toMatchObject({ status: 400 });
    expect(statuses(await bulk([user('a')]))).toEqual(['201']);
  });
});

it('carries out a thousand operations that all wait for each other', async () => {
  const { bulk, service } = setUp();
  const chain = Array.from({ length: 1_000 }, (_item, index) => group(`n${index}`, [`n${(index + 1) % 1_000}`]));
  expect(new Set(statuses(await bulk(chain)))).toEqual(new Set(['201']));
  expect(service.resources.Group.size).toBe(1_000);
  expect(service.calls.filter(([call]) => call === 'modify')).toHaveLength(1);
});
