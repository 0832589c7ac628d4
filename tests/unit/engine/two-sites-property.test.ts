/**
 * Two sites that provision their people to each other, with requests and answers on the way while both go on changing: once it
 * is calm, both hold the same people in the same state, everybody once.
 */
import fc from 'fast-check';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { createScimServer } from '../../../server/src/scim/server/scim-server';
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Delivery } from '../../../server/src/engine/push/delivery';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { MemoryHttpClient } from '../../helpers/memory/http-client';
import { sizeOf } from '../../helpers/size';
import { createWorld, type World } from '../../helpers/memory/world';

const CHANGES = ['add', 'rename', 'mail', 'toggle', 'remove'] as const;

type Step =
  | { do: (typeof CHANGES)[number]; at: 0 | 1; who: number }
  /** A worker looks at what is due. Its requests are on their way until they `arrive`. */
  | { do: 'deliver'; at: 0 | 1 }
  | { do: 'arrive'; count: number };

const at = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom(...CHANGES), at, who: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const), at }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('arrive' as const), count: fc.integer({ min: 1, max: 6 }) }) }
);

interface Site {
  world: World;
  ctx: ScimRequestContext;
  outbound: Connection;
  delivery: Delivery;
  /** What it asked the other one. */
  http: MemoryHttpClient;
  changes: number;
}

function twoSites(scheduler: fc.Scheduler): [Site, Site] {
  const parts = ['north', 'south'].map((_name, index) => {
    const world = createWorld();
    const other = index === 0 ? 'south' : 'north';
    const { ctx } = world.addProvider({ system: other });
    const { connection: outbound } = world.addTarget({ system: other });
    const server = createScimServer({ service: world.service, limits: { maxResults: 100, maxPayloadBytes: 1_000_000 }, onError: (error) => void world.errors.push(error) });
    return { world, ctx, outbound, server, changes: 0 };
  });
  return parts.map(({ server: _server, ...part }, index) => {
    const other = parts[1 - index];
    const http = new MemoryHttpClient(async ({ method, url, body }) => {
      const { pathname, searchParams } = new URL(url);
      await scheduler.schedule(Promise.resolve(), `${method} of ${index}`);
      const request = { method, path: pathname, query: Object.fromEntries(searchParams), body: typeof body === 'string' ? JSON.parse(body) : body, headers: {} };
      const answer = await other?.server.handle(request as never, other.ctx);
      await scheduler.schedule(Promise.resolve(), `answer to ${index}`);
      return { status: answer?.status ?? 500, text: answer == null || answer.body === null ? '' : JSON.stringify(answer.body) };
    });
    part.world.targets.set(part.outbound.id, new ScimTargetDirectory({ http, baseUrl: 'https://there.example', bearerToken: null }));
    return { ...part, http, delivery: part.world.delivery({ parallel: 3 }) };
  }) as [Site, Site];
}

type People = Record<string, { active: unknown; emails: unknown }>;

const peopleOf = async ({ world }: Site): Promise<People> =>
  Object.fromEntries((await world.endUsers.pageUsers(0, 1_000)).map(({ resource: { userName, active, emails } }) => [String(userName), { active, emails }]));

/** Somebody inactive whom the other site never heard of is rightly not there. */
const without = (here: People, there: People): People => Object.fromEntries(Object.entries(here).filter(([name, { active }]) => active !== false || name in there));

it('end with the same people in the same state, everybody once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), fc.scheduler(), async (steps, scheduler) => {
      const sites = twoSites(scheduler);
      const running = new Set<Promise<unknown>>();
      const failures: unknown[] = [];
      const start = (site: Site): void => {
        const work: Promise<unknown> = site.delivery.drain(() => false).catch((error: unknown) => failures.push(error)).finally(() => running.delete(work));
        running.add(work);
      };
      /** Until requests are on their way, or there are none. */
      const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      let names = 0;
      const fresh = (): string => `name-${(names += 1)}`;
      for (const event of steps) {
        if (event.do === 'arrive') {
          for (let count = 0; count < event.count; count += 1) {
            if (scheduler.count() > 0) await scheduler.waitOne();
            await breathe();
          }
          continue;
        }
        const site = sites[event.at];
        const { endUsers } = site.world;
        if (event.do === 'deliver') {
          start(site);
          await breathe();
          continue;
        }
        site.changes += 1;
        const all = await endUsers.pageUsers(0, 100);
        const user = all[event.who % Math.max(1, all.length)];
        if (event.do === 'add' || user === undefined) await endUsers.addByHand({ userName: fresh(), email: `${fresh()}@x.example` });
        else if (event.do === 'rename') await endUsers.editByHand(user.ref, { userName: fresh() });
        else if (event.do === 'mail') await endUsers.editByHand(user.ref, { email: `${fresh()}@x.example` });
        else if (event.do === 'toggle') await endUsers.editByHand(user.ref, { active: user.resource.active === false });
        else await endUsers.removeUser(user);
      }
      for (let round = 0; sites.some(({ world }) => world.outbox.rows.some((row) => row.state !== 'failed')) || running.size > 0; round += 1) {
        if (round > 60) throw new Error('They never come to rest.');
        if (running.size === 0) {
          for (const { world } of sites) world.clock.advance(60_000);
          sites.forEach(start);
        }
        await breathe();
        while (scheduler.count() > 0) {
          await scheduler.waitOne();
          await breathe();
        }
      }
      expect(failures).toEqual([]);
      expect(sites.flatMap(({ world }) => world.errors)).toEqual([]);
      const [north = {}, south = {}] = await Promise.all(sites.map(peopleOf));
      expect(without(south, north)).toEqual(without(north, south));
      expect(sites.flatMap(({ world }) => world.outbox.rows)).toEqual([]);
    }),
    { numRuns: sizeOf('TWO_SITES_RUNS', 60, 1_000) }
  );
});
