/** Who gets in: tokens, their addresses and dates, and what a stranger can find out. */
import type { ConnectionTestResult, ConnectionWithToken, RotateInput, TokenInput } from '../../server/src/contracts/connection';
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

const issue = async (idp: Inbound, input: Partial<TokenInput> = {}): Promise<ConnectionWithToken> => {
  const answer = await adminApi<ConnectionWithToken>(booted, 'post', `/connections/${idp.connection.id}/tokens`, { name: 'second', ...input });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.error));
  return answer.data;
};

const rotate = async (idp: Inbound, input?: RotateInput): Promise<ConnectionWithToken> =>
  (await adminApi<ConnectionWithToken>(booted, 'post', `/connections/${idp.connection.id}/rotate-token`, input)).data;

const get = (root: string, token: string | null, headers: Record<string, string> = {}) => {
  const request = booted.http.get(`${root}/Users?count=1`).set(headers);
  return token === null ? request : request.set('Authorization', `Bearer ${token}`);
};

const status = async (idp: Inbound, token: string | null, headers?: Record<string, string>): Promise<number> => (await get(idp.root, token, headers)).status;

/** Date.now moved ahead for as long as `work` takes. */
async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  return withClock(() => now() + ms, work);
}

async function withClock<T>(now: () => number, work: () => Promise<T>): Promise<T> {
  const moved = jest.spyOn(Date, 'now').mockImplementation(now);
  try {
    return await work();
  } finally {
    moved.mockRestore();
  }
}

const HOUR = 3_600_000;

describe('tokens', () => {
  it('stand side by side, each with its name, scopes and addresses, and the secret is answered once', async () => {
    const idp = await createInbound(booted);
    const { token, clientId, connection } = await issue(idp, { name: 'Night job', scopes: ['read-only', 'users'], allowedIps: ['127.0.0.0/8', '::1'], expiresAt: '2099-01-01' });
    expect([await status(idp, idp.token), await status(idp, token)]).toEqual([200, 200]);
    expect(clientId).toBeNull();
    expect(connection.tokens).toEqual([
      expect.objectContaining({ name: 'first token', kind: 'bearer', scopes: [], allowedIps: [], expiresAt: null }),
      expect.objectContaining({ name: 'Night job', kind: 'bearer', scopes: ['read-only', 'users'], allowedIps: ['127.0.0.0/8', '::1'], expiresAt: '2099-01-01T00:00:00.000Z' }),
    ]);
    expect(JSON.stringify((await adminApi(booted, 'get', `/connections/${idp.connection.id}`)).data)).not.toContain(token);
  });

  it('end at their time', async () => {
    const idp = await createInbound(booted);
    const { token } = await issue(idp, { expiresAt: new Date(Date.now() + HOUR).toISOString() });
    expect(await status(idp, token)).toBe(200);
    expect(await later(HOUR, () => status(idp, token))).toBe(401);
  });

  it('rotation leaves the old one its time, and the new one is made alike', async () => {
    const idp = await createInbound(booted);
    const old = await issue(idp, { name: 'Okta', scopes: ['users'], allowedIps: ['127.0.0.1'], expiresAt: new Date(Date.now() + 1_000 * HOUR).toISOString() });
    const oldId = old.connection.tokens[1]?.id ?? 0;
    const fresh = await rotate(idp, { tokenId: oldId, overlapHours: 2 });
    const [first, ending, successor] = fresh.connection.tokens;
    expect(first?.expiresAt).toBeNull();
    expect(successor).toMatchObject({ name: 'Okta', scopes: ['users'], allowedIps: ['127.0.0.1'] });
    const hours = (iso: string | null | undefined): number => Math.round((Date.parse(iso ?? '') - Date.now()) / HOUR);
    expect([hours(ending?.expiresAt), hours(successor?.expiresAt)]).toEqual([2, 1_000]);
    expect([await status(idp, old.token), await status(idp, fresh.token), await status(idp, idp.token)]).toEqual([200, 200, 200]);
    await later(2 * HOUR, async () => {
      expect([await status(idp, old.token), await status(idp, fresh.token)]).toEqual([401, 200]);
    });
  });

  it('rotation without overlap ends the old one at once, also where it was in use a moment ago', async () => {
    const idp = await createInbound(booted);
    expect(await status(idp, idp.token)).toBe(200);
    const fresh = await rotate(idp, { overlapHours: 0 });
    expect([await status(idp, idp.token), await status(idp, fresh.token)]).toEqual([401, 200]);
    expect(fresh.connection.tokens).toHaveLength(1);
  });

  it('rotation without a body gives the old ones a day', async () => {
    const idp = await createInbound(booted);
    const fresh = await rotate(idp);
    expect([await status(idp, idp.token), await status(idp, fresh.token)]).toEqual([200, 200]);
    expect(await later(24 * HOUR, () => status(idp, idp.token))).toBe(401);
  });

  it.each<[object, string]>([
    [{}, 'name'],
    [{ name: ' ' }, 'name'],
    [{ name: 'x', kind: 'password' }, 'kind'],
    [{ name: 'x', expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ name: 'x', scopes: ['users', 'all'] }, 'scopes.1'],
    [{ name: 'x', scopes: ['users', 'users'] }, 'scopes'],
    [{ name: 'x', allowedIps: ['10.0.0.1', '10.0.0.0/33'] }, 'allowedIps.1'],
  ])('refuses %j naming %s', async (input, field) => {
    const idp = await createInbound(booted);
    const answer = await adminApi(booted, 'post', `/connections/${idp.connection.id}/tokens`, input);
    expect(answer.status).toBe(400);
    expect(answer.error.details.errors?.map((item) => item.path.join('.'))).toEqual([field]);
  });

  it.each<[object, number]>([
    [{ overlapHours: 721 }, 400],
    [{ overlapHours: 1.5 }, 400],
    [{ tokenId: 999_999 }, 404],
  ])('a rotation with %j is %d and changes nothing', async (input, expected) => {
    const idp = await createInbound(booted);
    expect((await adminApi(booted, 'post', `/connections/${idp.connection.id}/rotate-token`, input)).status).toBe(expected);
    expect((await adminApi<ConnectionWithToken['connection']>(booted, 'get', `/connections/${idp.connection.id}`)).data.tokens).toEqual([
      expect.objectContaining({ expiresAt: null }),
    ]);
  });

  it('revoked by another process of the site are refused within 5 s', async () => {
    const idp = await createInbound(booted);
    expect(await status(idp, idp.token)).toBe(200);
    const elsewhere = new TokenStore(new Database(booted.strapi), { now: Date.now }, new TokenHash(booted.strapi));
    await elsewhere.revoke(idp.connection.id, idp.connection.tokens[0]?.id ?? 0);
    expect(await later(5_000, () => status(idp, idp.token))).toBe(401);
  });

  it('cost no query in a request that follows another', async () => {
    const idp = await createInbound(booted);
    const moment = Date.now();
    await withClock(() => moment, async () => {
      await get(idp.root, idp.token);
      const queries = await queriesOf(booted, () => booted.http.get(`${idp.root}/ServiceProviderConfig`).set('Authorization', `Bearer ${idp.token}`));
      expect(queries).toEqual([]);
    });
  });

  it('say when they were last used', async () => {
    const idp = await createInbound(booted);
    await get(idp.root, idp.token);
    const { data } = await adminApi<ConnectionWithToken['connection']>(booted, 'get', `/connections/${idp.connection.id}`);
    expect(Date.now() - Date.parse(data.tokens[0]?.lastUsedAt ?? '')).toBeLessThan(60_000);
  });
});

describe('a stranger', () => {
  /** What tells two answers apart: everything but the clock. */
  const seen = async (root: string, token: string | null) => {
    const { status: code, headers, text } = await get(root, token);
    return { code, text, headers: Object.fromEntries(Object.entries(headers as Record<string, string>).filter(([name]) => name !== 'date')) };
  };

  it('sees one answer for whatever is wrong, at one cost', async () => {
    const idp = await createInbound(booted);
    const paused = await createInbound(booted, { name: 'Paused', enabled: false });
    const limited = await issue(idp, { allowedIps: ['203.0.113.1'] });
    const expired = await issue(idp, { expiresAt: new Date(Date.now() + HOUR).toISOString() });
    await booted.strapi.db.connection('provisioning_tokens').where({ id: expired.connection.tokens.at(-1)?.id }).update({ expires_at: 1 });
    const nobody = idp.root.replace(idp.connection.key, 'nobody-00000000');
    const cases: [string, string, string | null][] = [
      ['a wrong token', idp.root, 'wrong'],
      ['an unknown connection', nobody, 'wrong-too'],
      ['a connection that is switched off', paused.root, 'wrong-as-well'],
      ['an expired token', idp.root, expired.token],
    ];
    const reference = await seen(idp.root, 'wrong');
    expect(reference.code).toBe(401);
    expect(reference.headers['www-authenticate']).toBe('Bearer realm="SCIM", error="invalid_token"');
    // What is remembered of tokens and connections ends after seconds, which a slow machine may need.
    const moment = Date.now();
    await withClock(() => moment, async () => {
      for (const [what, root, token] of cases) {
        let answer: unknown;
        const queries = await queriesOf(booted, async () => {
          answer = await seen(root, token);
        });
        expect({ what, answer }).toEqual({ what, answer: reference });
        expect({ what, queries: queries.length }).toEqual({ what, queries: 1 });
      }
      // A token of another connection, and one from a wrong address: the connection is looked up, in memory.
      expect(await seen(paused.root, idp.token)).toEqual(reference);
      expect(await seen(nobody, idp.token)).toEqual(reference);
      expect(await seen(idp.root, limited.token)).toEqual(reference);
      expect(await queriesOf(booted, () => get(paused.root, idp.token))).toEqual([]);
      expect(await queriesOf(booted, () => get(nobody, idp.token))).toEqual([]);
    });
    // Only with the right token is it said that the connection is switched off.
    expect((await seen(paused.root, paused.token)).code).toBe(503);
  });

  it('without a token is asked for one, and no body is read', async () => {
    const idp = await createInbound(booted);
    const answer = await booted.http.post(`${idp.root}/Users`).set('Content-Type', 'application/json').send('{bad');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="SCIM"']);
  });
});

describe('a write whose body cannot be read', () => {
  const write = (idp: Inbound, token: string, type: string, body: string, path = '/Users') =>
    booted.http.post(`${idp.root}${path}`).set('Authorization', `Bearer ${token}`).set('Content-Type', type).send(body);
  const SECRET = 'hunter2';

  it.each([
    ['no JSON', 'application/scim+json', `{"password":"${SECRET}"`, 400, 'invalid-syntax'],
    ['no JSON, read by Strapi', 'application/json', `{"password":"${SECRET}"`, 400, 'invalid-syntax'],
    ['too large', 'application/scim+json', JSON.stringify({ userName: SECRET.repeat(1_600_000) }), 413, 'too-large'],
    ['too large, read by Strapi', 'application/json', JSON.stringify({ userName: SECRET.repeat(300_000) }), 413, 'too-large'],
    ['of another media type', 'text/plain', SECRET, 415, 'invalid-syntax'],
  ])('%s: is in the log with its reason and nothing of the body', async (_what, type, body, expected, errorCode) => {
    const idp = await createInbound(booted);
    const answer = await write(idp, idp.token, type, body);
    expect(answer.status).toBe(expected);
    const [row, ...others] = await operations(booted, `&connectionId=${idp.connection.id}`);
    expect(others).toEqual([]);
    const detail = await operationDetail(booted, row?.id ?? 0);
    const { detail: reason } = JSON.parse(answer.text) as { detail: string };
    expect(detail).toMatchObject({ operation: 'create', outcome: 'refused', errorCode, message: reason, actor: 'first token', http: { method: 'POST', path: '/Users', status: expected } });
    expect(JSON.stringify(detail)).not.toContain(SECRET);
  });

  it('a bulk request is in the log too', async () => {
    const idp = await createInbound(booted);
    expect((await write(idp, idp.token, 'application/scim+json', '[', '/Bulk')).status).toBe(400);
    expect(await operations(booted, `&connectionId=${idp.connection.id}`)).toMatchObject([
      { outcome: 'refused', message: expect.stringMatching(/^A bulk request was refused as a whole: /) },
    ]);
  });

  it('of a stranger, and of a search, leaves nothing there', async () => {
    const idp = await createInbound(booted);
    expect((await write(idp, 'wrong', 'application/scim+json', '{')).status).toBe(401);
    expect((await write(idp, 'wrong', 'text/plain', '{')).status).toBe(401);
    expect((await write(idp, idp.token, 'application/scim+json', '{', '/Users/.search')).status).toBe(400);
    expect(await operations(booted, `&connectionId=${idp.connection.id}`)).toEqual([]);
  });
});

describe('requests per minute', () => {
  const created = async (idp: Inbound): Promise<number> => (await operations(booted, `&connectionId=${idp.connection.id}&operation=create`)).length;

  it('over the limit of the connection answers 429 with whole seconds, before the body is looked at', async () => {
    const idp = await createInbound(booted, { policies: { requestsPerMinute: 2 } });
    const other = await createInbound(booted, { name: 'Other', policies: { requestsPerMinute: 2 } });
    expect([await status(idp, idp.token), await status(idp, idp.token)]).toEqual([200, 200]);
    const refused = await booted.http.post(`${idp.root}/Users`).set('Authorization', `Bearer ${idp.token}`).set('Content-Type', 'application/json').send('{bad');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(JSON.parse(refused.text)).toMatchObject({ status: '429', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] });
    expect(await status(other, other.token)).toBe(200);
    expect(await later(30_000, () => status(idp, idp.token))).toBe(200);
  });

  const bulkOf = (count: number, name = 'bulk') => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: Array.from({ length: count }, (_, index) => ({ method: 'POST', bulkId: `b${index}`, path: '/Users', data: { userName: `${name}-${index}` } })),
  });

  it('each operation of a bulk request counts, and one over the limit is refused before anything is done', async () => {
    const idp = await createInbound(booted, { policies: { requestsPerMinute: 5 } });
    const moment = Date.now();
    await withClock(() => moment, async () => {
      expect(await status(idp, idp.token)).toBe(200);
      const refused = await idp.scim('POST', '/%42ulk/', bulkOf(5));
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '12']);
      // Refused, it took nothing.
      expect((await idp.scim('POST', '/Bulk', bulkOf(4))).status).toBe(200);
      expect(await status(idp, idp.token)).toBe(429);
    });
    expect(await created(idp)).toBe(4);
  });

  it('a bulk request larger than the limit waits for a whole minute’s worth, and what it takes beyond is missing afterwards', async () => {
    const idp = await createInbound(booted, { policies: { requestsPerMinute: 5 } });
    const moment = Date.now();
    await withClock(() => moment, async () => {
      expect(await status(idp, idp.token)).toBe(200);
      expect((await idp.scim('POST', '/Bulk', bulkOf(8, 'large'))).headers['retry-after']).toBe('12');
    });
    await withClock(() => moment + 12_000, async () => {
      expect((await idp.scim('POST', '/Bulk', bulkOf(8, 'large'))).status).toBe(200);
      const after = await idp.scim('GET', '/Users');
      // Three too many, and one for itself.
      expect([after.status, after.headers['retry-after']]).toEqual([429, '48']);
    });
    expect(await withClock(() => moment + 60_000, () => status(idp, idp.token))).toBe(200);
    expect(await created(idp)).toBe(8);
  });

  it('a stranger uses nothing of it up', async () => {
    const idp = await createInbound(booted, { policies: { requestsPerMinute: 1 } });
    expect(await status(idp, 'wrong')).toBe(401);
    expect(await status(idp, idp.token)).toBe(200);
  });
});

describe('addresses', () => {
  it('a token is accepted from its addresses only, and a proxy that Strapi does not trust is told of', async () => {
    const idp = await createInbound(booted);
    const here = await issue(idp, { allowedIps: ['127.0.0.1/32'] });
    const there = await issue(idp, { allowedIps: ['198.51.100.0/24'] });
    expect([await status(idp, here.token), await status(idp, there.token)]).toEqual([200, 401]);
    const test = async () => (await adminApi<ConnectionTestResult>(booted, 'post', `/connections/${idp.connection.id}/test`)).data.steps.find(({ name }) => name === 'Addresses');
    expect(await test()).toBeUndefined();
    const warn = jest.spyOn(booted.strapi.log, 'warn').mockReturnValue(booted.strapi.log);
    const forwarded = { 'X-Forwarded-For': '198.51.100.9' };
    // The header alone opens nothing.
    expect([await status(idp, there.token, forwarded), await status(idp, here.token, forwarded)]).toEqual([401, 200]);
    const about = warn.mock.calls.map((call) => String(call[0])).filter((line) => line.includes('server.proxy.koa'));
    warn.mockRestore();
    expect(about).toHaveLength(1);
    expect(await test()).toMatchObject({ ok: false, message: expect.stringContaining('server.proxy.koa') });
  });
});

describe('who tries many tokens', () => {
  // The last of this Strapi: the address of the tests is out of favour afterwards.
  it('is slowed down, while a token in use goes on working', async () => {
    const idp = await createInbound(booted);
    const ask = (token: string) => booted.http.get(`${idp.root}/ServiceProviderConfig`).set('Authorization', `Bearer ${token}`);
    expect((await ask(idp.token)).status).toBe(200);
    const moment = Date.now();
    await withClock(() => moment, async () => {
      let slowed = await ask('guess');
      let tries = 1;
      for (; tries < 300 && slowed.status === 401; tries += 1) slowed = await ask(`guess-${tries}`);
      expect(slowed.status).toBe(429);
      expect(slowed.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(await queriesOf(booted, () => ask('guess-again'))).toEqual([]);
      expect((await ask(idp.token)).status).toBe(200);
    });
    // Somebody who mistyped a token a minute later is not held up.
    expect((await withClock(() => moment + 60_000, () => ask('guess-later'))).status).toBe(401);
  });
});

describe('behind a proxy that Strapi trusts', () => {
  beforeAll(async () => {
    // Two Strapis in one process get into each other's way.
    await booted.stop();
    booted = await bootStrapi({ config: { server: { proxy: { koa: true } } } });
  });

  it('the address is the one that the proxy names', async () => {
    const idp = await createInbound(booted);
    const { token } = await issue(idp, { allowedIps: ['198.51.100.0/24', '2001:db8::/32'] });
    const codes: number[] = [];
    for (const address of ['198.51.100.9', '2001:db8::7', '::ffff:198.51.100.9', '203.0.113.9']) {
      codes.push(await status(idp, token, { 'X-Forwarded-For': address }));
    }
    expect(codes).toEqual([200, 200, 200, 401]);
  });
});
