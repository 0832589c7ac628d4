/**
 * kill -9 at random moments while accounts change: afterwards both applications are equal to Strapi. The seed of a run
 * is printed; FAULTS_SEED makes the same choices again (the moments of the kills depend on the machine).
 */
import type { ConnectionInfo, Population } from '../../server/src/contracts/connection';
import { sizeOf } from '../helpers/size';
import { SUPER_ADMIN } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { accountsOf, expectAgreement } from './agreement';
import { Changes, rolesOf } from './changes';
import { createRandom } from './random';
import { Site } from './site';

const CHANGES = sizeOf('KILL_CHANGES', 70, 500);
const KILLS = sizeOf('KILL_TIMES', 7, 50);
/** Long enough to die in the request, in the delivery that follows it, or after both. */
const LONGEST_DELAY_MS = 120;
const MOST_AT_A_TIME = 3;

const random = createRandom();
let site: Site;
const ties: { connection: ConnectionInfo; target: TargetApp }[] = [];

beforeAll(async () => {
  site = await Site.open();
  for (const population of ['end-users', 'admin-users'] satisfies Population[]) {
    const target = await startTargetApp();
    const { connection } = await site.connect({
      name: population, direction: 'outbound', population, system: population, baseUrl: target.baseUrl, bearerToken: target.token,
    });
    ties.push({ connection, target });
  }
});
afterAll(async () => {
  await site.close();
  await Promise.all(ties.map(({ target }) => target.stop()));
});

/** Which changes are interrupted: as many different ones as there are kills. */
function interrupted(): Set<number> {
  const chosen = new Set<number>();
  // Not the first ones: there has to be somebody to change.
  while (chosen.size < KILLS) chosen.add(10 + random.below(CHANGES - 10));
  return chosen;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(
  `${CHANGES} changes, killed ${KILLS} times (seed ${random.seed}): the applications are equal to Strapi`,
  async () => {
    const changes = new Changes(site, random, await rolesOf(site), SUPER_ADMIN.email);
    const kills = interrupted();
    const inFlight: Promise<void>[] = [];
    for (let number = 0; number < CHANGES; number += 1) {
      inFlight.push(changes.one());
      if (kills.has(number)) {
        await pause(random.below(LONGEST_DELAY_MS));
        await site.kill();
        await Promise.all(inFlight.splice(0));
        await site.start();
        await changes.lookAgain();
      } else if (inFlight.length >= 1 + random.below(MOST_AT_A_TIME)) {
        await Promise.all(inFlight.splice(0));
      }
    }
    await Promise.all(inFlight);
    console.log(`seed ${random.seed}: ${JSON.stringify(changes.counts)}`);
    await changes.unnoticed();
    await site.kill();
    await site.start();
    await site.settled();
    for (const { connection, target } of ties) {
      await expectAgreement(site, connection, target);
      // Nobody equals nobody.
      expect((await accountsOf(site, connection.population)).length).toBeGreaterThan(1);
    }
  },
  60_000 + KILLS * 20_000
);
