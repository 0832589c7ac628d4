import { schedule, type ScheduledTask } from 'node-cron';
import type { Scheduler } from '../engine/scheduler';
import type { ScheduleStore } from '../ports/schedule-store';

/** So many firings of each schedule are remembered. */
const KEEP = 100;

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

/** Looks for due firings every ten seconds and at boot, and forgets old ones every hour. */
export class ScheduleJob {
  private tasks: ScheduledTask[] = [];
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly store: Pick<ScheduleStore, 'prune'>,
    private readonly onError: (error: unknown) => void
  ) {}

  start(): void {
    const options = { noOverlap: true, suppressMissedWarning: true, logger: QUIET };
    this.tasks = [
      schedule('*/10 * * * * *', () => this.queue(() => this.scheduler.tick(() => this.stopping)), options),
      schedule('23 * * * *', () => this.queue(() => this.store.prune(KEEP)), options),
    ];
    void this.queue(() => this.scheduler.tick(() => this.stopping));
  }

  /** Ends after the firing that is being started. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.tasks.map((task) => task.destroy()));
    await this.running;
  }

  private queue(work: () => Promise<unknown>): Promise<void> {
    this.running = this.running.then(() => (this.stopping ? undefined : work())).then(() => undefined, this.onError);
    return this.running;
  }
}
