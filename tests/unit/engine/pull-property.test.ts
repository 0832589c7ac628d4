/** Whatever a source and this site hold: a plan of a pull that is done makes the site as the source says, a second one is empty, an undo restores. */
import fc from 'fast-check';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { presentUser } from '../../../server/src/domain/resource/present';
import { NO_LIMITS } from '../../helpers/guard';
import { approved, finished, pullSite, type PullSite } from '../../helpers/pulled';

interface Person {
  active: boolean;
  title: 'a' | 'b' | null;
  mail: 1 | 2;
}

const person = fc.record({ active: fc.boolean(), title: fc.constantFrom('a' as const, 'b' as const, null), mail: fc.constantFrom(1 as const, 2 as const) });
/** By number: the source has them at first, and later; null: not there. */
const sources = fc.array(fc.tuple(fc.option(person), fc.option(person)), { minLength: 1, maxLength: 7 });
/** Accounts here before the first look: by number, matched by their name. */
const accounts = fc.uniqueArray(fc.nat(9), { maxLength: 6 });
const edits = fc.array(fc.record({ who: fc.nat(6), mail: fc.constantFrom(3, 4) }), { maxLength: 4 });
const pages = fc.integer({ min: 1, max: 4 });

const nameOf = (index: number): string => `user-${index}`;

/** Somebody always stays: an empty source is held, and tested elsewhere. */
function show({ source }: PullSite, people: (Person | null)[]): void {
  for (const id of source.ids) source.drop(id);
  source.user('root');
  for (const [index, one] of people.entries()) {
    if (one === null) continue;
    const { active, title, mail } = one;
    source.user(`r${index}`, { userName: nameOf(index), active, emails: [{ value: `${nameOf(index)}.${mail}@x.example`, primary: true }], ...(title === null ? {} : { title }) });
  }
}

async function siteOf(people: (Person | null)[], here: number[], pageSize: number): Promise<PullSite> {
  const site = pullSite({ guard: NO_LIMITS, policies: { ...DEFAULT_POLICIES, onDelete: { action: 'delete', graceDays: 0 } } });
  site.source.pageSize = pageSize;
  for (const index of here) await site.world.endUsers.addByHand({ userName: nameOf(index), email: `${nameOf(index)}.0@x.example` });
  show(site, people);
  return site;
}

/** Everybody here by name, as the connection sees them; nothing of it where they are not its own. */
async function stateOf({ world, connection, people }: PullSite): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const [name, user] of Object.entries(await people())) {
    const link = await world.links.get(connection.id, 'User', user.ref);
    const { id: _id, meta: _meta, schemas: _schemas, ...seen } = presentUser(user.resource, link?.kept ?? null, link?.externalId ?? null);
    state[name] = seen;
  }
  return state;
}

async function expectEqual(site: PullSite, people: (Person | null)[], here: number[]): Promise<void> {
  const state = await stateOf(site);
  for (const [index, one] of people.entries()) {
    if (one === null) continue;
    const { active, title, mail } = one;
    expect(state[nameOf(index)]).toMatchObject({ externalId: `r${index}`, active, emails: [expect.objectContaining({ value: `${nameOf(index)}.${mail}@x.example` })], ...(title === null ? {} : { title }) });
    if (title === null) expect(state[nameOf(index)]).not.toHaveProperty('title');
    delete state[nameOf(index)];
  }
  delete state.root;
  // Whom nobody at the source ever matched stays.
  expect(Object.keys(state).every((name) => here.some((index) => nameOf(index) === name))).toBe(true);
}

it('a plan that is done makes the site as the source says, and a second one is empty and writes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(sources, accounts, edits, pages, fc.boolean(), async (people, here, changes, pageSize, full) => {
      const [before, after] = [people.map(([first]) => first), people.map(([, second]) => second)];
      const site = await siteOf(before, here, pageSize);
      const first = await site.pull();
      expect([first.state, first.run.counts.pairings['left-over']]).toEqual(['done', here.filter((index) => (before[index] ?? null) === null).length]);
      await expectEqual(site, before, here);
      show(site, after);
      if (full) for (const { who, mail } of changes) await edit(site, who, mail);
      // Gone is who is missing twice.
      await site.pull({ full });
      const plan = await site.pull({ full, dryRun: true });
      if (plan.state === 'waiting') expect((await approved(site.world, plan.run)).state).toBe('done');
      await expectEqual(site, after, here);
      const rows = site.world.log.records.length;
      const second = await site.pull({ full });
      expect([second.state, second.items, site.world.log.records.length]).toEqual(['done', [], rows]);
      expect(site.world.errors).toEqual([]);
    }),
    { numRuns: 25 }
  );
});

async function edit({ world, people }: PullSite, who: number, mail: number): Promise<void> {
  const user = (await people())[nameOf(who)];
  if (user !== undefined) await world.endUsers.editByHand(user.ref, { email: `${nameOf(who)}.${mail}@x.example` });
}

it('an undo brings back what was here before the run', async () => {
  await fc.assert(
    fc.asyncProperty(sources, accounts, pages, async (people, here, pageSize) => {
      const site = await siteOf(people.map(([first]) => first), here, pageSize);
      await site.pull();
      show(site, people.map(([, second]) => second));
      // Read once before: then who is gone is gone at the next read.
      await site.pull({ dryRun: true });
      const before = await stateOf(site);
      const done = await site.pull();
      expect(done.users.failed).toBe(0);
      const undo = await finished(site.world, (await site.world.runService.undo(done.run, site.connection, 'admin')).id);
      if (undo.state === 'waiting') await approved(site.world, undo);
      expect(await stateOf(site)).toEqual(before);
    }),
    { numRuns: 25 }
  );
});

it('what was changed after the run stays, and is listed as a conflict', async () => {
  const site = await siteOf([{ active: true, title: 'a', mail: 1 }, { active: true, title: 'a', mail: 1 }], [], 10);
  await site.pull();
  show(site, [{ active: true, title: 'a', mail: 2 }, { active: true, title: 'b', mail: 1 }]);
  const { run } = await site.pull();
  await edit(site, 0, 3);
  const undo = await finished(site.world, (await site.world.runService.undo(run, site.connection, 'admin')).id);
  expect(await site.world.runs.items(undo.id, ['conflict'], 0, 10)).toMatchObject([{ objectName: nameOf(0) }]);
  await approved(site.world, undo);
  expect(await stateOf(site)).toMatchObject({ [nameOf(0)]: { emails: [{ value: `${nameOf(0)}.3@x.example` }] }, [nameOf(1)]: { title: 'a' } });
});

it('a dry run writes nothing at all', async () => {
  await fc.assert(
    fc.asyncProperty(sources, accounts, pages, fc.boolean(), async (people, here, pageSize, full) => {
      const site = await siteOf(people.map(([first]) => first), here, pageSize);
      const state = async () => ({ people: await stateOf(site), log: site.world.log.records.length, outbox: site.world.outbox.rows, links: (await site.world.links.linksPage(site.connection.id, 'User', 0, 100)).links });
      const empty = await state();
      await site.pull({ dryRun: true, full });
      expect(await state()).toEqual(empty);
      await site.pull();
      show(site, people.map(([, second]) => second));
      const before = await state();
      await site.pull({ dryRun: true, full });
      expect(await state()).toEqual(before);
    }),
    { numRuns: 20 }
  );
});
