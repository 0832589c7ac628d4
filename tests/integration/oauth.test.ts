/** OAuth 2.0 client credentials (RFC 6749 section 4.4), with requests as they come over the wire. */
import type { ConnectionWithToken, TokenInput } from '../../server/src/contracts/connection';
import { Database } from '../../server/src/strapi/database';
import { TokenHash } from '../../server/src/strapi/token-hash';
import { TokenStore } from '../../server/src/strapi/token-store';
import { adminApi, createInbound, operationDetail, operations, type Inbound } from '../helpers/connections';
import { queriesOf } from '../helpers/queries';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
beforeAll(async () => {
  booted = await bootStrapi();
});
afterAll(() => booted.stop());

interface Client {
  idp: Inbound;
  id: string;
  secret: string;
  rowId: number;
  url: string;
}

async function client(input: Partial<TokenInput> = {}): Promise<Client> {
  const idp = await createInbound(booted);
  const { data } = await adminApi<ConnectionWithToken>(booted, 'post', `/connections/${idp.connection.id}/tokens`, { name: 'Client', kind: 'client', ...input });
  const row = data.connection.tokens.at(-1);
  return { idp, id: data.clientId ?? '', secret: data.token ?? '', rowId: row?.id ?? 0, url: new URL(data.connection.tokenUrl ?? '', 'http://x').pathname };
}

const ask = (url: string, form: Record<string, string>, authorization?: string) => {
  const request = booted.http.post(url).type('form');
  return (authorization === undefined ? request : request.set('Authorization', authorization)).send({ grant_type: 'client_credentials', ...form });
};

const basic = ({ id, secret }: Client): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

const scim = (idp: Inbound, token: string, path = '/Users?count=1') => booted.http.get(`${idp.root}${path}`).set('Authorization', `Bearer ${token}`);

it('issues an access token for an hour, with credentials in the header or in the body', async () => {
  const made = await client();
  for (const answer of [await ask(made.url, {}, basic(made)), await ask(made.url, { client_id: made.id, client_secret: made.secret })]) {
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': expect.stringMatching(/^application\/json/) });
    expect(answer.body).toEqual({ access_token: expect.stringMatching(/^scim_access_/), token_type: 'Bearer', expires_in: 3_600 });
    expect((await scim(made.idp, answer.body.access_token)).status).toBe(200);
  }
  const listed = (await adminApi<ConnectionWithToken['connection']>(booted, 'get', `/connections/${made.idp.connection.id}`)).data.tokens;
  expect(listed.map(({ kind, hint }) => [kind, hint === made.id])).toEqual([['bearer', false], ['client', true]]);
  expect(listed[1]?.lastUsedAt).not.toBeNull();
});

it('what an access token does stands in the log under the name of its client', async () => {
  const made = await client({ name: 'Entra client' });
  const { body } = await ask(made.url, {}, basic(made));
  await booted.http.post(`${made.idp.root}/Users`).set('Authorization', `Bearer ${body.access_token}`).type('application/scim+json').send('{"userName":"by-client"}').expect(201);
  const [created] = await operations(booted, '&operation=create');
  expect(await operationDetail(booted, created?.id ?? 0)).toMatchObject({ objectName: 'by-client', actor: 'Entra client' });
});

it.each<[string, (made: Client) => { form: Record<string, string>; authorization?: string; url?: string }, number, string]>([
  ['a wrong secret', (made) => ({ form: { client_id: made.id, client_secret: 'wrong' } }), 401, 'invalid_client'],
  ['an unknown client', (made) => ({ form: { client_id: 'client_0', client_secret: made.secret } }), 401, 'invalid_client'],
  ['no credentials', () => ({ form: {} }), 401, 'invalid_client'],
  ['another connection', (made) => ({ form: {}, authorization: basic(made), url: made.url.replace(made.idp.connection.key, 'nobody-00000000') }), 401, 'invalid_client'],
  ['a bearer token as secret', (made) => ({ form: { client_id: made.id, client_secret: made.idp.token } }), 401, 'invalid_client'],
  ['another grant', (made) => ({ form: { grant_type: 'password' }, authorization: basic(made) }), 400, 'unsupported_grant_type'],
  ['no grant', (made) => ({ form: { grant_type: '' }, authorization: basic(made) }), 400, 'invalid_request'],
  ['an unknown scope', (made) => ({ form: { scope: 'users everything' }, authorization: basic(made) }), 400, 'invalid_scope'],
  ['credentials twice', (made) => ({ form: { client_id: made.id, client_secret: made.secret }, authorization: basic(made) }), 400, 'invalid_request'],
])('%s is refused', async (_what, request, status, error) => {
  const made = await client();
  const { form, authorization, url } = request(made);
  const answer = await ask(url ?? made.url, form, authorization);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.body.access_token).toBeUndefined();
  expect(answer.headers['cache-control']).toBe('no-store');
  if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
});

it('a wrong secret, an unknown client and an unknown connection look alike and cost alike', async () => {
  const made = await client();
  const seen = [];
  for (const [url, id] of [[made.url, made.id], [made.url, 'client_0'], [made.url.replace(made.idp.connection.key, 'nobody-00000000'), made.id]] as const) {
    let text = '';
    const queries = await queriesOf(booted, async () => {
      ({ text } = await ask(url, { client_id: id, client_secret: 'wrong' }));
    });
    seen.push({ text, queries: queries.length });
  }
  expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  expect(seen[0]?.queries).toBe(1);
});

it('takes a form only', async () => {
  const made = await client();
  const answer = await booted.http.post(made.url).set('Authorization', basic(made)).send({ grant_type: 'client_credentials' });
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
});

it('narrows scopes, never widens them', async () => {
  const made = await client({ scopes: ['read-only', 'users'] });
  expect((await ask(made.url, { scope: 'users' }, basic(made))).body.scope).toBe('read-only users');
  expect((await ask(made.url, {}, basic(made))).body.scope).toBe('read-only users');
  expect((await ask(made.url, { scope: 'groups' }, basic(made))).body.error).toBe('invalid_scope');
});

it('a client secret is no bearer token, and a bearer token no client', async () => {
  const made = await client();
  expect((await scim(made.idp, made.secret)).status).toBe(401);
});

it('a revoked client takes its access tokens with it, at once', async () => {
  const made = await client();
  const other = await ask(made.url, {}, basic(await sibling(made)));
  const { body } = await ask(made.url, {}, basic(made));
  expect((await scim(made.idp, body.access_token)).status).toBe(200);
  await adminApi(booted, 'delete', `/connections/${made.idp.connection.id}/tokens/${made.rowId}`);
  expect((await scim(made.idp, body.access_token)).status).toBe(401);
  expect((await ask(made.url, {}, basic(made))).status).toBe(401);
  expect((await scim(made.idp, other.body.access_token)).status).toBe(200);
});

it('an access token whose client another node revoked has no power, though its row is still there', async () => {
  const made = await client();
  const { body } = await ask(made.url, {}, basic(made));
  // Never used here, so that nothing of it is in memory.
  await booted.strapi.db.connection('provisioning_tokens').where({ id: made.rowId }).delete();
  expect((await scim(made.idp, body.access_token)).status).toBe(401);
});

it('the addresses of the client hold for its tokens', async () => {
  const made = await client({ allowedIps: ['127.0.0.1'] });
  const { body } = await ask(made.url, {}, basic(made));
  expect((await scim(made.idp, body.access_token)).status).toBe(200);
  await booted.strapi.db.connection('provisioning_tokens').where({ id: made.rowId }).update({ allowed_ips: '["203.0.113.1"]' });
  const again = await ask(made.url, {}, basic(await sibling(made, { allowedIps: ['203.0.113.1'] })));
  expect([again.status, again.body.error]).toEqual([401, 'invalid_client']);
  // Read again, the rule of the client is the token's.
  await adminApi(booted, 'post', `/connections/${made.idp.connection.id}/rotate-token`);
  expect((await scim(made.idp, body.access_token)).status).toBe(401);
});

it('expired access tokens are swept at once, other tokens a month later, and nothing else', async () => {
  const made = await client({ expiresAt: new Date(Date.now() + 7_200_000).toISOString() });
  await ask(made.url, {}, basic(made));
  const kinds = async () => (await booted.strapi.db.connection('provisioning_tokens').where({ connection_id: made.idp.connection.id }).orderBy('id')).map(({ kind }) => kind);
  const sweepAfter = (hours: number) => {
    const now = Date.now() + hours * 3_600_000;
    return new TokenStore(new Database(booted.strapi), { now: () => now }, new TokenHash(booted.strapi)).removeExpired();
  };
  await sweepAfter(0.9);
  expect(await kinds()).toEqual(['bearer', 'client', 'access']);
  await sweepAfter(1.1);
  expect(await kinds()).toEqual(['bearer', 'client']);
  await sweepAfter(29 * 24);
  expect(await kinds()).toEqual(['bearer', 'client']);
  await sweepAfter(31 * 24);
  expect(await kinds()).toEqual(['bearer']);
});

/** A second client of the same connection. */
async function sibling(made: Client, input: Partial<TokenInput> = {}): Promise<Client> {
  const { data } = await adminApi<ConnectionWithToken>(booted, 'post', `/connections/${made.idp.connection.id}/tokens`, { name: 'Sibling', kind: 'client', ...input });
  return { ...made, id: data.clientId ?? '', secret: data.token ?? '', rowId: data.connection.tokens.at(-1)?.id ?? 0 };
}

it.each(['get', 'head', 'put', 'patch', 'delete', 'options'] as const)('%s is not how an access token is asked for', async (method) => {
  const { url } = await client();
  const answer = await booted.http[method](url);
  expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  if (method !== 'head') expect(answer.body).toEqual({ error: 'invalid_request', error_description: 'Access tokens are asked for by POST.' });
});
