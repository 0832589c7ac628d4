import { redact } from '../../../server/src/domain/log/redact';
import type { OperationLog, OperationRecord } from '../../../server/src/ports/operation-log';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

export class MemoryOperationLog implements OperationLog {
  private readonly rows: MemoryTable<OperationRecord>;
  private readonly faults: ((operation: OperationRecord) => boolean)[] = [];

  constructor(private readonly database: MemoryUnitOfWork) {
    this.rows = database.table<OperationRecord>();
  }

  /** Oldest first. */
  get records(): OperationRecord[] {
    return this.rows.all().map(({ id: _id, ...record }) => record);
  }

  /** `kind outcome` of every row: what happened, at a glance. */
  get story(): string[] {
    return this.records.map((record) => `${record.operation} ${record.outcome}`);
  }

  /** The next row that matches cannot be stored. */
  failOnce(matches: (operation: OperationRecord) => boolean = () => true): void {
    this.faults.push(matches);
  }

  async record(operation: OperationRecord): Promise<void> {
    await this.database.query(() => {
      const fault = this.faults.findIndex((matches) => matches(operation));
      if (fault >= 0) {
        this.faults.splice(fault, 1);
        throw new Error('The log cannot be written.');
      }
      const changes = operation.changes.map((change) => redact(change) as typeof change);
      this.rows.insert({ ...operation, changes, http: redact(operation.http) as typeof operation.http });
    });
  }
}
