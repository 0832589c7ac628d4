import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, type Inbound } from '../helpers/connections';

/** What Strapi itself would answer must leave as SCIM: bad JSON, 401, 404, 405, 413, 415. */
let booted: BootedStrapi;
let idp: Inbound;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { maxBodyBytes: 2_000_000 } } } } });
  idp = await createInbound(booted);
});
afterAll(() => booted.stop());

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

describe('errors', () => {
  it.each<[string, number, () => Promise<{ status: number; headers: Record<string, string>; text: string }>]>([
    ['bad JSON as scim+json', 400, () => send('post', '/Users', '{bad', 'application/scim+json')],
    ['bad JSON as plain JSON', 400, () => send('post', '/Users', '{bad', 'application/json')],
    ['a body that is not UTF-8', 400, () => send('post', '/Users', Buffer.from('{"userName":"u\xff\xfe"}', 'latin1'), 'application/scim+json')],
    ['a body that is no object', 400, () => send('post', '/Users', '[]', 'application/scim+json')],
    ['no body', 400, () => send('post', '/Users')],
    ['multipart that is none', 415, () => send('post', '/Users', 'zzz', 'multipart/form-data')],
    ['text', 415, () => send('post', '/Users', 'hello', 'text/plain')],
    ['a body above the limit', 413, () => send('post', '/Users', JSON.stringify({ userName: 'x'.repeat(2_100_000) }), 'application/scim+json')],
    ['an unknown resource', 404, () => send('get', '/Nothing')],
    ['an unknown user', 404, () => send('get', '/Users/00000000-0000-4000-8000-000000000000')],
    ['a wrong method', 405, () => send('put', '/Users', '{}', 'application/scim+json')],
    ['a broken filter', 400, () => send('get', '/Users?filter=userName%20eq')],
    ['a filter on discovery', 403, () => send('get', '/Schemas?filter=id%20eq%20%22x%22')],
  ])('%s is answered in SCIM', async (_what, status, request) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/scim\+json/);
    expect(JSON.parse(answer.text)).toMatchObject({ schemas: [ERROR], status: String(status) });
  });

  it.each([
    ['no token', '/Users', undefined],
    ['a wrong token', '/Users', 'Bearer wrong'],
    ['basic credentials', '/Users', 'Basic eDp5'],
  ])('%s is 401 with a challenge, and looks like an unknown connection', async (_what, path, authorization) => {
    const ask = (root: string) => {
      const request = booted.http.get(`${root}${path}`);
      return authorization === undefined ? request : request.set('Authorization', authorization);
    };
    const known = await ask(idp.root);
    const unknown = await ask(idp.root.replace(idp.connection.key, 'nobody-00000000'));
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(known.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(known.text).toBe(unknown.text);
  });

  it('a token opens its own connection only', async () => {
    const other = await createInbound(booted, { name: 'Other' });
    const answer = await booted.http.get(`${other.root}/Users`).set('Authorization', `Bearer ${idp.token}`);
    expect(answer.status).toBe(401);
  });

  it('a session of Strapi does not open SCIM, and a SCIM token does not open Strapi', async () => {
    const admin = await booted.adminToken();
    expect((await booted.http.get(`${idp.root}/Users`).set('Authorization', `Bearer ${admin}`)).status).toBe(401);
    expect((await booted.http.get('/api/users').set('Authorization', `Bearer ${idp.token}`)).status).toBe(401);
  });
});

describe('discovery', () => {
  it.each(['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', '/ResourceTypes/User', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'])(
    '%s answers',
    async (path) => {
      const answer = await idp.scim('GET', path);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/scim\+json/);
    }
  );
});

it('reads plain JSON as well', async () => {
  const answer = await booted.http
    .post(`${idp.root}/Users`)
    .set('Authorization', `Bearer ${idp.token}`)
    .set('Content-Type', 'application/json')
    .send({ userName: 'plain-json' });
  expect(answer.status).toBe(201);
  expect(answer.headers['content-type']).toMatch(/^application\/scim\+json/);
});

it('stores tokens only as a keyed hash', async () => {
  const rows: unknown = await booted.strapi.db.connection('provisioning_tokens').select();
  expect(JSON.stringify(rows)).not.toContain(idp.token);
});

async function send(method: 'get' | 'post' | 'put', path: string, body?: string | Buffer, type?: string) {
  let request = booted.http[method](`${idp.root}${path}`).set('Authorization', `Bearer ${idp.token}`).buffer(true);
  if (type !== undefined) request = request.set('Content-Type', type);
  const answer = body === undefined ? await request : await request.send(body);
  return { status: answer.status, headers: answer.headers as Record<string, string>, text: answer.text };
}
