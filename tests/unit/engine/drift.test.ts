/** Runs that read the application: what was changed there, who vanished, who is left over, and the first run of all. */
import fc from 'fast-check';
import { GUARDED_KINDS } from '../../../server/src/contracts/guard';
import type { DriftPolicy, OutboundPoliciesInput } from '../../../server/src/contracts/scope';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import { driftOf } from '../../../server/src/domain/drift/drift';
import { DEFAULT_GUARD, mergeGuard } from '../../../server/src/domain/guard/limits';
import { mapResource } from '../../../server/src/domain/mapping/mapping';
import { presentUser } from '../../../server/src/domain/resource/present';
import type { Run } from '../../../server/src/domain/run/run';
import { generic } from '../../../server/src/providers/generic';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

const UNLIMITED = mergeGuard(DEFAULT_GUARD, { limits: Object.fromEntries(GUARDED_KINDS.map((kind) => [kind, { count: null, percent: null }])) });

let world: World;
let target: MemoryDirectory;
let connection: Connection;

function connect(drift: DriftPolicy, more: OutboundPoliciesInput = {}, guard = UNLIMITED): void {
  world = createWorld();
  ({ target, connection } = world.addTarget({ guard, outbound: mergeOutbound(DEFAULT_OUTBOUND, { drift, ...more }) }));
}
const add = (userName: string) => world.endUsers.addByHand({ userName, email: `${userName}@x.example` });
const refOf = (userName: string): string => String(target.user(userName)?.id);
const emailOf = (userName: string): unknown => (target.user(userName)?.emails as { value: string }[] | undefined)?.[0]?.value;

async function run(input: { cycle?: 'full' | 'reconcile'; dryRun?: boolean } = {}): Promise<Run> {
  const { id } = await world.runService.start({ connection, trigger: 'on-demand', cycle: 'reconcile', actor: 'admin', ...input });
  return ended(id);
}
async function ended(id: number): Promise<Run> {
  await world.finishRuns();
  const made = await world.runs.get(id);
  if (made === null) throw new Error('The run is gone.');
  return made;
}
async function approved({ id }: Run): Promise<Run> {
  const plan = await world.runs.get(id);
  if (plan === null) throw new Error('The run is gone.');
  await world.runService.approve(plan, 'admin');
  return ended(id);
}
const itemsOf = ({ id }: Run) => world.runs.items(id, [], 0, 1_000);
const written = () => target.writes.map(({ method, ref, changes }) => [method, ref, changes.map(({ path, after }) => [path, after])]);
const rows = () => world.log.records.map(({ operation, message }) => `${operation}: ${message}`);

/** Three people, linked and in step. */
async function inStep(drift: DriftPolicy, more: OutboundPoliciesInput = {}, guard = UNLIMITED): Promise<string[]> {
  connect(drift, more, guard);
  const ids = [await add('ada'), await add('bob'), await add('eve')];
  await world.settle();
  target.forgetRequests();
  return ids;
}

describe('somebody was changed at the application', () => {
  it('report: it is told once, with what was written and what is there, and nothing is sent', async () => {
    await inStep('report');
    target.overwrite(refOf('ada'), { emails: [{ value: 'theirs@x.example', type: 'work', primary: true }], title: 'Theirs, never ours' });
    const first = await run();
    expect(first).toMatchObject({ state: 'done', counts: { examined: 3, unchanged: 2, planned: { drift: 1, update: 0 }, reading: { read: 3, drifted: 1, vanished: 0, incomplete: null } } });
    expect(await itemsOf(first)).toMatchObject([{ kind: 'drift', objectName: 'ada', state: 'done', drift: [{ path: 'emails', before: [expect.objectContaining({ value: 'ada@x.example' })], after: [expect.objectContaining({ value: 'theirs@x.example' })] }] }]);
    expect(rows().at(-1)).toBe('read: Changed at the application, and left as it is: emails.');
    const told = rows().length;
    const second = await run();
    expect(second.counts).toMatchObject({ planned: { drift: 0 }, reading: { drifted: 1 } });
    expect(await itemsOf(second)).toMatchObject([{ kind: 'drift', state: 'listed' }]);
    expect([rows().length, target.writes]).toEqual([told, []]);
    // Something else was changed there: that is new.
    target.overwrite(refOf('ada'), { userName: 'lovelace' });
    expect((await run()).counts.planned.drift).toBe(1);
    expect(rows().at(-1)).toBe('read: Changed at the application, and left as it is: userName, emails.');
  });

  it('overwrite: only what differs is written back, and nothing is left to do', async () => {
    const [ada] = await inStep('overwrite');
    target.overwrite(refOf('ada'), { active: false, title: 'Theirs, never ours' });
    await world.endUsers.editByHand(String(ada), { email: 'new@x.example' });
    await world.settle();
    target.forgetRequests();
    const done = await run();
    expect(done).toMatchObject({ state: 'done', counts: { planned: { reactivate: 1 }, reading: { drifted: 1 } } });
    expect(written()).toEqual([['update', refOf('ada'), [['active', true]]]]);
    expect(target.user('ada')).toMatchObject({ active: true, title: 'Theirs, never ours' });
    target.forgetRequests();
    expect(await run()).toMatchObject({ state: 'done', counts: { unchanged: 3, reading: { drifted: 0 } } });
    expect(target.requests.map(({ method }) => method)).toEqual(['list']);
  });

  it('overwrite: a value that the application does not give up is told once, and not written in every run', async () => {
    await inStep('overwrite');
    target.own = ({ userName }) => (userName === 'ada' ? { emails: [{ value: 'only@app.example', type: 'work', primary: true }] } : {});
    target.overwrite(refOf('ada'), { emails: [{ value: 'only@app.example', type: 'work', primary: true }] });
    await run();
    expect(rows().at(-1)).toBe('update: Changed emails. The application keeps its own value of emails; it is not sent again.');
    target.forgetRequests();
    expect((await run()).counts).toMatchObject({ unchanged: 3, reading: { drifted: 0 } });
    expect(target.writes).toEqual([]);
    // Until it is another one.
    target.overwrite(refOf('ada'), { emails: [{ value: 'other@app.example', type: 'work', primary: true }] });
    expect((await run()).counts).toMatchObject({ planned: { update: 1 }, reading: { drifted: 1 } });
  });

  it('accept: it stays until Strapi changes it', async () => {
    const [ada] = await inStep('accept');
    target.overwrite(refOf('ada'), { emails: [{ value: 'theirs@x.example', type: 'work', primary: true }] });
    expect((await run()).counts).toMatchObject({ planned: { drift: 1 }, reading: { drifted: 1 } });
    expect(rows().at(-1)).toBe('read: Changed at the application, and accepted: emails.');
    expect((await run()).counts).toMatchObject({ unchanged: 3, reading: { drifted: 0 } });
    expect((await run({ cycle: 'full' })).counts.unchanged).toBe(3);
    expect([emailOf('ada'), target.writes]).toEqual(['theirs@x.example', []]);
    await world.endUsers.editByHand(String(ada), { email: 'ours@x.example' });
    await world.settle();
    expect(emailOf('ada')).toBe('ours@x.example');
  });

  it('what the application makes of a value by itself is no drift', async () => {
    connect('overwrite');
    target.own = ({ userName }) => ({ userName: String(userName).toUpperCase(), emails: undefined, ...(userName === 'ada' ? {} : { nickName: 'by itself' }) });
    await add('ada');
    await add('bob');
    await world.settle();
    target.forgetRequests();
    expect((await run()).counts).toMatchObject({ unchanged: 2, reading: { drifted: 0 } });
    expect(target.writes).toEqual([]);
  });

  it('a change of Strapi and one of the application are both seen', async () => {
    const [ada] = await inStep('report');
    target.overwrite(refOf('ada'), { active: false });
    const user = await world.endUsers.readUser(String(ada));
    await world.endUsers.editByHand(String(user?.ref), { email: 'new@x.example' });
    const plan = await run({ dryRun: true });
    expect(await itemsOf(plan)).toMatchObject([{ kind: 'update', changes: [{ path: 'emails' }], drift: [{ path: 'active', before: true, after: false }] }]);
  });

  it('the guard judges what would be written, and the plan is out of date once the application changes again', async () => {
    await inStep('overwrite', {}, mergeGuard(UNLIMITED, { limits: { update: { count: 0, percent: 0 } } }));
    for (const name of ['ada', 'bob']) target.overwrite(refOf(name), { active: false });
    const plan = await run();
    expect(plan).toMatchObject({ state: 'waiting', verdicts: [{ kind: 'update', wanted: 2 }] });
    target.overwrite(refOf('bob'), { active: true });
    const done = await approved(plan);
    expect((await world.runs.itemCounts([done.id])).get(done.id)).toMatchObject({ done: 2 });
    expect(written()).toEqual([['update', refOf('ada'), [['active', true]]]]);
  });

  it('an undo brings back what the application had', async () => {
    await inStep('overwrite');
    target.overwrite(refOf('ada'), { emails: [{ value: 'theirs@x.example', type: 'work', primary: true }] });
    const done = await run();
    expect(emailOf('ada')).toBe('ada@x.example');
    await approved(await ended((await world.runService.undo(done, connection, 'admin')).id));
    expect(emailOf('ada')).toBe('theirs@x.example');
  });
});

describe('somebody vanished at the application', () => {
  it('is made again, once the application says so', async () => {
    await inStep('report');
    target.drop(refOf('bob'));
    target.hidden.add(refOf('eve'));
    const plan = await run({ dryRun: true });
    expect(plan.counts).toMatchObject({ planned: { create: 1 }, unchanged: 2, reading: { read: 1, vanished: 1, incomplete: null } });
    expect(await itemsOf(plan)).toMatchObject([{ kind: 'create', objectName: 'bob', message: 'Not at the application any more.' }]);
    expect(target.user('bob')).toBeUndefined();
    expect(await approved(plan)).toMatchObject({ state: 'done' });
    expect((await world.runs.itemCounts([plan.id])).get(plan.id)).toMatchObject({ done: 1, stale: 0 });
    expect(target.user('bob')).toBeDefined();
    expect((await run()).counts).toMatchObject({ unchanged: 3, reading: { vanished: 0 } });
  });

  it('is linked again where they are there under another id', async () => {
    const [, bob] = await inStep('report');
    const old = target.user('bob');
    target.drop(refOf('bob'));
    const ref = target.put({ ...old, id: undefined });
    expect((await run()).counts).toMatchObject({ planned: { create: 0 }, reading: { vanished: 1 }, pairings: { matched: 1, 'left-over': 0 } });
    expect((await world.links.get(connection.id, 'User', String(bob)))?.remoteId).toBe(ref);
  });

  it('is not judged by a read that was not complete', async () => {
    await inStep('overwrite');
    target.drop(refOf('eve'));
    target.cutAfter = 1;
    const done = await run();
    expect(done).toMatchObject({ state: 'done', counts: { unchanged: 3, reading: { vanished: 0, incomplete: 'The read of the source was not complete: it was cut.' } } });
    expect(done.reasons).toEqual(['The read of the source was not complete: it was cut.']);
    expect(target.writes).toEqual([]);
  });
});

describe('the first run at an application that has people', () => {
  it('pairs them, and writes nothing until it is approved', async () => {
    connect('report');
    await add('ada');
    await add('bob');
    // What was marked when they were made: not this test's.
    for (const marker of await world.outbox.claim('test', 10, 1, [])) await world.outbox.complete(marker, 'test');
    target.put({ userName: 'ada', emails: [{ value: 'old@x.example' }] });
    target.put({ userName: 'service-account' });
    const plan = await run({ cycle: 'full' });
    expect(plan).toMatchObject({ state: 'waiting', counts: { pairings: { matched: 1, new: 1, 'left-over': 1, disputed: 0 } } });
    expect(plan.reasons.join(' ')).toContain('1 matched, 1 new, 1 left over, 0 disputed');
    expect((await itemsOf(plan)).map(({ objectName, pairing, kind }) => [objectName, pairing, kind])).toEqual([['service-account', 'left-over', 'note'], ['ada', 'matched', 'reactivate'], ['bob', 'new', 'create']]);
    expect(target.writes).toEqual([]);
    expect(await approved(plan)).toMatchObject({ state: 'done' });
    expect(target.users.map(({ userName }) => userName).sort()).toEqual(['ada', 'bob', 'service-account']);
    expect(await run({ cycle: 'full' })).toMatchObject({ state: 'done', counts: { unchanged: 2, reading: { read: 0 } } });
  });

  it('an application that is empty, or cannot be read, is no reason to wait', async () => {
    connect('report');
    await add('ada');
    expect((await run({ cycle: 'full' })).state).toBe('done');
  });
});

it('whatever was changed there: after an overwrite the application holds what the mapping says, and a second run is empty', async () => {
  const mess = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom('email' as const, 'active' as const, 'userName' as const, 'externalId' as const, 'extra' as const, 'drop' as const, 'again' as const, 'case' as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(mess, { maxLength: 8 }), fc.array(fc.nat(5), { maxLength: 3 }), async (changes, edited) => {
      connect('overwrite');
      const ids: string[] = [];
      for (let index = 0; index < 6; index += 1) ids.push(await add(`user-${index}`));
      await world.settle();
      const refs = await Promise.all(ids.map(async (id) => String((await world.links.get(connection.id, 'User', id))?.remoteId)));
      for (const [index, { who, what }] of changes.entries()) {
        const ref = String(refs[who]);
        const there = target.users.find(({ id }) => id === ref);
        if (there === undefined) continue;
        if (what === 'drop') target.drop(ref);
        if (what === 'again') {
          target.drop(ref);
          target.put({ ...there, id: undefined });
        }
        if (what === 'email') target.overwrite(ref, { emails: [{ value: `mess-${index}@x.example`, type: 'work', primary: true }] });
        if (what === 'active') target.overwrite(ref, { active: there.active !== true });
        if (what === 'userName') target.overwrite(ref, { userName: `mess-${index}` });
        if (what === 'externalId') target.overwrite(ref, { externalId: undefined });
        if (what === 'extra') target.overwrite(ref, { title: 'Theirs' });
        if (what === 'case') target.overwrite(ref, { userName: String(there.userName).toUpperCase() });
      }
      for (const who of edited) await world.endUsers.editByHand(String(ids[who]), { email: `edited-${who}@x.example` });
      await world.settle();
      expect((await run()).state).toBe('done');
      await world.settle();
      for (const user of await world.endUsers.pageUsers(0, 100)) {
        const wanted = mapResource(generic.outbound.mapping, presentUser(user.resource, null, user.ref), null).resource;
        const [there, ...more] = target.users.filter(({ externalId }) => externalId === user.ref);
        expect([driftOf(wanted, there ?? { schemas: [] }), more]).toEqual([[], []]);
      }
      target.forgetRequests();
      const second = await run();
      expect([second.state, second.counts.unchanged, target.writes]).toEqual(['done', 6, []]);
      expect(world.errors).toEqual([]);
    }),
    { numRuns: 50 }
  );
});
