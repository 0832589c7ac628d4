import type { Assignment, AssignmentStore } from '../../../server/src/ports/assignment-store';
import type { MemoryClock } from './clock';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

type Row = Assignment & { connectionId: number };

export class MemoryAssignmentStore implements AssignmentStore {
  private readonly rows: MemoryTable<Row>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly clock: MemoryClock
  ) {
    this.rows = database.table<Row>({ person: (row) => JSON.stringify([row.connectionId, row.localId]) });
  }

  assigned(connectionId: number, localIds: string[]): Promise<Set<string>> {
    return this.database.query(() => new Set(this.of(connectionId).map(({ localId }) => localId).filter((id) => localIds.includes(id))));
  }

  async assign(connectionId: number, localIds: string[]): Promise<string[]> {
    const present = await this.assigned(connectionId, localIds);
    return this.database.query(() => {
      const added = [...new Set(localIds)].filter((id) => !present.has(id));
      for (const localId of added) this.rows.insert({ connectionId, localId, assignedAt: this.clock.now() });
      return added;
    });
  }

  async unassign(connectionId: number, localIds: string[]): Promise<string[]> {
    const present = await this.assigned(connectionId, localIds);
    await this.database.query(() => this.rows.delete((row) => row.connectionId === connectionId && present.has(row.localId)));
    return [...present];
  }

  page(connectionId: number, after: number, limit: number): Promise<{ assignments: Assignment[]; next: number | null }> {
    return this.database.query(() => {
      const rows = this.of(connectionId).filter(({ id }) => id > after);
      const shown = rows.slice(0, limit);
      return { assignments: shown.map(({ localId, assignedAt }) => ({ localId, assignedAt })), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
    });
  }

  private of(connectionId: number): (Row & { id: number })[] {
    return this.rows.where((row) => row.connectionId === connectionId);
  }
}
