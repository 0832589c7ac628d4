import type { PlanMember, PlanMembers } from '../../../server/src/ports/plan-members';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

export class MemoryPlanMembers implements PlanMembers {
  private readonly members: MemoryTable<PlanMember & { runId: number }>;

  constructor(private readonly database: MemoryUnitOfWork) {
    this.members = database.table<PlanMember & { runId: number }>({ member: (row) => JSON.stringify([row.runId, row.groupKey, row.localId]) });
  }

  /** Within the transaction of a page. */
  add(runId: number, members: PlanMember[]): void {
    for (const member of members) {
      const isKnown = this.members.first((row) => row.runId === runId && row.groupKey === member.groupKey && row.localId === member.localId) !== null;
      if (!isKnown) this.members.insert({ ...member, runId });
    }
  }

  groups(runId: number, after: string, limit: number): Promise<string[]> {
    return this.database.query(() => [...new Set(this.members.where((row) => row.runId === runId && row.groupKey > after).map((row) => row.groupKey))].sort().slice(0, limit));
  }

  page(runId: number, groupKey: string, after: string, limit: number): Promise<PlanMember[]> {
    return this.database.query(() =>
      this.members
        .where((row) => row.runId === runId && row.groupKey === groupKey && row.localId > after)
        .map(({ localId, joins }) => ({ groupKey, localId, joins }))
        .sort((left, right) => (left.localId < right.localId ? -1 : 1))
        .slice(0, limit)
    );
  }

  async among(runId: number, groupKey: string, localIds: string[]): Promise<Set<string>> {
    return new Set((await this.page(runId, groupKey, '', 1_000_000)).map(({ localId }) => localId).filter((id) => localIds.includes(id)));
  }

  async invert(fromRunId: number, toRunId: number, groupKey: string): Promise<void> {
    const members = await this.page(fromRunId, groupKey, '', 1_000_000);
    await this.database.query(() => this.add(toRunId, members.map((member) => ({ ...member, joins: !member.joins }))));
  }
}
