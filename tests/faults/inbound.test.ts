/** The process is killed while an identity provider provisions: whatever it had answered holds, the rest can be sent again. */
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';
import { TABLES } from '../../server/src/models';
import { sizeOf } from '../helpers/size';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { accountsOf, expectAgreement, identitiesOf } from './agreement';
import type { CrashPoint } from './commands';
import { createRandom } from './random';
import { Site, Unanswered, type Answer, type Send } from './site';

const USERS = sizeOf('INBOUND_USERS', 24, 400);
const KILLS = sizeOf('INBOUND_KILLS', 3, 40);
const AT_A_TIME = 4;

const random = createRandom();
let site: Site;
let target: TargetApp;
let idp: ConnectionWithToken;
let outbound: ConnectionInfo;
let serial = 0;

beforeAll(async () => {
  site = await Site.open();
  target = await startTargetApp();
  idp = await site.connect({ name: 'IdP', direction: 'inbound', population: 'end-users', system: 'idp' });
  const input = { name: 'App', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token } as const;
  outbound = (await site.connect(input)).connection;
});
beforeEach(() => site.disarm());
afterAll(async () => {
  await site.close();
  await target.stop();
});

const scim = (method: Send['method'], path: string, body?: unknown): Promise<Answer> =>
  site.send({ method, path: `${new URL(idp.connection.baseUrl, 'http://strapi.invalid').pathname}${path}`, body, token: idp.token ?? '' });

/** Null: the process was gone before it answered. */
const unlessKilled = (answer: Promise<Answer>): Promise<Answer | null> =>
  answer.catch((error: unknown) => {
    if (error instanceof Unanswered) return null;
    throw error;
  });

const post = (userName: string): Promise<Answer> =>
  scim('POST', '/Users', { userName, externalId: `id-of-${userName}`, active: true, emails: [{ value: `${userName}@example.com`, primary: true }] });

const idOf = async (userName: string): Promise<string> => {
  const { body } = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
  const { Resources: found = [] } = body as { Resources?: { id: string }[] };
  expect(found).toHaveLength(1);
  return found[0]?.id ?? '';
};

/** One account each, with its identity, its link and the row of the log that tells how it came to be. */
async function expectProvisioned(userNames: string[]): Promise<void> {
  const accounts = (await accountsOf(site, 'end-users')).filter((account) => userNames.includes(account.username ?? ''));
  expect(accounts.map((account) => account.username).sort()).toEqual([...userNames].sort());
  const identities = new Map((await identitiesOf(site, 'end-users')).map((identity) => [identity.account_id, identity]));
  const links = await site.command<{ local_id: string; external_id: string }[]>({
    do: 'rows', table: TABLES.links, where: { connection_id: idp.connection.id },
  });
  const rows = await site.command<{ object_id: string }[]>({
    do: 'rows', table: TABLES.operations, where: { connection_id: idp.connection.id, operation: 'create', outcome: 'success' },
  });
  for (const { id, username } of accounts) {
    const identity = identities.get(id);
    expect(identity).toMatchObject({ user_name_norm: username });
    expect(links.filter((link) => link.local_id === identity?.scim_id)).toEqual([expect.objectContaining({ external_id: `id-of-${username}` })]);
    expect(rows.filter((row) => row.object_id === identity?.scim_id)).toHaveLength(1);
  }
}

const newName = (): string => {
  serial += 1;
  return `hire-${serial}`;
};

const UNDONE: CrashPoint[] = ['account-written', 'marker-unwritten', 'link-unsaved', 'log-unwritten', 'delivery-uncommitted'];

it.each(UNDONE)('a creation killed at %s did not happen, and happens when it is sent again', async (point) => {
  const name = newName();
  await site.settled();
  await site.command({ do: 'arm', point });
  expect(await unlessKilled(post(name))).toBeNull();
  await site.died();
  await site.start();
  expect((await accountsOf(site, 'end-users')).map((account) => account.username)).not.toContain(name);
  expect((await post(name)).status).toBe(201);
  await expectProvisioned([name]);
});

it('a creation that was done but not answered is refused as there when it is sent again', async () => {
  const name = newName();
  await site.command({ do: 'arm', point: 'reply-unsent' });
  expect(await unlessKilled(post(name))).toBeNull();
  await site.died();
  await site.start();
  expect((await post(name)).status).toBe(409);
  await expectProvisioned([name]);
});

it.each(['log-unwritten', 'reply-unsent'] as const)('a change and a deletion killed at %s can be sent again', async (point) => {
  const name = newName();
  expect((await post(name)).status).toBe(201);
  const id = await idOf(name);
  const deactivate = () => scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
  const remove = () => scim('DELETE', `/Users/${id}`);
  for (const [send, again] of [[deactivate, [200, 204]], [remove, point === 'reply-unsent' ? [404] : [204]]] as const) {
    await site.settled();
    await site.command({ do: 'arm', point });
    expect(await unlessKilled(send())).toBeNull();
    await site.died();
    await site.start();
    expect(again).toContain((await send()).status);
  }
  expect((await accountsOf(site, 'end-users')).map((account) => account.username)).not.toContain(name);
});

it('a name whose holder was deleted unnoticed belongs to the one who has it now', async () => {
  const name = newName();
  expect((await post(name)).status).toBe(201);
  const holder = (await accountsOf(site, 'end-users')).find((account) => account.username === name);
  await site.command({ do: 'delete-rows', table: 'up_users', where: { id: holder?.id ?? 0 } });
  const data = { username: name, email: `${name}@example.org`, provider: 'local', blocked: false };
  await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'create', params: { data } });
  await site.kill();
  await site.start();
  await site.settled();
  await idOf(name);
  expect((await post(name)).status).toBe(409);
});

it(
  `${USERS} creations, killed ${KILLS} times (seed ${random.seed}): each is there once, however often it is sent`,
  async () => {
    const names = Array.from({ length: USERS }, newName);
    const killed = new Set<number>();
    while (killed.size < KILLS) killed.add(random.below(USERS / AT_A_TIME));
    const created = new Set<string>();
    for (let start = 0; start < USERS; start += AT_A_TIME) {
      const sent = names.slice(start, start + AT_A_TIME).map(async (name) => {
        if ((await unlessKilled(post(name)))?.status === 201) created.add(name);
      });
      if (killed.has(start / AT_A_TIME)) {
        await new Promise((resolve) => setTimeout(resolve, random.below(80)));
        await site.kill();
        await Promise.all(sent);
        await site.start();
      } else await Promise.all(sent);
    }
    for (const name of names) {
      const { status } = await post(name);
      expect(created.has(name) ? [409] : [201, 409]).toContain(status);
    }
    await expectProvisioned(names);
    await site.settled();
    await expectAgreement(site, outbound, target);
  },
  60_000 + KILLS * 20_000
);
