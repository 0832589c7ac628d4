import type { HealthChange, TargetHealth, TargetHealthStore } from '../../../server/src/ports/target-health';

export class MemoryTargetHealthStore implements TargetHealthStore {
  readonly rows = new Map<number, TargetHealth>();

  async troubled(): Promise<TargetHealth[]> {
    return [...this.rows.values()].map((row) => ({ ...row }));
  }

  async change(connectionId: number, change: (present: TargetHealth | null) => TargetHealth | null): Promise<HealthChange> {
    const before = this.rows.get(connectionId) ?? null;
    const after = change(before === null ? null : { ...before });
    if (after === null) this.rows.delete(connectionId);
    else this.rows.set(connectionId, { ...after });
    return { before, after };
  }
}
