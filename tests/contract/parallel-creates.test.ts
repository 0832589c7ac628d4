/**
 * 1,000 requests at the same moment create 10 names: Strapi's tables have no unique key on names, the plugin's have.
 * Runs on every database, because each decides such races in its own way.
 */
import { Pool } from 'undici';
import { createInbound, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const NAMES = 10;
const REQUESTS = 1_000;

let booted: BootedStrapi;
let idp: Inbound;
let client: Pool;

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  idp = await createInbound(booted);
  // Twenty times as many at once as the largest pool; more would only wait for a connection of the database, in vain on a slow machine.
  client = new Pool(booted.origin, { connections: 200, headersTimeout: 0, bodyTimeout: 0 });
});
afterAll(async () => {
  await client.close();
  await booted.stop();
});

interface Answer {
  status: number;
  body: { id?: string; userName?: string; scimType?: string; detail?: string; totalResults?: number };
}

async function send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
  const answer = await client.request({
    method,
    path: `${idp.root}${path}`,
    headers: { authorization: `Bearer ${idp.token}`, 'content-type': 'application/scim+json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, body: (await answer.body.json()) as Answer['body'] };
}

/** The same name in another case each time, as different sources of one provider spell it. */
function spelled(name: string, round: number): string {
  return [...name].map((letter, index) => ((round >> index % 7) & 1 ? letter.toUpperCase() : letter)).join('');
}

it('1,000 concurrent creates of 10 names end in 10 users and 990 refusals', async () => {
  // One name after the other: the few requests that the pool lets into the database together then want the same one.
  const each = REQUESTS / NAMES;
  const wanted = Array.from({ length: REQUESTS }, (_, index) => spelled(`parallel-person-${Math.floor(index / each)}`, index % each));
  const answers = await Promise.all(wanted.map((userName) => send('POST', '/Users', { userName, emails: [{ value: `${userName}@example.com` }] })));

  const others = answers.filter(({ status }) => status !== 201 && status !== 409).map(({ status, body }) => `${status} ${body.detail ?? ''}`);
  expect(others).toEqual([]);
  const created = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 409);
  expect([created.length, refused.length]).toEqual([NAMES, REQUESTS - NAMES]);
  expect(refused.filter(({ body }) => body.scimType !== 'uniqueness')).toEqual([]);

  const names = created.map(({ body }) => String(body.userName).toLowerCase());
  expect(new Set(names).size).toBe(NAMES);
  // In the tables too: no account was left behind by a creation that lost.
  const rows: { username: string }[] = await booted.strapi.db.connection('up_users').select('username');
  expect(rows.map(({ username }) => username.toLowerCase()).sort()).toEqual([...names].sort());
  expect((await send('GET', '/Users?count=0')).body.totalResults).toBe(NAMES);
  for (const { body } of created) {
    const found = await send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${String(body.userName).toUpperCase()}"`)}`);
    expect(found.body.totalResults).toBe(1);
  }
}, 180_000);
