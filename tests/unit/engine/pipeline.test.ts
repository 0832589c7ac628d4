/** The pipeline itself: its order, what it writes into the log, and what it does when something breaks. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { isRecorded, runPipeline, type PipelineOptions, type PipelineSteps } from '../../../server/src/engine/pipeline';
import { ScimError } from '../../../server/src/scim/messages/error';
import { createWorld, type World } from '../../helpers/memory/world';

const ADA: Resource = { schemas: [], userName: 'ada' };
const report = <T>(value: T, message = 'Done.') => ({ value, message });

let world: World;
let called: string[];

beforeEach(() => {
  world = createWorld();
  called = [];
});

function steps(over: Partial<PipelineSteps<Resource, null>> = {}): PipelineSteps<Resource, null> {
  const plain: PipelineSteps<Resource, null> = {
    read: () => report(ADA),
    scope: () => report(true),
    join: async () => report(null),
    map: (source) => report({ known: null, desired: source }),
    guard: () => report(undefined),
    apply: async () => report({ objectId: 'id-1', objectName: 'ada', remoteId: 'r-1', http: null, message: 'ada was created.' }),
    settle: async () => undefined,
    settleUnchanged: async () => undefined,
  };
  const merged = { ...plain, ...over };
  return Object.fromEntries(
    Object.entries(merged).map(([name, step]) => [
      name,
      (...args: never[]) => {
        called.push(`${name}${world.database.inTransaction ? ' in transaction' : ''}`);
        return (step as (...given: never[]) => unknown)(...args);
      },
    ])
  ) as unknown as PipelineSteps<Resource, null>;
}

function run(over: Partial<PipelineSteps<Resource, null>> = {}, options: Partial<PipelineOptions> = {}) {
  const { connection } = world.addProvider({ name: 'Okta' });
  return runPipeline(
    { connection, objectType: 'User', trigger: 'on-demand', actor: 'Admin', correlationId: 'c-1', intent: 'update', objectId: 'id-0', objectName: 'before', attempts: 3 },
    steps(over),
    { transactional: true, logUnchanged: () => true, ...options },
    world.receiveDeps
  );
}

const stepNames = (): string[] => (world.log.records[0]?.steps ?? []).map((step) => `${step.name} ${step.outcome}`);
const IN_ORDER = ['read', 'scope', 'join', 'map', 'guard', 'apply', 'settle'];

it('goes through its steps in order, all in one transaction with the row', async () => {
  await expect(run()).resolves.toMatchObject({ outcome: 'done' });
  expect(called).toEqual(IN_ORDER.map((name) => `${name} in transaction`));
  expect(stepNames()).toEqual(['read ok', 'scope ok', 'join ok', 'map ok', 'diff ok', 'guard ok', 'apply ok']);
  expect(world.database.commits).toBe(1);
});

it('keeps a remote target out of the transaction, and remembers and logs in one', async () => {
  await run({}, { transactional: false });
  expect(called).toEqual(['read', 'scope', 'join', 'map', 'guard', 'apply', 'settle in transaction']);
  expect(world.database.commits).toBe(1);
});

it('says who, what, why and how it went', async () => {
  await run();
  expect(world.log.records).toEqual([
    expect.objectContaining({
      connectionName: 'Okta',
      direction: 'inbound',
      population: 'end-users',
      trigger: 'on-demand',
      operation: 'create',
      outcome: 'success',
      objectId: 'id-1',
      objectName: 'ada',
      remoteId: 'r-1',
      errorCode: null,
      message: 'ada was created.',
      correlationId: 'c-1',
      actor: 'Admin',
      attempts: 3,
      count: 1,
      changes: [{ path: 'userName', before: null, after: 'ada' }],
    }),
  ]);
});

it('measures how long it took', async () => {
  await run({
    apply: async () => {
      world.clock.advance(40);
      return report({ objectId: null, objectName: null, remoteId: null, http: null, message: '' });
    },
  });
  expect(world.log.records[0]).toMatchObject({ durationMs: 40, objectId: 'id-0', objectName: 'before' });
  expect(world.log.records[0]?.steps.at(-1)).toMatchObject({ name: 'apply', durationMs: 40 });
});

it.each([
  ['create', null, ADA],
  ['deactivate', { ...ADA, active: true }, { ...ADA, active: false }],
  ['reactivate', { ...ADA, active: false }, { ...ADA, active: true }],
  ['update', ADA, { ...ADA, title: 'Boss' }],
  ['delete', ADA, null],
] as const)('calls the operation %s by what the difference is', async (operation, known, desired) => {
  await run({ map: () => report({ known, desired }) });
  expect(world.log.records[0]?.operation).toBe(operation);
});

describe('where nothing is to be done', () => {
  it('stops after the scope for whoever takes no part', async () => {
    await expect(run({ scope: () => report(false, 'Not one of ours.') })).resolves.toMatchObject({ outcome: 'out-of-scope' });
    expect(called.map((name) => name.split(' ')[0])).toEqual(['read', 'scope', 'settleUnchanged']);
    expect(world.log.records[0]).toMatchObject({ outcome: 'skipped', message: 'Not one of ours.', operation: 'update' });
    expect(stepNames()).toEqual(['read ok', 'scope skipped']);
  });

  it('writes nothing where both sides agree', async () => {
    await expect(run({ map: () => report({ known: ADA, desired: ADA }) })).resolves.toMatchObject({ outcome: 'unchanged' });
    expect(called.map((name) => name.split(' ')[0])).toEqual(['read', 'scope', 'join', 'map', 'settleUnchanged']);
    expect(world.log.records).toMatchObject([{ outcome: 'skipped', changes: [] }]);
  });

  it('leaves no row where that is not wanted', async () => {
    await run({ map: () => report({ known: ADA, desired: ADA }) }, { logUnchanged: () => false });
    expect(world.log.records).toEqual([]);
  });
});

describe('where something breaks', () => {
  const account = (): Promise<string> => world.endUsers.addByHand({ userName: 'written' });
  const applyAnd = (error: Error) => async () => {
    await account();
    throw error;
  };

  it.each(['read', 'scope', 'join', 'map', 'guard', 'apply'] as const)('a refusal in %s stops there, is recorded and thrown on', async (name) => {
    const refusal = new ProvisioningError('protected', 'Not this one.');
    const throws = () => {
      throw refusal;
    };
    await expect(run({ [name]: throws })).rejects.toBe(refusal);
    expect(called.map((step) => step.split(' ')[0])).toEqual(IN_ORDER.slice(0, IN_ORDER.indexOf(name) + 1));
    expect(world.log.records).toMatchObject([{ outcome: 'refused', errorCode: 'protected', message: 'Not this one.', objectName: 'before' }]);
    expect(stepNames().at(-1)).toBe(`${name} refused`);
    expect(isRecorded(refusal)).toBe(true);
  });

  it('records the refusal after everything was rolled back', async () => {
    await expect(run({ apply: applyAnd(new ProvisioningError('uniqueness', 'Taken.')) })).rejects.toMatchObject({ code: 'uniqueness' });
    expect(await world.endUsers.countUsers()).toBe(0);
    expect(world.log.records).toMatchObject([{ outcome: 'refused', errorCode: 'uniqueness', operation: 'create', changes: [{ path: 'userName' }] }]);
    expect(world.database).toMatchObject({ commits: 0, rollbacks: 1 });
  });

  it('does not report a write as done whose row cannot be stored', async () => {
    world.log.failOnce((operation) => operation.outcome === 'success');
    await expect(run({ settle: async () => void (await account()) })).rejects.toThrow('The log cannot be written.');
    expect(await world.endUsers.countUsers()).toBe(0);
    expect(world.log.records).toMatchObject([{ outcome: 'failed', errorCode: 'internal' }]);
  });

  it('does not report a write as done that was not committed', async () => {
    world.database.failCommitOnce(new Error('connection lost'));
    await expect(run({ settle: async () => void (await account()) })).rejects.toThrow('connection lost');
    expect(await world.endUsers.countUsers()).toBe(0);
    expect(world.log.story).toEqual(['create failed']);
  });

  it('does not call it skipped where the row of that cannot be stored', async () => {
    world.log.failOnce((operation) => operation.outcome === 'skipped');
    await expect(run({ map: () => report({ known: ADA, desired: ADA }) })).rejects.toThrow();
    expect(world.log.story).toEqual(['update failed']);
  });

  it('throws also where not even the failure can be recorded', async () => {
    world.log.failOnce();
    world.log.failOnce();
    await expect(run({ settle: async () => void (await account()) })).rejects.toThrow();
    expect(await world.endUsers.countUsers()).toBe(0);
    expect(world.log.records).toEqual([]);
  });

  it('tells nobody what an unexpected error said', async () => {
    await expect(run({ apply: applyAnd(new Error('insert into users values (secret)')) })).rejects.toThrow();
    expect(JSON.stringify(world.log.records)).not.toContain('secret');
    expect(world.log.records[0]).toMatchObject({ outcome: 'failed', errorCode: 'internal' });
    expect(stepNames().at(-1)).toBe('apply failed');
  });

  it('keeps the exchange that failed', async () => {
    const exchange = { method: 'POST', path: '/Users', status: 400, requestBody: { password: 'hunter2' }, responseBody: { detail: 'no' } };
    const error = new ProvisioningError('target-rejected', 'Refused.', { exchange });
    await expect(run({ apply: applyAnd(error) }, { transactional: false })).rejects.toBe(error);
    expect(world.log.records[0]).toMatchObject({ outcome: 'failed', http: { status: 400, responseBody: { detail: 'no' } } });
    expect(JSON.stringify(world.log.records)).not.toContain('hunter2');
  });

  it('takes an error of the protocol for a refusal', async () => {
    await expect(
      run({
        map: () => {
          throw new ScimError(400, 'There is no such value.', 'noTarget');
        },
      })
    ).rejects.toMatchObject({ status: 400 });
    expect(world.log.records).toMatchObject([{ outcome: 'refused', errorCode: 'invalid-value', message: 'There is no such value.' }]);
  });
});

it('starts over with clean steps where the transaction is run a second time', async () => {
  let first = true;
  const unitOfWork = Object.assign(Object.create(world.database) as typeof world.database, {
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      if (first && !world.database.inTransaction) {
        first = false;
        await world.database.run(async () => {
          await work();
          throw new Error('deadlock');
        }).catch(() => undefined);
      }
      return world.database.run(work);
    },
  });
  const { connection } = world.addProvider();
  await runPipeline(
    { connection, objectType: 'User', trigger: 'on-demand', actor: 'a', correlationId: 'c', intent: 'create', objectId: null, objectName: null },
    steps(),
    { transactional: true, logUnchanged: () => true },
    { ...world.receiveDeps, unitOfWork }
  );
  expect(world.log.records).toHaveLength(1);
  expect(stepNames()).toHaveLength(7);
});

describe('a dry run', () => {
  it('ends before apply with what would be done and its steps; nothing is remembered or logged', async () => {
    const result = await run({}, { dryRun: true, approve: () => Promise.reject(new Error('not asked')) });
    expect(result).toMatchObject({ outcome: 'planned', change: { kind: 'create', desired: ADA } });
    expect(result.steps.map((step) => step.name)).toEqual(['read', 'scope', 'join', 'map', 'diff', 'guard']);
    expect(called.some((name) => /apply|settle/.test(name))).toBe(false);
    expect(world.log.records).toEqual([]);
  });

  it.each<[string, Partial<PipelineSteps<Resource, null>>, object]>([
    ['nothing differs', { map: (source) => report({ known: source, desired: source }) }, { outcome: 'unchanged' }],
    ['nobody in scope', { scope: () => report(false, 'Not in sales.') }, { outcome: 'out-of-scope', message: 'Not in sales.' }],
    ['a switch', { guard: () => ({ value: undefined, outcome: 'skipped', message: 'Off.' }) }, { outcome: 'held', message: 'Off.' }],
  ])('that ends early because of %s says so, and settles nothing', async (_why, over, expected) => {
    expect(await run(over, { dryRun: true })).toMatchObject(expected);
    expect(called.some((name) => name.startsWith('settle'))).toBe(false);
    expect(world.log.records).toEqual([]);
  });

  it('that fails leaves no row', async () => {
    await expect(run({ join: () => Promise.reject(new ProvisioningError('disputed', 'Two.')) }, { dryRun: true })).rejects.toThrow('Two.');
    expect(world.log.records).toEqual([]);
  });
});

it('what is not approved is refused before it is done, and logged', async () => {
  const approve = () => Promise.reject(new ProvisioningError('stale', 'Changed since the plan.'));
  await expect(run({}, { approve })).rejects.toThrow('Changed since the plan.');
  expect(called.some((name) => name.startsWith('apply'))).toBe(false);
  expect(world.log.records).toMatchObject([{ outcome: 'refused', errorCode: 'stale', message: 'Changed since the plan.' }]);
});
