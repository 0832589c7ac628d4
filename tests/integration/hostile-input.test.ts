/** Nothing a client can send may crash the server, change what it did not ask for, or be answered with a failure. */
import { Pool } from 'undici';
import { TABLES } from '../../server/src/models';
import { createInbound, type Inbound } from '../helpers/connections';
import { hostileRequests, type HostileRequest } from '../helpers/hostile';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Rows that tell of a request (the log, the token's last use) come and go; these do not. */
const KEPT_TABLES = [
  'up_users', 'up_users_role_lnk', 'admin_users',
  TABLES.connections, TABLES.identities, TABLES.signInNames, TABLES.links, TABLES.groups, TABLES.members, TABLES.grants, TABLES.departures, TABLES.values, TABLES.outbox,
];

let booted: BootedStrapi;
let idp: Inbound;
let client: Pool;
let requests: HostileRequest[];
let userId = '';
let groupId = '';

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  idp = await createInbound(booted);
  client = new Pool(booted.origin, { connections: 1 });
  userId = (await idp.scim('POST', '/Users', {
    userName: 'probe@example.com', externalId: 'probe', name: { givenName: 'Pro', familyName: 'Be' }, displayName: 'Pro Be', title: 'Probe',
    emails: [{ value: 'probe@example.com', type: 'work', primary: true }],
  })).body.id;
  groupId = (await idp.scim('POST', '/Groups', { displayName: 'Probes', members: [{ value: userId }] })).body.id;
  requests = hostileRequests({ userId, groupId });
});
afterAll(async () => {
  await client.close();
  await booted.stop();
});

interface Answer {
  status: number;
  type: string;
  text: string;
}

async function send({ method, path, body, headers }: HostileRequest): Promise<Answer> {
  const answer = await client.request({
    method,
    path: `${idp.root}${path}`,
    headers: { authorization: `Bearer ${idp.token}`, ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers },
    body: body ?? null,
  });
  return { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), text: await answer.body.text() };
}

async function state(): Promise<unknown> {
  const counts: Record<string, number> = {};
  for (const table of KEPT_TABLES) {
    const [row] = await booted.strapi.db.connection(table).count({ total: '*' });
    counts[table] = Number(row?.total);
  }
  const user = await idp.scim('GET', `/Users/${userId}`);
  const group = await idp.scim('GET', `/Groups/${groupId}`);
  return { counts, user: user.body, group: group.body };
}

/** What is wrong with the answer; empty where nothing is. */
function complaint({ wanted, transport }: HostileRequest, { status, type, text }: Answer): string {
  if (transport && status >= 400 && status < 500) return '';
  if (wanted === 'answered') return status < 500 || status === 501 ? '' : 'a failure';
  if (wanted === 'finds-nothing' && status === 200) return JSON.parse(text).totalResults === 0 ? '' : 'found something';
  if ((status < 400 || status >= 500) && status !== 501) return 'was not refused';
  if (!type.startsWith('application/scim+json')) return `is ${type || 'nothing'}, not SCIM`;
  const body = JSON.parse(text);
  if (body.schemas?.[0] !== ERROR || body.status !== String(status)) return 'is no SCIM error';
  // An answer that repeats what was sent would let a client blow it up.
  return text.length > 4_000 ? `is ${text.length} characters long` : '';
}

it('every hostile request is refused in SCIM and changes nothing', async () => {
  const before = await state();
  const prototype = Object.getOwnPropertyNames(Object.prototype).sort();
  const complaints: string[] = [];
  for (const request of requests) {
    const answer = await send(request);
    const wrong = complaint(request, answer);
    if (wrong) complaints.push(`${request.name}: ${answer.status} ${wrong}: ${answer.text.slice(0, 200)}`);
    // Per request, so that the one that did it is named.
    if (Object.getOwnPropertyNames(Object.prototype).length !== prototype.length) complaints.push(`${request.name}: changed Object.prototype`);
  }
  expect(complaints).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(await state()).toEqual(before);
});
