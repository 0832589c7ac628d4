/**
 * kill -9 in the middle of a run, while it plans and while it applies: after each restart, or as another instance takes
 * over, the run goes on by itself and ends as if nothing had been. RUN_KILL_PEOPLE and RUN_KILL_TIMES make it larger
 * (5000 and 50); FAULTS_SEED makes the same choices again.
 */
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';
import type { RunInfo } from '../../server/src/contracts/run';
import { availableDatabases } from '../helpers/databases';
import { NO_LIMITS } from '../helpers/guard';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import { expectAgreement, identitiesOf } from './agreement';
import { createRandom } from './random';
import { Site } from './site';
import { MOMENTS, StrikingProxy, type Strike } from './striking-proxy';

const PEOPLE = Number(process.env.RUN_KILL_PEOPLE ?? 150);
const KILLS = Number(process.env.RUN_KILL_TIMES ?? 3);
const TIMEOUT_MS = 120_000 + PEOPLE * 100 + KILLS * 10_000;
/** Every so-manieth person is at the application already, as another or the same. */
const OTHERS = 5;
const SAME = 7;
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
const isThere = (index: number): boolean => index % OTHERS === 0 || index % SAME === 0;
const indexes = [...Array(PEOPLE).keys()];

/** People in Strapi, some of them at the application already, and a connection that has sent nothing yet. */
async function setUp(config?: Parameters<typeof Site.open>[0], client?: Parameters<typeof Site.open>[1]): Promise<Scene> {
  const site = await Site.open(config, client);
  const target = await startTargetApp();
  const proxy = await StrikingProxy.start(target);
  for (let start = 0; start < PEOPLE; start += 100) {
    const data = indexes.slice(start, start + 100).map((index) => ({ username: nameOf(index), email: `${nameOf(index)}@one.example`, provider: 'local', confirmed: true, blocked: false }));
    await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'createMany', params: { data } });
  }
  await eventually(() => identitiesOf(site, 'end-users').then((known) => known.length), (count) => count === PEOPLE, 60_000);
  for (const index of indexes.filter(isThere)) {
    const email = `${nameOf(index)}@${index % OTHERS === 0 ? 'before' : 'one'}.example`;
    await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: nameOf(index), active: true, emails: [{ value: email, primary: true }] });
  }
  const { connection } = await site.admin<ConnectionWithToken>({
    method: 'POST',
    path: '/user-provisioning/connections',
    body: { name: 'Application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: proxy.baseUrl, bearerToken: target.token, guard: NO_LIMITS },
  });
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

/** How many requests of each sort a process lives for; the sum stays below what there is to do, so that each kill hits the run. */
function strikes(): Strike[] {
  const momentOf = (): Strike['moment'] => {
    const moment = random.pick(MOMENTS) ?? 'unsent';
    return moment === 'later' ? { laterMs: random.below(LONGEST_DELAY_MS) } : moment;
  };
  const inPlan = Math.ceil(KILLS / 3);
  const step = Math.floor(PEOPLE / (KILLS - inPlan + 1));
  return Array.from({ length: KILLS }, (_, kill): Strike =>
    kill < inPlan
      ? // Pages are kept: planning moves on between kills, or begins its page again.
        { counts: 'reads', nth: 1 + random.below(Math.ceil((2 * PEOPLE) / (inPlan + 1))), moment: momentOf() }
      : { counts: 'writes', nth: 1 + random.below(Math.max(1, Math.floor(step * 0.8))), moment: momentOf() }
  );
}

async function expectWhole({ site, target, proxy, connection }: Scene, run: RunInfo): Promise<void> {
  const done = indexes.filter((index) => !isThere(index)).length;
  // Nobody is lost, and nobody is in the plan twice.
  expect(run).toMatchObject({ state: 'done', counts: { examined: PEOPLE, unplannable: 0 }, items: { planned: 0, sent: 0, done: PEOPLE, stale: 0, failed: 0, conflict: 0 } });
  // Each was created once, and never asked for again: what was in flight is looked for before anything is repeated.
  expect([...proxy.created.values()].filter((times) => times !== 1)).toEqual([]);
  expect(proxy.created.size).toBe(done);
  expect([...proxy.asked.values()].filter((times) => times !== 1)).toEqual([]);
  await site.settled(60_000);
  await expectAgreement(site, connection, target);
  expect(await target.users()).toHaveLength(PEOPLE);
}

it(
  `a run over ${PEOPLE} people, killed ${KILLS} times (seed ${random.seed}), ends as if nothing had been`,
  async () => {
    const scene = await setUp();
    const { site, proxy } = scene;
    try {
      const { id } = await startRun(scene);
      const killedIn: string[] = [];
      for (const strike of strikes()) {
        await proxy.strike(strike, () => site.kill());
        await site.start();
        const { state, items } = await runOf(site, id);
        killedIn.push(`${state} ${items.done}`);
      }
      const run = await eventually(() => runOf(site, id), ({ state }) => state !== 'planning' && state !== 'applying', TIMEOUT_MS);
      console.log(`seed ${random.seed}: killed ${killedIn.length} times, after which the run was ${killedIn.join(', ')}`);
      expect(killedIn).toHaveLength(KILLS);
      await expectWhole(scene, run);
    } finally {
      await scene.close();
    }
  },
  TIMEOUT_MS
);
