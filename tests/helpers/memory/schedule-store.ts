import type { FiringOutcome } from '../../../server/src/contracts/schedule';
import type { Firing, Schedule } from '../../../server/src/domain/schedule/schedule';
import type { Clock } from '../../../server/src/ports/clock';
import type { ClaimedFiring, ScheduleFields, ScheduleStore } from '../../../server/src/ports/schedule-store';
import { MemoryTable, UniqueViolation } from './table';

const DAY_MS = 86_400_000;

export class MemoryScheduleStore implements ScheduleStore {
  private readonly schedules = new MemoryTable<Omit<Schedule, 'id'>>();
  readonly firings = new MemoryTable<ClaimedFiring>({ slot: ({ scheduleId, slot }) => `${scheduleId}/${slot}` });

  constructor(private readonly clock: Clock) {}

  async enabled(): Promise<Schedule[]> {
    return this.schedules.where(({ enabled }) => enabled);
  }

  async ofConnection(connectionId: number): Promise<Schedule[]> {
    return this.schedules.where((one) => one.connectionId === connectionId);
  }

  async create(connectionId: number, fields: ScheduleFields): Promise<Schedule> {
    return this.schedules.insert({ ...fields, connectionId });
  }

  async update(connectionId: number, id: number, fields: ScheduleFields): Promise<boolean> {
    return this.schedules.update((one) => one.id === id && one.connectionId === connectionId, () => fields) > 0;
  }

  async remove(connectionId: number, id: number): Promise<boolean> {
    const removed = this.schedules.delete((one) => one.id === id && one.connectionId === connectionId) > 0;
    if (removed) this.firings.delete(({ scheduleId }) => scheduleId === id);
    return removed;
  }

  async claim({ id, connectionId }: Schedule, { slot, at }: Firing, outcome: FiringOutcome | null): Promise<boolean> {
    const open = this.schedules.first((one) => one.id === id && one.enabled && one.handledSlot < slot);
    if (open === null) return false;
    try {
      this.firings.insert({ scheduleId: id, connectionId, slot, at, claimedAt: this.clock.now(), outcome });
    } catch (error) {
      if (error instanceof UniqueViolation) return false;
      throw error;
    }
    this.schedules.update((one) => one.id === id, () => ({ handledSlot: slot }));
    return true;
  }

  async abandoned(claimedBefore: number, limit: number): Promise<ClaimedFiring[]> {
    return this.firings.where(({ outcome, claimedAt }) => outcome === null && claimedAt < claimedBefore).slice(0, limit);
  }

  async takeOver({ scheduleId, slot, claimedAt }: ClaimedFiring): Promise<boolean> {
    const open = (one: ClaimedFiring): boolean => one.scheduleId === scheduleId && one.slot === slot && one.claimedAt === claimedAt && one.outcome === null;
    return this.firings.update(open, () => ({ claimedAt: this.clock.now() })) > 0;
  }

  async settle(scheduleId: number, slot: number, outcome: FiringOutcome): Promise<void> {
    this.firings.update((one) => one.scheduleId === scheduleId && one.slot === slot, () => ({ outcome }));
  }

  async lastFirings(connectionId: number, each: number): Promise<ClaimedFiring[]> {
    const all = this.firings.where((one) => one.connectionId === connectionId).sort((left, right) => right.slot - left.slot);
    return all.filter((one) => all.filter((other) => other.scheduleId === one.scheduleId).indexOf(one) < each).map(({ id: _id, ...firing }) => firing);
  }

  async prune(keep: number): Promise<void> {
    for (const { id } of this.schedules.all()) {
      const newest = this.firings.where(({ scheduleId }) => scheduleId === id).sort((left, right) => right.slot - left.slot)[keep - 1];
      if (newest !== undefined) this.firings.delete((one) => one.scheduleId === id && one.slot < newest.slot && one.slot < this.clock.now() - DAY_MS);
    }
  }
}
