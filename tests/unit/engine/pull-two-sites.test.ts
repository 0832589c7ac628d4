/** One Strapi pulls from the SCIM server of another: after random changes there, the second one is equal again. */
import fc from 'fast-check';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { createScimServer } from '../../../server/src/scim/server/scim-server';
import { MemoryHttpClient } from '../../helpers/memory/http-client';
import { finished, reportOf, type Pulled } from '../../helpers/pulled';
import { createWorld } from '../../helpers/memory/world';


function twoSites() {
  const there = createWorld();
  const here = createWorld();
  const { ctx } = there.addProvider({ policies: { ...DEFAULT_POLICIES, visibility: 'all' } });
  const server = createScimServer({ service: there.service, limits: { maxResults: 3, maxPayloadBytes: 1_000_000 }, onError: () => undefined });
  const http = new MemoryHttpClient(async ({ method, url }) => {
    const { pathname, searchParams } = new URL(url);
    const answer = await server.handle({ method, path: pathname, query: Object.fromEntries(searchParams), body: undefined, headers: {} }, ctx);
    return { status: answer.status, text: answer.body === null ? '' : JSON.stringify(answer.body) };
  });
  const { connection } = here.addSource();
  const source = new ScimTargetDirectory({ http, baseUrl: 'https://there.example', bearerToken: null });
  here.sources.set(connection.id, source);
  const pull = async (): Promise<Pulled> => {
    here.clock.advance(60_000);
    const { id } = await here.runService.start({ connection, trigger: 'scheduled', cycle: 'incremental', actor: 'test' });
    return reportOf(here, await finished(here, id));
  };
  const people = async (world: typeof here) =>
    Object.fromEntries((await world.endUsers.pageUsers(0, 1_000)).map(({ resource: { userName, active, emails } }) => [String(userName), { active, emails }]));
  const memberships = async (world: typeof here, connectionId: number) =>
    Object.fromEntries(await Promise.all((await world.groups.query({ connectionId }, 0, 100)).map(async (group) => [group.displayName, (await world.groups.members(group)).map(({ display }) => display).sort()])));
  return { there, here, ctx, connection, pull, people, memberships, http };
}

const change = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), who: fc.nat(9) }),
  fc.record({ kind: fc.constant('active' as const), who: fc.nat(9), value: fc.boolean() }),
  fc.record({ kind: fc.constant('mail' as const), who: fc.nat(9), value: fc.nat(3) }),
  fc.record({ kind: fc.constant('delete' as const), who: fc.nat(9) }),
  fc.record({ kind: fc.constant('members' as const), group: fc.nat(2), members: fc.uniqueArray(fc.nat(9), { maxLength: 5 }) })
);

it('follows random changes of people and groups, by cursor, and then costs no write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const { there, here, ctx, connection, pull, people, memberships, http } = twoSites();
      // Somebody always stays: an empty source is refused.
      await there.service.create(ctx, 'User', { schemas: [], userName: 'root' });
      const idOf = async (who: number): Promise<string | null> => (await there.endUsers.findUsers({ attribute: 'userName', value: `p${who}` }))[0]?.ref ?? null;
      const groups: Record<number, string> = {};
      for (const round of rounds) {
        for (const step of round) {
          if (step.kind === 'members') {
            const ids = (await Promise.all(step.members.map(idOf))).filter((id) => id !== null);
            const resource = { schemas: [], displayName: `Group ${step.group}`, members: ids.map((value) => ({ value })) };
            const present = groups[step.group];
            if (present === undefined) groups[step.group] = String((await there.service.create(ctx, 'Group', resource)).id);
            else await there.service.replace(ctx, 'Group', present, resource);
            continue;
          }
          const id = await idOf(step.who);
          if (step.kind === 'add') {
            if (id === null) await there.service.create(ctx, 'User', { schemas: [], userName: `p${step.who}` });
          } else if (id !== null) {
            if (step.kind === 'active') await there.endUsers.editByHand(id, { active: step.value });
            else if (step.kind === 'mail') await there.endUsers.editByHand(id, { email: `p${step.who}.${step.value}@x.example` });
            else await there.service.remove(ctx, 'User', id);
          }
        }
        expect(await pull()).toMatchObject({ state: 'done', incomplete: null, users: { failed: 0 }, groups: { failed: 0 } });
      }
      // Who is gone has to be missing twice.
      await pull();
      expect(await people(here)).toEqual(await people(there));
      expect(await memberships(here, connection.id)).toEqual(await memberships(there, ctx.connection.id));
      const rows = here.log.records.length;
      expect((await pull()).items).toEqual([]);
      expect(here.log.records).toHaveLength(rows);
      expect(http.requests.some(({ url }) => url.includes('cursor='))).toBe(true);
      expect(http.requests.every(({ method }) => method === 'GET')).toBe(true);
    }),
    { numRuns: 30 }
  );
});
