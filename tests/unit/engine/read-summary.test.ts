/** Reads are counted and told in one row; refusals before the pipeline are rows of their own. */
import { runPipeline } from '../../../server/src/engine/pipeline';
import { RefusalLog } from '../../../server/src/engine/receive/refusal-log';
import { ScimError } from '../../../server/src/scim/messages/error';
import { createWorld, type World } from '../../helpers/memory/world';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('ReadSummary', () => {
  it('tells the reads of a token and type in one row', async () => {
    const { ctx, connection } = world.addProvider({ name: 'Okta' });
    const id = await world.endUsers.addByHand({ userName: 'ada' });
    await world.service.get(ctx, 'User', id, { withoutMembers: false });
    world.clock.advance(30_000);
    await world.service.list(ctx, 'User', { filter: null, sort: null, cursor: null, startIndex: 1, count: 1, withoutMembers: true });
    await world.service.list(ctx, 'Group', { filter: null, sort: null, cursor: null, startIndex: 1, count: 1, withoutMembers: true });
    await world.service.get({ ...ctx, actor: 'Token 2' }, 'User', id, { withoutMembers: false });
    expect(world.log.records).toEqual([]);
    await world.reads.flush();
    expect(world.log.records).toMatchObject([
      { operation: 'read', outcome: 'success', objectType: 'User', actor: 'Token 1', count: 2, connectionId: connection.id, connectionName: 'Okta', durationMs: 30_000, at: world.clock.now() },
      { objectType: 'Group', actor: 'Token 1', count: 1 },
      { objectType: 'User', actor: 'Token 2', count: 1 },
    ]);
  });

  it('starts anew after every row', async () => {
    const { connection } = world.addProvider();
    world.reads.count(connection, 'Token 1', 'User');
    await world.reads.flush();
    await world.reads.flush();
    world.reads.count(connection, 'Token 1', 'User');
    await world.reads.flush();
    expect(world.log.records.map((record) => record.count)).toEqual([1, 1]);
  });

  it('counts reads that found nothing', async () => {
    const { ctx } = world.addProvider();
    await expect(world.service.get(ctx, 'User', 'nobody', { withoutMembers: false })).rejects.toMatchObject({ code: 'not-found' });
    await world.reads.flush();
    expect(world.log.records).toMatchObject([{ operation: 'read', count: 1 }]);
  });

  it('loses no count where the log cannot be written for once', async () => {
    const { connection } = world.addProvider();
    world.reads.count(connection, 'Token 1', 'User');
    world.reads.count(connection, 'Token 1', 'Group');
    world.log.failOnce();
    await world.reads.flush().catch(() => undefined);
    await world.reads.flush();
    const counted = world.log.records.map((record) => `${record.objectType} ${record.count}`);
    expect(counted.sort()).toEqual(['Group 1', 'User 1']);
  });
});

describe('RefusalLog', () => {
  const refusal = new ScimError(400, 'The body is no JSON.', 'invalidSyntax');
  const request = { method: 'PATCH', path: '/Users/u-1', body: { userName: 'ada', password: 'hunter2' } };

  it('tells of a write that never reached the pipeline, without its secrets', async () => {
    const { ctx } = world.addProvider();
    await new RefusalLog(world.log, world.clock).record(refusal, request, ctx, refusal);
    expect(world.log.records).toMatchObject([
      { operation: 'update', outcome: 'refused', errorCode: 'invalid-syntax', objectType: 'User', objectId: 'u-1', objectName: 'ada', http: { status: 400 } },
    ]);
    expect(JSON.stringify(world.log.records)).not.toContain('hunter2');
  });

  it.each([
    ['POST', '/Groups', 'create', 'Group', null],
    ['put', '/Groups/g-1', 'update', 'Group', 'g-1'],
    ['DELETE', '/Users/u-1', 'delete', 'User', 'u-1'],
    ['POST', '/Bulk', 'update', 'User', null],
  ])('calls %s %s by its name', async (method, path, operation, objectType, objectId) => {
    const { ctx } = world.addProvider();
    await new RefusalLog(world.log, world.clock).record(refusal, { method, path, body: undefined }, ctx, refusal);
    expect(world.log.records).toMatchObject([{ operation, objectType, objectId, objectName: null }]);
  });

  it('says nothing of reads, and nothing twice', async () => {
    const { ctx, connection } = world.addProvider();
    const log = new RefusalLog(world.log, world.clock);
    await log.record(refusal, { ...request, method: 'GET' }, ctx, refusal);
    await log.record(refusal, { ...request, method: 'POST', path: '/Users/.search' }, ctx, refusal);
    expect(world.log.records).toEqual([]);
    const throws = () => {
      throw refusal;
    };
    const context = { connection, objectType: 'User', trigger: 'inbound-request', actor: 'a', correlationId: 'c', intent: 'update', objectId: null, objectName: null } as const;
    await runPipeline(context, { read: throws, scope: throws, join: throws, map: throws, guard: throws, apply: throws }, { transactional: true, logUnchanged: () => true }, world.receiveDeps).catch(() => undefined);
    await log.record(refusal, request, ctx, refusal);
    expect(world.log.records).toHaveLength(1);
  });
});
