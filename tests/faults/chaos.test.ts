/**
 * Random changes while the application misbehaves in every way we know of. Then it calms down: it holds what
 * Strapi holds, nobody twice, and the log explains each attempt that failed. FAULTS_SEED makes the same choices again.
 */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import { ERROR_CATALOGUE } from '../../server/src/contracts/error-codes';
import { TABLES } from '../../server/src/models';
import { sizeOf } from '../helpers/size';
import { SUPER_ADMIN } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import { expectAgreement, identitiesOf } from './agreement';
import { Changes, rolesOf } from './changes';
import { ChaosProxy } from './chaos-proxy';
import { createRandom } from './random';
import { Site } from './site';

const CHANGES = sizeOf('CHAOS_CHANGES', 120, 1_000);

const random = createRandom();
let site: Site;
let target: TargetApp;
let proxy: ChaosProxy;
let connection: ConnectionInfo;

const config = {
  plugins: {
    'user-provisioning': {
      config: {
        requestTimeoutMs: 1_500,
        retries: { firstPauseMs: 1, longestPauseMs: 50, quarantineAfterFailures: 6, quarantineAfterMs: 100, longestProbeMs: 200 },
      },
    },
  },
};

beforeAll(async () => {
  site = await Site.open(config);
  target = await startTargetApp();
  // Its own dice, so that how many requests come does not change which changes are made.
  proxy = await ChaosProxy.start(target, createRandom(random.seed + 1));
  ({ connection } = await site.connect({
    name: 'Bad day', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: proxy.baseUrl, bearerToken: target.token,
  }));
  // What a run meets while it plans is told with the run, and not counted here.
  await eventually(() => site.command<{ state: string }[]>({ do: 'rows', table: TABLES.runs, where: {} }), (runs) => runs.every((run) => run.state === 'done'), 30_000);
});
afterAll(async () => {
  await site.close();
  await proxy.stop();
  await target.stop();
});

/** What the log says of each fault. */
const SENTENCES = {
  limitedSeconds: /slow down/, limitedDate: /slow down/, error500: /status 500/, error503: /status 503/, hangsBefore: /in time/, hangsAfter: /in time/,
  dropsBefore: /broke off/, dropsAfter: /broke off/, htmlBefore: /web page/, htmlAfter: /web page/, html404: /status 404/, cutJson: /breaks off|broke off/,
  cutBody: /broke off/, down: /broke off/,
} satisfies Record<keyof ChaosProxy['faults'], RegExp>;

interface LogRow {
  id: number;
  object_id: string | null;
  outcome: string;
  error_code: string | null;
  message: string;
  attempts: number;
}

const state = async (): Promise<ConnectionInfo> => site.admin<ConnectionInfo>({ method: 'GET', path: `/user-provisioning/connections/${connection.id}` });
const rows = async (): Promise<LogRow[]> =>
  (await site.command<LogRow[]>({ do: 'rows', table: TABLES.operations, where: { connection_id: connection.id } })).sort((a, b) => a.id - b.id);

/** Whom the application forgot for good, and nobody changed since, it can only learn of from a change. */
async function changeForgotten(): Promise<void> {
  const identities = await identitiesOf(site, 'end-users');
  for (const scimId of new Set(proxy.forgotten)) {
    const accountId = identities.find((identity) => identity.scim_id === scimId)?.account_id;
    if (accountId == null) continue;
    const params = { where: { id: accountId }, data: { email: `found-again-${accountId}@example.com` } };
    await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'update', params });
  }
}

it(
  `${CHANGES} changes at an application that fails at random (seed ${random.seed}): in the end it equals Strapi`,
  async () => {
    const changes = new Changes(site, random, await rolesOf(site), SUPER_ADMIN.email, 1);
    proxy.mood = 'storm';
    for (let number = 0; number < CHANGES; number += 1) {
      await changes.one();
      // Not all at the end: what is sent has to meet what changes meanwhile.
      if (number % 10 !== 9) continue;
      await changes.lookAgain();
      await eventually(async () => proxy.requests, (seen) => seen >= number, 60_000);
    }
    await eventually(state, ({ delivery }) => (delivery?.pending ?? 0) < 20, 120_000);

    proxy.mood = 'down';
    await changes.one();
    await changes.one();
    await site.command({ do: 'query', uid: 'plugin::users-permissions.user', method: 'create', params: { data: { username: 'in-the-dark', email: 'dark@example.com', provider: 'local' } } });
    const { delivery } = await eventually(state, (seen) => (seen.delivery?.quarantine ?? null) !== null, 30_000);
    expect(delivery?.quarantine?.reason).toMatch(/broke off/);
    expect(Date.parse(delivery?.quarantine?.nextProbeAt ?? '')).toBeGreaterThanOrEqual(Date.parse(delivery?.quarantine?.since ?? ''));

    proxy.mood = 'calm';
    await eventually(state, (seen) => (seen.delivery?.quarantine ?? null) === null, 30_000);
    await site.settled(60_000);
    const log = await rows();
    console.log(`seed ${random.seed}: ${JSON.stringify({ requests: proxy.requests, faults: proxy.faults, lies: proxy.lies, changes: changes.counts, rows: log.length })}`);
    tellsEachFailureOnce(log);

    // Changes that only the sweep at boot sees are among them.
    await changeForgotten();
    await site.kill();
    await site.start();
    await site.settled(60_000);
    await expectAgreement(site, connection, target);
    expect((await target.users()).length).toBeGreaterThan(20);

    explainsEachRetry(await rows());
  },
  300_000 + CHANGES * 500
);

/** Every failure there was is one row. On a busy machine an answer may also be late by itself. */
function tellsEachFailureOnce(log: LogRow[]): void {
  const failures = log.filter((row) => ['target-rate-limited', 'target-unavailable', 'target-unexpected'].includes(row.error_code ?? ''));
  const hidden = failures.filter((row) => row.message.includes('lists none')).length;
  const late = failures.filter((row) => row.message.includes('in time')).length;
  const { all, silent } = proxy.failures;
  expect(hidden).toBeLessThanOrEqual(proxy.lies.hiddenHits ?? 0);
  expect(failures.length - hidden).toBeGreaterThanOrEqual(all);
  expect(failures.length - hidden - late).toBeLessThanOrEqual(all - silent);
}

/** Whatever was tried again stands there with the attempt before, why it failed and what code that is. */
function explainsEachRetry(log: LogRow[]): void {
  const failed = log.filter((row) => row.outcome === 'failed' || row.outcome === 'refused');
  for (const row of failed) {
    expect(ERROR_CATALOGUE.has(row.error_code ?? '')).toBe(true);
    expect(row.message).toMatch(/\S.{10,}\.$/);
  }
  const retries = log.filter((row) => row.attempts > 1);
  expect(retries.length).toBeGreaterThan(10);
  for (const retry of retries) {
    const before = failed.findLast((row) => row.object_id === retry.object_id && row.id < retry.id);
    expect({ retry, attempts: before?.attempts }).toEqual({ retry, attempts: retry.attempts - 1 });
  }
  const told = failed.map((row) => row.message).join('\n');
  const seen = Object.keys(proxy.faults) as (keyof typeof SENTENCES)[];
  expect(seen.length).toBeGreaterThan(7);
  for (const fault of seen) expect({ fault, told }).toEqual({ fault, told: expect.stringMatching(SENTENCES[fault]) as string });
}
