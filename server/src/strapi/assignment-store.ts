import { TABLES } from '../models';
import type { AssignmentStore, Assignment } from '../ports/assignment-store';
import type { Clock } from '../ports/clock';
import { toNumber, type Database } from './database';

const CHUNK = 500;

interface AssignmentRow {
  id: number;
  local_id: string;
  assigned_at: number | string;
}

export class SqlAssignmentStore implements AssignmentStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async assigned(connectionId: number, localIds: string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let start = 0; start < localIds.length; start += CHUNK) {
      const rows = await this.database.query<{ local_id: string }[]>(async (tables) =>
        tables(TABLES.assignments).where({ connection_id: connectionId }).whereIn('local_id', localIds.slice(start, start + CHUNK)).select('local_id')
      );
      for (const row of rows) found.add(row.local_id);
    }
    return found;
  }

  async assign(connectionId: number, localIds: string[]): Promise<string[]> {
    const present = await this.assigned(connectionId, localIds);
    const added = [...new Set(localIds)].filter((id) => !present.has(id));
    const assignedAt = this.clock.now();
    for (let start = 0; start < added.length; start += CHUNK) {
      const rows = added.slice(start, start + CHUNK).map((localId) => ({ connection_id: connectionId, local_id: localId, assigned_at: assignedAt }));
      // Two admins at the same moment: the first one counts.
      await this.database.query(async (tables) => tables(TABLES.assignments).insert(rows).onConflict(['connection_id', 'local_id']).ignore());
    }
    return added;
  }

  async unassign(connectionId: number, localIds: string[]): Promise<string[]> {
    const present = [...(await this.assigned(connectionId, localIds))];
    for (let start = 0; start < present.length; start += CHUNK) {
      await this.database.query(async (tables) =>
        tables(TABLES.assignments).where({ connection_id: connectionId }).whereIn('local_id', present.slice(start, start + CHUNK)).delete()
      );
    }
    return present;
  }

  async page(connectionId: number, after: number, limit: number): Promise<{ assignments: Assignment[]; next: number | null }> {
    const rows = await this.database.query<AssignmentRow[]>(async (tables) =>
      tables(TABLES.assignments).where({ connection_id: connectionId }).where('id', '>', after).orderBy('id').limit(limit + 1)
    );
    const shown = rows.slice(0, limit);
    return {
      assignments: shown.map((row) => ({ localId: row.local_id, assignedAt: toNumber(row.assigned_at) })),
      next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  }
}
