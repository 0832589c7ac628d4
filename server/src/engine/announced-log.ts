import type { OperationKind } from '../contracts/operation';
import type { EventSink } from '../ports/events';
import type { OperationLog, OperationRecord } from '../ports/operation-log';

/** Reads, skips and refused strangers are in the log; listeners hear of writes. */
const WRITES: ReadonlySet<OperationKind> = new Set(['create', 'update', 'deactivate', 'reactivate', 'delete', 'link', 'role-grant', 'role-revoke']);

/** What a refused request calls an id may be anything, also an address: only our own ids are passed on. */
const SCIM_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The log, and after the commit an event for each write that stands in it. */
export class AnnouncedLog implements OperationLog {
  constructor(
    private readonly log: OperationLog,
    private readonly events: EventSink
  ) {}

  async record(row: OperationRecord): Promise<void> {
    await this.log.record(row);
    if (!WRITES.has(row.operation) || row.outcome === 'skipped') return;
    await this.events.emit(row.outcome === 'success' ? 'user-provisioning.operation' : 'user-provisioning.operation.failed', {
      connectionId: row.connectionId,
      operation: row.operation,
      outcome: row.outcome,
      objectType: row.objectType,
      objectId: row.objectId !== null && SCIM_ID.test(row.objectId) ? row.objectId : null,
      trigger: row.trigger,
      runId: row.runId ?? null,
      correlationId: row.correlationId,
      errorCode: row.errorCode,
      at: new Date(row.at).toISOString(),
    });
  }
}
