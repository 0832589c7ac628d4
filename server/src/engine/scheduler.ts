import type { ScheduledCycle, FiringOutcome } from '../contracts/schedule';
import { dueFiring, type Schedule } from '../domain/schedule/schedule';
import type { Clock } from '../ports/clock';
import type { ScheduleStore } from '../ports/schedule-store';

/** An instance that has not said within this time what became of a firing is taken for dead. */
export const ABANDONED_MS = 2 * 60_000;

const ABANDONED_AT_A_TIME = 50;

export interface ScheduledStart {
  trigger: 'scheduled';
  scheduleId: number;
}

/** Starts a cycle of a connection; `busy` where one is still going on. */
export type StartCycle = (connectionId: number, cycle: ScheduledCycle, by: ScheduledStart) => Promise<'started' | 'busy'>;

export interface SchedulerDeps {
  clock: Clock;
  store: ScheduleStore;
  /** Whether the connection is switched on. */
  isOn(connectionId: number): Promise<boolean>;
  /** The site is in maintenance: nothing fires, and afterwards the policy for missed firings decides. */
  isPaused(): Promise<boolean>;
  start: StartCycle;
  onError(error: unknown): void;
}

/** Fires what is due. Any number of instances may call it: each firing is one instance's. */
export class Scheduler {
  constructor(private readonly deps: SchedulerDeps) {}

  /** Answers how many cycles it started. */
  async tick(isStopping: () => boolean): Promise<number> {
    const { clock, store } = this.deps;
    if (await this.deps.isPaused()) return 0;
    const schedules = await store.enabled();
    // Where both cycles of a connection come at the same time, the full one does the work of the other.
    const order = [...schedules].sort((left, right) => Number(right.cycle === 'full') - Number(left.cycle === 'full'));
    let started = 0;
    for (const schedule of order) {
      if (isStopping()) return started;
      const due = dueFiring(schedule, clock.now());
      if (due === null) continue;
      const settled = due.late && schedule.missed === 'skip' ? 'missed' : (await this.deps.isOn(schedule.connectionId)) ? null : 'switched-off';
      if (!(await store.claim(schedule, due, settled)) || settled !== null) continue;
      started += await this.fire(schedule, due.slot);
    }
    return started + (await this.takeOver(schedules, isStopping));
  }

  private async takeOver(schedules: readonly Schedule[], isStopping: () => boolean): Promise<number> {
    const { clock, store } = this.deps;
    let started = 0;
    for (const firing of await store.abandoned(clock.now() - ABANDONED_MS, ABANDONED_AT_A_TIME)) {
      if (isStopping()) break;
      if (!(await store.takeOver(firing))) continue;
      const schedule = schedules.find(({ id }) => id === firing.scheduleId);
      if (schedule !== undefined && (await this.deps.isOn(schedule.connectionId))) started += await this.fire(schedule, firing.slot);
      else await store.settle(firing.scheduleId, firing.slot, 'switched-off');
    }
    return started;
  }

  private async fire({ id, connectionId, cycle }: Schedule, slot: number): Promise<number> {
    let outcome: FiringOutcome;
    try {
      outcome = await this.deps.start(connectionId, cycle, { trigger: 'scheduled', scheduleId: id });
    } catch (error) {
      outcome = 'failed';
      this.deps.onError(error);
    }
    await this.deps.store.settle(id, slot, outcome);
    return outcome === 'started' ? 1 : 0;
  }
}
