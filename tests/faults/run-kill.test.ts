/**
 * kill -9 in the middle of a run, while it plans and while it applies: after each restart, or as another instance takes
 * over, the run goes on by itself and ends as if nothing had been. TEST_FULL=1 makes it 5,000 people and 50 kills each;
 * FAULTS_SEED makes the same choices again.
 */
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';
import type { RunInfo } from '../../server/src/contracts/run';
import { TABLES } from '../../server/src/models';
import { availableDatabases, type DatabaseClient } from '../helpers/databases';
import { NO_LIMITS } from '../helpers/guard';
import { isFull, sizeOf } from '../helpers/size';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import { expectAgreement, identitiesOf } from './agreement';
import { createRandom } from './random';
import { Site } from './site';
import { MOMENTS, StrikingProxy, type Strike } from './striking-proxy';

const PEOPLE = sizeOf('RUN_KILL_PEOPLE', 100, 5_000);
const KILLS = sizeOf('RUN_KILL_TIMES', 3, 50);
/** Of two instances: each waits for the end of a lease. */
const TAKEOVERS = sizeOf('RUN_KILL_TAKEOVERS', 2, 50);
const TIMEOUT_MS = 120_000 + PEOPLE * 200 + Math.max(KILLS, TAKEOVERS) * 30_000;
/** Every so-manieth person is at the application already, with other values: found and changed. */
const OTHERS = 4;
const LONGEST_DELAY_MS = 60;

const random = createRandom();

interface Scene {
  site: Site;
  target: TargetApp;
  proxy: StrikingProxy;
  connection: ConnectionInfo;
  close(): Promise<void>;
}

const nameOf = (index: number): string => `person-${String(index).padStart(5, '0')}`;
const isOver = ({ state }: RunInfo): boolean => state !== 'planning' && state !== 'applying';
const isThere = (index: number): boolean => index % OTHERS === 0;
const indexes = [...Array(PEOPLE).keys()];

/** People in Strapi, some of them at the application already, and a connection that has sent one. */
async function setUp(config?: Parameters<typeof Site.open>[0], client?: DatabaseClient): Promise<Scene> {
  const site = await Site.open(config, client);
  const target = await startTargetApp();
  const proxy = await StrikingProxy.start(target);
  for (let start = 0; start < PEOPLE; start += 100) {
    const data = indexes.slice(start, start + 100).map((index) => ({ username: nameOf(index), email: `${nameOf(index)}@one.example`, provider: 'local', confirmed: true, blocked: false }));
    await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'createMany', params: { data } });
  }
  await eventually(() => identitiesOf(site, 'end-users').then((known) => known.length), (count) => count === PEOPLE, 60_000);
  for (const index of indexes.filter(isThere)) {
    const email = `${nameOf(index)}@before.example`;
    await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: nameOf(index), active: true, emails: [{ value: email, primary: true }] });
  }
  const { connection } = await site.admin<ConnectionWithToken>({
    method: 'POST',
    path: '/user-provisioning/connections',
    body: { name: 'Application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: proxy.baseUrl, bearerToken: target.token, guard: NO_LIMITS },
  });
  // Where nobody is linked, a run only takes a first look, and waits.
  const first = { username: 'first-of-all', email: 'first-of-all@one.example', provider: 'local', confirmed: true, blocked: false };
  await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'create', params: { data: first } });
  await eventually(() => target.users(), (users) => users.some(({ userName }) => userName === first.username), 60_000);
  await site.settled(60_000);
  const close = async (): Promise<void> => {
    await site.close();
    await proxy.stop();
    await target.stop();
  };
  return { site, target, proxy, connection, close };
}

const startRun = ({ site, connection }: Scene): Promise<RunInfo> =>
  site.admin<RunInfo>({ method: 'POST', path: `/user-provisioning/connections/${connection.id}/runs`, body: { cycle: 'full' } });
const runOf = (site: Site, id: number): Promise<RunInfo> => site.admin<RunInfo>({ method: 'GET', path: `/user-provisioning/runs/${id}` });

/** Each third kill, rounded up, comes while it plans. */
const inPlan = (kills: number): number => Math.ceil(kills / 3);

/**
 * How long the next process lives, in requests: so long that what there is to do is enough for all kills. `between`: so many
 * writes go through between a kill and the next.
 */
function strikeOf(kill: number, kills: number, proxy: StrikingProxy, between = 8): Strike {
  const chosen = random.pick(MOMENTS) ?? 'unsent';
  const moment = chosen === 'later' ? { laterMs: random.below(LONGEST_DELAY_MS) } : chosen;
  // Pages are kept: planning moves on between kills, or begins its page again.
  if (kill < inPlan(kills)) return { counts: 'reads', nth: 1 + random.below(Math.ceil((2 * PEOPLE) / (inPlan(kills) + 1))), moment };
  const writes = PEOPLE - proxy.written;
  const left = kills - kill;
  return { counts: 'writes', nth: 1 + random.below(Math.max(1, Math.min((2 * writes) / (left + 1), writes - between * left))), moment };
}

/** Fails where the instant does not come, as the run is over. */
async function killed({ proxy }: Scene, victim: Site, strike: Strike): Promise<void> {
  let isDead = false;
  const struck = proxy.strike(strike, () => victim.kill()).then(() => {
    isDead = true;
  });
  await eventually(async () => (isDead ? 'killed' : `waiting for ${JSON.stringify(strike)}`), (seen) => seen === 'killed', 90_000);
  await struck;
}

async function expectWhole({ site, target, proxy, connection }: Scene, run: RunInfo): Promise<void> {
  const made = indexes.filter((index) => !isThere(index)).length;
  // Nobody is lost, and nobody is in the plan twice.
  expect(run).toMatchObject({ state: 'done', counts: { examined: PEOPLE + 1, unchanged: 1, unplannable: 0 }, items: { planned: 0, sent: 0, done: PEOPLE, stale: 0, failed: 0, conflict: 0 } });
  // Each was written once: of what was in flight it is asked what arrived before anything is repeated.
  for (const counts of [proxy.created, proxy.asked, proxy.changed]) expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
  expect(proxy.created.size).toBe(made + 1);
  expect(proxy.changed.size).toBe(PEOPLE - made);
  await site.settled(60_000);
  await expectAgreement(site, connection, target);
  expect(await target.users()).toHaveLength(PEOPLE + 1);
}

it(
  `a run over ${PEOPLE} people, killed ${KILLS} times (seed ${random.seed}), ends as if nothing had been`,
  async () => {
    const scene = await setUp();
    const { site, proxy } = scene;
    try {
      const { id } = await startRun(scene);
      const killedIn: string[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await killed(scene, site, strikeOf(kill, KILLS, proxy));
        await site.start();
        const { state, items } = await runOf(site, id);
        killedIn.push(`${state} ${items.done}`);
      }
      proxy.open();
      const run = await eventually(() => runOf(site, id), isOver, TIMEOUT_MS);
      console.log(`seed ${random.seed}: killed ${killedIn.length} times, after which the run was ${killedIn.join(', ')}`);
      await expectWhole(scene, run);
    } finally {
      await scene.close();
    }
  },
  TIMEOUT_MS
);

/** SQLite has one process. */
const servers = availableDatabases().filter((client) => client !== 'sqlite');
const chosen = isFull ? servers : servers.slice(0, 1);
/** Long enough for a delivery on a busy machine, short enough to wait for. */
const LEASE_MS = 6_000;
/** While one instance is dead the application is slow, so that there is something left to be killed in. */
const SLOW_MS = 400;

/** Who has the run now; null: nobody, or it is over. */
const ownerOf = async (site: Site, id: number): Promise<string | null> =>
  (await site.command<{ lease_owner: string | null }[]>({ do: 'rows', table: TABLES.runs, where: { id } }))[0]?.lease_owner ?? null;

for (const client of chosen) {
  it(
    `two instances on ${client}: a run over ${PEOPLE} people, taken over ${TAKEOVERS} times as its owner is killed (seed ${random.seed}), ends as if nothing had been`,
    async () => {
      const scene = await setUp({ plugins: { 'user-provisioning': { config: { leaseMs: LEASE_MS } } } }, client);
      const { site, proxy } = scene;
      const other = await site.another();
      try {
        // Whoever is asked to run begins at once; the other one looks by itself, later.
        const { id } = await startRun(scene);
        let [owner, standby] = [site, other];
        for (let kill = 0; kill < TAKEOVERS; kill += 1) {
          const before = await eventually(() => ownerOf(owner, id), (name) => name !== null);
          await killed(scene, owner, strikeOf(kill, TAKEOVERS, proxy, 40));
          proxy.delayMs = SLOW_MS;
          proxy.open();
          // Nobody else is there: it is the other one who has it now, or had it to its end.
          await eventually(
            async () => [await ownerOf(standby, id), isOver(await runOf(standby, id))] as const,
            ([name, over]) => over || (name !== null && name !== before),
            60_000
          );
          await owner.start();
          proxy.delayMs = 0;
          [owner, standby] = [standby, owner];
        }
        const run = await eventually(() => runOf(owner, id), isOver, TIMEOUT_MS);
        await expectWhole(scene, run);
      } finally {
        await other.close();
        await scene.close();
      }
    },
    TIMEOUT_MS
  );
}

// Said as skipped, not left out in silence.
if (chosen.length === 0) it.skip('two instances: needs PostgreSQL or MariaDB (TEST_PG_URL, TEST_MYSQL_URL)', () => undefined);
