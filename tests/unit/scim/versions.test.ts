import { matchesVersion, parseEntityTags } from '../../../server/src/scim/messages/version';
import { MemoryService, serverOver } from './fake-service';

const PATCH = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path: 'displayName', value: 'Dr' }] };

async function ada() {
  const service = new MemoryService();
  const { send, ...rest } = serverOver(service);
  const created = await send('POST', '/Users', { body: { userName: 'ada' } });
  await send('POST', '/Groups', { body: { displayName: 'g' } });
  return { service, send, created, ...rest };
}

describe('ETag (RFC 7644 section 3.14)', () => {
  it('comes with every resource and is its meta.version, also where meta was not asked for', async () => {
    const { send, created } = await ada();
    expect(created).toMatchObject({ status: 201, headers: { ETag: 'W/"1"' }, body: { meta: { version: 'W/"1"' } } });
    expect(await send('GET', '/Users/u1', { query: { attributes: 'userName' } })).toMatchObject({ headers: { ETag: 'W/"1"' } });
    expect(await send('PUT', '/Users/u1', { body: { userName: 'ada' } })).toMatchObject({ headers: { ETag: 'W/"2"' } });
    expect(await send('PATCH', '/Users/u1', { body: PATCH })).toMatchObject({ headers: { ETag: 'W/"3"' }, body: { meta: { version: 'W/"3"' } } });
    expect((await send('GET', '/ServiceProviderConfig')).body).toMatchObject({ etag: { supported: true } });
  });

  it.each(['W/"1"', '"1"', '*', '"0", W/"1"', 'W/"0" ,"1"'])('If-None-Match %s: 304 without a body', async (tag) => {
    const { send } = await ada();
    expect(await send('GET', '/Users/u1', { headers: { 'if-none-match': tag } })).toEqual({ status: 304, headers: { ETag: 'W/"1"' }, body: null });
    expect(await send('HEAD', '/Users/u1', { headers: { 'if-none-match': tag } })).toMatchObject({ status: 304 });
  });

  it.each(['W/"2"', '"11"', '1', 'nonsense"', ''])('If-None-Match %s: the whole answer', async (tag) => {
    const { send } = await ada();
    expect(await send('GET', '/Users/u1', { headers: { 'if-none-match': tag } })).toMatchObject({ status: 200, body: { userName: 'ada' } });
  });

  it('If-None-Match is about reading one resource', async () => {
    const { send } = await ada();
    expect(await send('GET', '/Users', { headers: { 'if-none-match': '*' } })).toMatchObject({ status: 200 });
    expect(await send('PATCH', '/Groups/g2', { headers: { 'if-none-match': '*' }, body: PATCH, query: { attributes: 'displayName' } })).toMatchObject({ status: 200 });
    expect(await send('GET', '/Users/none', { headers: { 'if-none-match': '*' } })).toMatchObject({ status: 404 });
  });

  it.each([['PUT', { userName: 'ada' }], ['PATCH', PATCH], ['DELETE', undefined]])('%s happens only on the version If-Match names', async (method, body) => {
    const { send, service, refused } = await ada();
    const before = service.snapshot();
    for (const tag of ['W/"2"', '"0", "3"']) {
      expect(await send(method, '/Users/u1', { body, headers: { 'if-match': tag } })).toMatchObject({ status: 412, body: { status: '412', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] } });
    }
    for (const tag of ['1', '', ',', '"1', 'W/1', '"1" x', '"1", *', '"a"'.repeat(60_000)]) {
      expect(await send(method, '/Users/u1', { body, headers: { 'if-match': tag } })).toMatchObject({ status: 400 });
    }
    expect(service.snapshot()).toBe(before);
    expect(refused).toHaveLength(10);
    expect((await send(method, '/Users/u1', { body, headers: { 'if-match': '"0", W/"1"' } })).status).toBeLessThan(300);
  });

  it('If-Match: * asks only that there is one', async () => {
    const { send } = await ada();
    expect(await send('PUT', '/Users/u1', { body: { userName: 'ada' }, headers: { 'if-match': '*' } })).toMatchObject({ status: 200 });
    expect(await send('DELETE', '/Users/none', { headers: { 'if-match': '*' } })).toMatchObject({ status: 404 });
  });
});

it('compares weakly, and without a condition not at all', () => {
  expect(matchesVersion({ ifMatch: ['"7"'] }, 'W/"7"')).toBe(true);
  expect(matchesVersion({ ifMatch: ['W/"7"'] }, '"7"')).toBe(true);
  expect(matchesVersion({ ifMatch: ['"77"'] }, 'W/"7"')).toBe(false);
  expect(matchesVersion({ ifMatch: [] }, 'W/"7"')).toBe(false);
  expect(matchesVersion({ ifMatch: ['"7"'] }, undefined)).toBe(false);
  expect(matchesVersion({ ifMatch: '*' }, undefined)).toBe(true);
  expect(matchesVersion({ ifMatch: null }, 'W/"7"')).toBe(true);
  expect(parseEntityTags('"a,b", W/"c"', 'If-Match')).toEqual(['"a,b"', 'W/"c"']);
});
