/**
 * Two whole Strapis, each in a process and on a database of its own, that provision their end users to each other. People are
 * created, changed, renamed, blocked, unblocked and deleted on both at random; in the end both hold the same people, nothing was
 * sent back to where it came from, and nothing was lost. FAULTS_SEED makes the same choices again.
 */
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';
import { TABLES } from '../../server/src/models';
import { sizeOf } from '../helpers/size';
import { eventually } from '../helpers/wait';
import { accountsOf, identitiesOf, type AccountRow } from './agreement';
import { rolesOf } from './changes';
import { CountingProxy } from './counting-proxy';
import { createRandom } from './random';
import { Site } from './site';

const CHANGES = sizeOf('TWO_SITES_CHANGES', 60, 1_000);
const TIMEOUT_MS = 120_000 + CHANGES * 1_000;
const CONTENT = '/content-manager/collection-types/plugin::users-permissions.user';
const WAYS = { create: 30, updateEmail: 20, rename: 15, block: 20, remove: 15 };
const NAMES = ['north', 'south'] as const;
type Name = (typeof NAMES)[number];

const config = { plugins: { 'user-provisioning': { config: { retries: { firstPauseMs: 50, longestPauseMs: 1_000 } } } } };
const random = createRandom();

/** One of the two. */
interface Side {
  name: Name;
  site: Site;
  /** What the other site sends arrives here. */
  inbound: ConnectionWithToken;
  outbound: ConnectionInfo;
  proxy: CountingProxy;
  role: number;
  /** Of its own people. */
  changes: number;
}

const otherOf = (name: Name): Name => (name === 'north' ? 'south' : 'north');
const sides = {} as Record<Name, Side>;
const both = (): Side[] => NAMES.map((name) => sides[name]);

async function open(name: Name): Promise<void> {
  const site = await Site.open(config);
  const inbound = await site.connect({ name: `From ${otherOf(name)}`, direction: 'inbound', population: 'end-users', system: otherOf(name) });
  const proxy = await CountingProxy.start(`${site.origin}${new URL(inbound.connection.baseUrl, site.origin).pathname}`);
  sides[name] = { name, site, inbound, proxy, role: (await rolesOf(site)).user, changes: 0 } as Side;
}

beforeAll(async () => {
  await Promise.all(NAMES.map(open));
  for (const side of both()) {
    const { proxy, inbound } = sides[otherOf(side.name)];
    const { connection } = await side.site.connect({
      name: `To ${otherOf(side.name)}`, direction: 'outbound', population: 'end-users', system: otherOf(side.name), baseUrl: proxy.baseUrl, bearerToken: inbound.token ?? '',
    });
    side.outbound = connection;
  }
}, TIMEOUT_MS);
afterAll(async () => {
  for (const side of Object.values(sides)) {
    await side.site.close();
    await side.proxy.stop();
  }
});

let serial = 0;
const fresh = (): string => {
  serial += 1;
  return `person-${serial}`;
};

interface Person {
  username: string | null;
  email: string;
  blocked: boolean;
}

/** What was done to one person since all was quiet: by which sites, and what the last of them wants. Null: deleted. */
interface Story {
  by: Set<Name>;
  /** Each name they had since. */
  names: Set<string | null>;
  wanted: Person | null;
}

const stories = new Map<string, Story>();
/** Of each site the people it had when all was quiet, under the name they had. */
const known: Record<Name, Map<number, string>> = { north: new Map(), south: new Map() };

const personOf = ({ username, email, blocked }: AccountRow): Person => ({ username, email, blocked: blocked === true });

/** The person behind an account: also one that came from the other site since, with an old or a new name. */
function keyOf({ name }: Side, { id, username }: AccountRow): string {
  const key = known[name].get(id) ?? [...stories].find(([, { names }]) => names.has(username))?.[0] ?? String(username);
  known[name].set(id, key);
  return key;
}

function note(side: Side, key: string, wanted: Person | null): void {
  side.changes += 1;
  const { by, names } = stories.get(key) ?? { by: new Set(), names: new Set([key]) };
  stories.set(key, { by: by.add(side.name), names: names.add(wanted?.username ?? key), wanted });
}

/** One change of somebody, as an editor makes it. Nobody there yet: a creation. */
async function change(side: Side): Promise<void> {
  const { site, role } = side;
  const way = random.weighted(WAYS);
  const user = way === 'create' ? undefined : random.pick(await accountsOf(site, 'end-users'));
  if (user === undefined) {
    const username = fresh();
    const person = { username, email: `${username}@example.com`, blocked: false };
    await site.admin({ method: 'POST', path: CONTENT, body: { ...person, provider: 'local', password: 'Test-12345', confirmed: true, role } });
    return note(side, username, person);
  }
  const fields = { updateEmail: { email: `${fresh()}@example.com` }, rename: { username: fresh() }, block: { blocked: user.blocked !== true }, remove: undefined, create: undefined }[way];
  const path = `${CONTENT}/${user.documentId}`;
  const { status, body } = await site.asAdmin(fields === undefined ? { method: 'DELETE', path } : { method: 'PUT', path, body: fields });
  // The other site deleted them a moment ago.
  if (status === 404) return;
  if (status >= 300) throw new Error(`${way} ${user.username}: ${status} ${JSON.stringify(body)}`);
  note(side, keyOf(side, user), fields === undefined ? null : { ...personOf(user), ...fields });
}

/** Nothing waits on either side, and nothing was on its way while that was seen. */
async function quiet(): Promise<void> {
  const look = async () => {
    const before = both().map(({ proxy }) => proxy.requests);
    const pending: (number | undefined)[] = [];
    for (const { site, outbound } of [...both(), ...both()]) {
      pending.push((await site.admin<ConnectionInfo>({ method: 'GET', path: `/user-provisioning/connections/${outbound.id}` })).delivery?.pending);
    }
    return { pending, open: both().map(({ proxy }) => proxy.open), since: both().map(({ proxy }, index) => proxy.requests - (before[index] ?? 0)) };
  };
  await eventually(look, ({ pending, open, since }) => [...pending, ...open, ...since].every((count) => count === 0), TIMEOUT_MS / 2);
}

const byName = (a: { username: string | null }, b: { username: string | null }): number => String(a.username).localeCompare(String(b.username));

const rows = <T>({ site }: Side, table: string, where: Record<string, unknown>): Promise<T[]> => site.command<T[]>({ do: 'rows', table, where });

/** Each may have cost a request more. */
const conflicts = (failed: LogRow[]): number => failed.length;

interface LogRow {
  object_name: string | null;
  operation: string;
  outcome: string;
  error_code: string | null;
  message: string;
}

/** The same people in the same state, everybody once, and each tied to the same person of the other site. */
async function expectEqual(): Promise<void> {
  const [north = [], south = []] = await Promise.all(both().map(({ site }) => accountsOf(site, 'end-users')));
  // Somebody who was blocked before the other site heard of them is rightly not there.
  const shared = (here: AccountRow[], there: AccountRow[]): Person[] =>
    here.filter((user) => user.blocked !== true || there.some(({ username }) => username === user.username)).map(personOf).sort(byName);
  expect(shared(south, north)).toEqual(shared(north, south));
  for (const field of ['username', 'email'] as const) expect(new Set(north.map((user) => user[field])).size).toBe(north.length);

  const names = await Promise.all(
    both().map(async ({ site }) => {
      const accounts = new Map((await accountsOf(site, 'end-users')).map((account) => [account.id, account.username]));
      return new Map((await identitiesOf(site, 'end-users')).filter(({ account_id: id }) => id !== null).map(({ account_id: id, scim_id: scimId }) => [scimId, accounts.get(id ?? 0)]));
    })
  );
  for (const [index, side] of both().entries()) {
    const [here = new Map<string, string>(), there = new Map<string, string>()] = [names[index], names[1 - index]];
    for (const [connection, field] of [[side.inbound.connection, 'external_id'], [side.outbound, 'remote_id']] as const) {
      const links = await rows<{ local_id: string; external_id: string | null; remote_id: string | null }>(side, TABLES.links, { connection_id: connection.id, object_type: 'User' });
      for (const link of links) {
        const remote = link[field];
        if (remote !== null) expect([side.name, field, link.local_id, there.get(remote)]).toEqual([side.name, field, link.local_id, here.get(link.local_id)]);
      }
    }
    // Nothing waits, and nothing was given up.
    expect(await rows(side, TABLES.outbox, {})).toEqual([]);
  }
}

/** Whoever was changed by one site only is as that site wanted: no echo brought anything old back. Then begins anew. */
async function expectNothingLost(): Promise<void> {
  for (const { name, site } of both()) {
    const accounts = await accountsOf(site, 'end-users');
    const names = new Map(accounts.map((account) => [account.username, personOf(account)]));
    for (const [key, { by, wanted }] of stories) {
      if (by.size > 1 || !by.has(name)) continue;
      if (wanted === null) expect([key, names.get(key)]).toEqual([key, undefined]);
      else expect([key, names.get(wanted.username)]).toEqual([key, wanted]);
    }
    known[name] = new Map(accounts.map(({ id, username }) => [id, String(username)]));
  }
  stories.clear();
}

it(
  `${CHANGES} random changes on both sides (seed ${random.seed}): equal, nothing sent back, nothing lost`,
  async () => {
    for (let number = 0; number < CHANGES; number += 1) {
      await change(sides[random.pick(NAMES) ?? 'north']);
      // Most changes meet others on their way; now and then all of it is through.
      if (random.next() > 0.04 && number < CHANGES - 1) continue;
      await quiet();
      await expectNothingLost();
    }
    const log = (await Promise.all(both().map((side) => rows<LogRow>(side, TABLES.operations, {})))).flat();
    const failed = log.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
    const told = [...new Set(failed.map((row) => row.error_code))].map((code) => `${failed.filter((row) => row.error_code === code).length} ${code}`);
    console.log(`seed ${random.seed}: ${JSON.stringify(both().map(({ name, changes, proxy }) => ({ name, changes, received: proxy.counts })))}, in the log ${told.join(', ') || 'no failure'}`);
    await expectEqual();
    for (const { name, proxy } of both()) expect(proxy.writes).toBeLessThanOrEqual(sides[otherOf(name)].changes + conflicts(failed));
    // Both changed or deleted somebody at the same moment: that stands there, and nothing else.
    for (const row of failed) expect(row).toEqual(expect.objectContaining({ error_code: expect.stringMatching(/^(not-found|conflict|uniqueness)$/), message: expect.stringMatching(/\S.{10,}\.$/) }));
  },
  TIMEOUT_MS
);
