import { TABLES } from '../models';
import type { PlanMember, PlanMembers } from '../ports/plan-members';
import type { Database } from './database';

const CHUNK = 300;

interface Row {
  group_key: string;
  local_id: string;
  joins: boolean | number;
}

export class SqlPlanMembers implements PlanMembers {
  constructor(private readonly database: Database) {}

  async groups(runId: number, after: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<Pick<Row, 'group_key'>[]>(async (tables) =>
      tables(TABLES.planMembers).where({ run_id: runId }).where('group_key', '>', after).distinct('group_key').orderBy('group_key').limit(limit)
    );
    return rows.map((row) => row.group_key);
  }

  async page(runId: number, groupKey: string, after: string, limit: number): Promise<PlanMember[]> {
    const rows = await this.database.query<Row[]>(async (tables) =>
      tables(TABLES.planMembers).where({ run_id: runId, group_key: groupKey }).where('local_id', '>', after).orderBy('local_id').limit(limit)
    );
    return rows.map((row) => ({ groupKey: row.group_key, localId: row.local_id, joins: Boolean(row.joins) }));
  }

  async among(runId: number, groupKey: string, localIds: string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let start = 0; start < localIds.length; start += CHUNK) {
      const some = localIds.slice(start, start + CHUNK);
      const rows = await this.database.query<Row[]>(async (tables) => tables(TABLES.planMembers).where({ run_id: runId, group_key: groupKey }).whereIn('local_id', some).select('local_id'));
      for (const row of rows) found.add(row.local_id);
    }
    return found;
  }

  async invert(fromRunId: number, toRunId: number, groupKey: string): Promise<void> {
    await this.database.run(async () => {
      for (let after = ''; ; ) {
        const page = await this.page(fromRunId, groupKey, after, CHUNK);
        const last = page.at(-1);
        if (last === undefined) return;
        const rows = page.map(({ localId, joins }) => ({ run_id: toRunId, group_key: groupKey, local_id: localId, joins: !joins }));
        await this.database.query(async (tables) => tables(TABLES.planMembers).insert(rows).onConflict(['run_id', 'group_key', 'local_id']).ignore());
        after = last.localId;
      }
    });
  }
}
