import { AsyncResource } from 'node:async_hooks';
import { schedule, type ScheduledTask } from 'node-cron';

/**
 * Carries out what is due for people who left: at boot, for what came due while Strapi was down, every minute, and on
 * request. Any number of instances may run it.
 */
export class DepartureJob {
  private task: ScheduledTask | null = null;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly runDue: (isStopping: () => boolean) => Promise<number>,
    private readonly onError: (error: unknown) => void
  ) {}

  start(): void {
    this.task = schedule('* * * * *', () => this.run(), { noOverlap: true });
    void this.run();
  }

  /** May be called from inside a request or transaction; bound, so that the work never runs in it. */
  readonly request: () => void = AsyncResource.bind(() => void this.run());

  /** Ends after the one that is being dealt with. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.task?.destroy();
    await this.running;
  }

  private run(): Promise<void> {
    this.running = this.running.then(() => this.runDue(() => this.stopping)).then(() => undefined, this.onError);
    return this.running;
  }
}
