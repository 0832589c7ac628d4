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

/** One change of somebody, as an editor makes it. Nobody there yet: a creation. */
async function change(side: Side): Promise<void> {
  const { site, role } = side;
  const wanted = random.weighted(WAYS);
  const user = wanted === 'create' ? undefined : random.pick(await accountsOf(site, 'end-users'));
  const entry = `${CONTENT}/${user?.documentId}`;
  side.changes += 1;
  if (user === undefined) {
    const username = fresh();
    await site.admin({ method: 'POST', path: CONTENT, body: { username, email: `${username}@example.com`, provider: 'local', password: 'Test-12345', confirmed: true, blocked: random.next() < 0.1, role } });
    return;
  }
  const body = { updateEmail: { email: `${fresh()}@example.com` }, rename: { username: fresh() }, block: { blocked: user.blocked !== true }, remove: undefined, create: undefined }[wanted];
  const { status, body: told } = await site.asAdmin(body === undefined ? { method: 'DELETE', path: entry } : { method: 'PUT', path: entry, body });
  // The other site deleted them a moment ago.
  if (status >= 300 && status !== 404) throw new Error(`${wanted} ${user.username}: ${status} ${JSON.stringify(told)}`);
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

const personOf = ({ username, email, blocked }: AccountRow) => ({ username, email, blocked: blocked === true });
const byName = (a: { username: string | null }, b: { username: string | null }): number => String(a.username).localeCompare(String(b.username));

const rows = <T>({ site }: Side, table: string, where: Record<string, unknown>): Promise<T[]> => site.command<T[]>({ do: 'rows', table, where });

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
  expect(south.map(personOf).sort(byName)).toEqual(north.map(personOf).sort(byName));
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
    expect(await rows(side, TABLES.outbox, {})).toEqual([]);
  }
}

it(
  `${CHANGES} random changes on both sides (seed ${random.seed}): equal, nothing sent back, nothing lost`,
  async () => {
    for (let number = 0; number < CHANGES; number += 1) {
      await change(sides[random.pick(NAMES) ?? 'north']);
      // Most changes meet others on their way; now and then all of it is through.
      if (random.next() < 0.05) await quiet();
    }
    await quiet();
    const log = await Promise.all(both().map((side) => rows<LogRow>(side, TABLES.operations, {})));
    const failed = log.flat().filter(({ outcome }) => outcome === 'failed' || outcome === 'refused');
    console.log(`seed ${random.seed}: ${JSON.stringify(both().map(({ name, changes, proxy }) => ({ name, changes, writes: proxy.writes, counts: proxy.counts })))}, failed ${JSON.stringify(failed.map(({ operation, object_name: name, error_code: code, message }) => [operation, name, code, message]), null, 1)}`);
    await expectEqual();
    for (const { name, proxy } of both()) expect(proxy.writes).toBeLessThanOrEqual(sides[otherOf(name)].changes);
  },
  TIMEOUT_MS
);
