import type { FiringOutcome } from '../contracts/schedule';
import type { Firing, Schedule } from '../domain/schedule/schedule';

export type ScheduleFields = Omit<Schedule, 'id' | 'connectionId'>;

/** A firing that an instance took. `outcome` null: it is being started, or its instance died. */
export interface ClaimedFiring extends Firing {
  scheduleId: number;
  connectionId: number;
  claimedAt: number;
  outcome: FiringOutcome | null;
}

export interface ScheduleStore {
  /** Those that are switched on, of all connections. */
  enabled(): Promise<Schedule[]>;
  ofConnection(connectionId: number): Promise<Schedule[]>;
  create(connectionId: number, fields: ScheduleFields): Promise<Schedule>;
  /** False: there is no such schedule. */
  update(connectionId: number, id: number, fields: ScheduleFields): Promise<boolean>;
  remove(connectionId: number, id: number): Promise<boolean>;

  /**
   * Of all instances exactly one gets true for a slot. In the same transaction the slot counts as handled, and so do all before it.
   * With an outcome nothing is left to do.
   */
  claim(schedule: Schedule, firing: Firing, outcome: FiringOutcome | null): Promise<boolean>;
  /** Of those whose instance died before it started them, taken long enough ago. */
  abandoned(claimedBefore: number, limit: number): Promise<ClaimedFiring[]>;
  /** True for one of those who try to take over an abandoned firing. */
  takeOver(firing: ClaimedFiring): Promise<boolean>;
  settle(scheduleId: number, slot: number, outcome: FiringOutcome): Promise<void>;
  /** The newest so many of each schedule, newest first. */
  lastFirings(connectionId: number, each: number): Promise<ClaimedFiring[]>;
  /** Forgets all but the newest so many of a schedule; those younger than a day stay, so that no instance can take one again. */
  prune(keep: number): Promise<void>;
}
