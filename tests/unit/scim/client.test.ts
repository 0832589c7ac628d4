import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { HttpRequest, HttpResponse } from '../../../server/src/ports/http-client';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { USER_URN } from '../../../server/src/scim/schema/urns';

const NOW = Date.parse('2026-11-21T06:00:00Z');
const TOKEN = 'very-secret-token';
const ada: Resource = { schemas: [USER_URN], userName: 'ada', externalId: 'e1', active: true };

type Reply = Partial<Omit<HttpResponse, 'text'>> & { json?: unknown; text?: string };

/** An application that gives these answers, one after the other, and remembers what it was asked. */
function target(...replies: (Reply | Error)[]) {
  const requests: HttpRequest[] = [];
  const http = {
    async request(request: HttpRequest): Promise<HttpResponse> {
      requests.push(request);
      const reply = replies.shift();
      if (reply === undefined) throw new Error('asked too often');
      if (reply instanceof Error) throw reply;
      const { json, status = 200, headers = {}, text } = reply;
      return { status, headers, text: text ?? (json === undefined ? '' : JSON.stringify(json)) };
    },
  };
  const directory = new ScimTargetDirectory({ http, baseUrl: 'https://app.example/scim/v2/', bearerToken: TOKEN, now: () => NOW });
  const sent = (index: number): unknown => JSON.parse(requests[index]?.body ?? 'null');
  return { directory, requests, sent };
}

const list = (...Resources: object[]): Reply => ({ json: { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: Resources.length, Resources } });
const failure = async (work: Promise<unknown>): Promise<ProvisioningError> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason
  );
  if (!(error instanceof ProvisioningError)) throw new Error(`not a ProvisioningError: ${String(error)}`);
  return error;
};

describe('create', () => {
  it('posts without id and meta, as SCIM, with the token', async () => {
    const { directory, requests, sent } = target({ status: 201, json: { ...ada, id: 'r1' } });
    const entry = await directory.create('User', { ...ada, id: 'local', meta: { resourceType: 'User' } });
    expect(entry).toMatchObject({ ref: 'r1', resource: { ...ada, id: 'r1' }, exchange: { method: 'POST', path: '/Users', status: 201, requestBody: ada } });
    expect(JSON.stringify(entry)).not.toContain(TOKEN);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: 'https://app.example/scim/v2/Users',
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/scim+json', Accept: expect.stringContaining('application/scim+json') as string },
      timeoutMs: 30_000,
    });
    expect(sent(0)).toEqual(ada);
  });

  it('looks for what was created when the answer has no id', async () => {
    const { directory, requests } = target({ status: 201 }, list(), list({ ...ada, id: 'r1' }));
    expect(await directory.create('User', ada)).toMatchObject({ ref: 'r1', exchange: { method: 'POST', status: 201 } });
    expect(requests.slice(1).map((request) => decodeURIComponent(request.url).split('filter=')[1]?.split('&')[0])).toEqual(['externalId eq "e1"', 'userName eq "ada"']);
  });

  it('fails when it cannot be found, or when the address is wrong', async () => {
    expect((await failure(target({ status: 201 }, list(), list()).directory.create('User', ada))).code).toBe('target-unexpected');
    expect((await failure(target({ status: 404, text: '<html>' }).directory.create('User', ada))).code).toBe('target-unexpected');
  });
});

describe('find', () => {
  it('escapes the value and encodes the filter', async () => {
    const name = 'a"\\ é&count=9';
    const { directory, requests } = target(list({ ...ada, id: '1', userName: name }));
    expect(await directory.find('User', 'userName', name)).toHaveLength(1);
    const url = new URL(requests[0]?.url ?? '');
    expect(url.searchParams.get('filter')).toBe(`userName eq ${JSON.stringify(name)}`);
    expect(url.searchParams.get('count')).toBe('2');
  });

  it('answers none, one or many; 404 is none', async () => {
    expect(await target(list()).directory.find('User', 'userName', 'ada')).toEqual([]);
    expect(await target({ json: { totalResults: 0 } }).directory.find('User', 'userName', 'ada')).toEqual([]);
    expect(await target({ status: 404, text: 'gone' }).directory.find('User', 'userName', 'ada')).toEqual([]);
    expect(await target(list({ ...ada, id: '1' }, { ...ada, id: '2', userName: 'ADA' })).directory.find('User', 'userName', 'ada')).toHaveLength(2);
  });

  it('does not take just anybody from an application that ignores filters', async () => {
    expect(await target(list({ id: '1', userName: 'root' }, { id: '2' })).directory.find('User', 'userName', 'ada')).toEqual([]);
  });

  it.each([[{ json: [] }], [{ json: { error: 'x' } }], [{ text: '<html>sign in</html>' }], [{ text: '' }], [list({ userName: 'ada' })]])('refuses %j', async (reply) => {
    expect((await failure(target(reply).directory.find('User', 'userName', 'ada'))).code).toBe('target-unexpected');
  });
});

describe('update', () => {
  const changes = [
    { path: 'name.givenName', before: 'A', after: 'Ada' },
    { path: 'title', before: 'x', after: null },
    { path: 'emails', before: null, after: [{ value: 'a@x' }] },
    { path: 'nickName', before: null, after: 'n' },
  ];

  it('is one PATCH made of the changes', async () => {
    const { directory, requests, sent } = target({ status: 204 });
    expect(await directory.update('User', 'r/1', ada, changes)).toMatchObject({ ref: 'r/1', resource: { ...ada, id: 'r/1' }, exchange: { method: 'PATCH', status: 204 } });
    expect(requests[0]).toMatchObject({ method: 'PATCH', url: 'https://app.example/scim/v2/Users/r%2F1' });
    expect(sent(0)).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [
        { op: 'replace', path: 'name.givenName', value: 'Ada' },
        { op: 'remove', path: 'title' },
        { op: 'replace', path: 'emails', value: [{ value: 'a@x' }] },
        { op: 'add', path: 'nickName', value: 'n' },
      ],
    });
  });

  it.each([405, 501])('falls back to PUT on %d and remembers it', async (status) => {
    const held = { json: { ...ada, id: '1' } };
    const { directory, requests, sent } = target({ status }, held, { json: { ...ada, id: '1' } }, held, { status: 204 });
    await directory.update('User', '1', { ...ada, meta: { resourceType: 'User' } }, changes);
    await directory.update('User', '1', ada, changes);
    expect(requests.map((request) => request.method)).toEqual(['PATCH', 'GET', 'PUT', 'GET', 'PUT']);
    expect(sent(2)).toEqual({ ...ada, id: '1' });
  });

  it('puts back what is not ours, because a PUT replaces the whole object', async () => {
    const theirs = { ...ada, id: '1', meta: {}, groups: [{ value: 'g' }], title: 'x', nickName: 'theirs', name: { givenName: 'A', familyName: 'theirs' } };
    const { directory, sent } = target({ status: 405 }, { json: theirs }, { status: 204 });
    await directory.update('User', '1', { ...ada, name: { givenName: 'Ada' } }, changes);
    expect(sent(2)).toEqual({ ...ada, id: '1', nickName: 'theirs', name: { givenName: 'Ada', familyName: 'theirs' } });
  });

  it('costs nothing without changes', async () => {
    const { directory, requests } = target();
    expect((await directory.update('User', '1', ada, [])).ref).toBe('1');
    expect(requests).toEqual([]);
  });

  it('says when the object is gone', async () => {
    expect((await failure(target({ status: 404 }).directory.update('User', '1', ada, changes))).code).toBe('not-found');
  });
});

it('reads; what is not there is null', async () => {
  expect(await target({ json: { ...ada, id: '1' } }).directory.read('User', '1')).toMatchObject({ ref: '1', resource: { ...ada, id: '1' } });
  expect(await target({ status: 404 }).directory.read('User', '1')).toBeNull();
});

it('deletes; what is already gone is deleted, a sign-in page is not success', async () => {
  await target({ status: 204 }).directory.delete('Group', '1');
  await target({ status: 404, text: 'not found' }).directory.delete('Group', '1');
  expect((await failure(target({ status: 200, text: '<html>' }).directory.delete('Group', '1'))).code).toBe('target-unexpected');
});

describe('errors', () => {
  const timeout = Object.assign(new Error(`timeout ${TOKEN}`), { name: 'TimeoutError' });
  const reset = Object.assign(new Error(`reset ${TOKEN}`), { cause: { code: 'ECONNRESET' } });

  it.each<[Reply | Error, string]>([
    [{ status: 401 }, 'target-auth'],
    [{ status: 403 }, 'target-auth'],
    [{ status: 400, json: { detail: 'userName too long' } }, 'target-rejected'],
    [{ status: 400, json: { scimType: 'uniqueness' } }, 'uniqueness'],
    [{ status: 409 }, 'uniqueness'],
    [{ status: 413 }, 'target-rejected'],
    [{ status: 422, text: 'no' }, 'target-rejected'],
    [{ status: 429 }, 'target-rate-limited'],
    [{ status: 408 }, 'target-unavailable'],
    [{ status: 500, text: '<html>' }, 'target-unavailable'],
    [{ status: 503 }, 'target-unavailable'],
    [{ status: 301, headers: { location: 'https://evil.example' } }, 'target-unexpected'],
    [{ status: 302 }, 'target-unexpected'],
    [{ status: 200, text: '<html>' }, 'target-unexpected'],
    [{ status: 201, text: '{broken' }, 'target-unexpected'],
    [timeout, 'target-unavailable'],
    [reset, 'target-unavailable'],
  ])('%# is %s', async (reply, code) => {
    const { directory, requests } = target(reply);
    const error = await failure(directory.create('User', ada));
    expect(error.code).toBe(code);
    expect(requests).toHaveLength(1);
    expect(error.exchange).toMatchObject({ method: 'POST', path: '/Users', status: reply instanceof Error ? null : reply.status, requestBody: ada });
    expect(JSON.stringify({ ...error, message: error.message, cause: String(error.cause) })).not.toContain(TOKEN);
  });

  it('repeats what the application says, in one short line', async () => {
    const error = await failure(target({ status: 400, json: { detail: `user\nName ${'x'.repeat(1_000)}` } }).directory.create('User', ada));
    expect(error.message).toContain('user Name xxx');
    expect(error.message.length).toBeLessThan(500);
    expect(error.exchange?.responseBody).toMatchObject({ detail: expect.any(String) as string });
    expect((await failure(target(reset).directory.create('User', ada))).message).toContain('ECONNRESET');
  });

  it.each([
    ['30', 30_000],
    ['Sat, 21 Nov 2026 06:01:30 GMT', 90_000],
    ['Sat, 21 Nov 2026 05:00:00 GMT', 0],
    ['99999999999', 3_600_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s is %s ms', async (header, ms) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
    expect((await failure(target({ status: 429, headers }).directory.create('User', ada))).retryAfterMs).toBe(ms);
    expect((await failure(target({ status: 503, headers }).directory.create('User', ada))).retryAfterMs).toBe(ms);
  });
});

describe('probe', () => {
  it('reads the configuration and searches for nobody', async () => {
    const { directory, requests } = target({ json: { patch: { supported: true } } }, list());
    expect(await directory.probe()).toMatchObject({ ok: true, steps: [{ ok: true }, { ok: true }] });
    expect(requests[1]?.url).toMatch(/\/Users\?filter=userName%20eq%20%22[0-9a-f-]{36}%22/);
  });

  it.each<[string, (Reply | Error)[], boolean[]]>([
    ['no configuration published', [{ status: 404 }, list()], [true, true]],
    ['wrong token', [{ status: 401 }], [false]],
    ['wrong token, open configuration', [{ json: {} }, { status: 401 }], [true, false]],
    ['a web page', [{ text: '<html>' }], [false]],
    ['no connection', [new Error('x')], [false]],
    ['filters ignored', [{ json: {} }, list({ id: '1' })], [true, false]],
    ['not a list', [{ json: {} }, { json: {} }], [true, false]],
    ['search not found', [{ status: 404 }, { status: 404 }], [true, false]],
  ])('%s', async (_name, replies, oks) => {
    const result = await target(...replies).directory.probe();
    expect(result.steps.map((step) => step.ok)).toEqual(oks);
    expect(result.ok).toBe(oks.every(Boolean));
    for (const step of result.steps) expect(step.message).toMatch(/\.$/);
  });
});
