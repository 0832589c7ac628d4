/** What listeners hear of writes: after the commit, ids only. */
import { AnnouncedLog } from '../../../server/src/engine/announced-log';
import type { EventName } from '../../../server/src/contracts/events';
import type { OperationRecord } from '../../../server/src/ports/operation-log';
import { MemoryEvents } from '../../helpers/memory/events';
import { MemoryOperationLog } from '../../helpers/memory/operation-log';
import { MemoryUnitOfWork } from '../../helpers/memory/unit-of-work';

const ID = '0d4f1c52-6a3e-4d1b-9c55-1f2e3d4c5b6a';

const row = (fields: Partial<OperationRecord> = {}): OperationRecord => ({
  at: Date.UTC(2026, 0, 2), connectionId: 7, connectionName: 'Slack of Ada', direction: 'outbound', population: 'end-users', trigger: 'real-time',
  operation: 'update', outcome: 'success', objectType: 'User', objectId: ID, objectName: 'ada@example.org', remoteId: 'ada@example.org', errorCode: null,
  message: 'Ada was changed', correlationId: 'c-1', runId: 3, actor: 'root@example.org', durationMs: 5, attempts: 1, count: 1, steps: [],
  changes: [{ path: 'displayName', before: 'Ada', after: 'Ada L.' }], http: null, ...fields,
});

let work: MemoryUnitOfWork;
let events: MemoryEvents;
let log: AnnouncedLog;
beforeEach(() => {
  work = new MemoryUnitOfWork();
  events = new MemoryEvents(work);
  log = new AnnouncedLog(new MemoryOperationLog(work), events);
});

it('tells of a write, with ids and no word about the person', async () => {
  await log.record(row());
  expect(events.heard).toEqual([
    ['user-provisioning.operation', { connectionId: 7, operation: 'update', outcome: 'success', objectType: 'User', objectId: ID, trigger: 'real-time', runId: 3, correlationId: 'c-1', errorCode: null, at: '2026-01-02T00:00:00.000Z' }],
  ]);
  expect(JSON.stringify(events.heard).toLowerCase()).not.toMatch(/ada|root/);
});

it('tells of a failure under a name of its own, and never passes on what a stranger calls an id', async () => {
  await log.record(row({ operation: 'create', outcome: 'refused', errorCode: 'conflict', objectId: 'ada@example.org', runId: undefined as never }));
  const [name, payload] = events.heard[0] ?? [];
  expect([name, payload]).toMatchObject(['user-provisioning.operation.failed' satisfies EventName, { objectId: null, runId: null, errorCode: 'conflict' }]);
});

it.each<Partial<OperationRecord>>([{ operation: 'read' }, { outcome: 'skipped' }, { operation: 'skip' }, { operation: 'refuse', outcome: 'refused' }])('says nothing of %j', async (fields) => {
  await log.record(row(fields));
  expect(events.heard).toEqual([]);
});

it('waits for the commit and is silent after a rollback', async () => {
  await work.run(async () => {
    await log.record(row());
    expect(events.heard).toEqual([]);
  });
  expect(events.heard).toHaveLength(1);
  await expect(work.run(async () => {
    await log.record(row());
    throw new Error('undone');
  })).rejects.toThrow('undone');
  expect(events.heard).toHaveLength(1);
});
