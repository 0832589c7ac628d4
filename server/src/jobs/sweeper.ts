import { AsyncResource } from 'node:async_hooks';
import { schedule, validate, type ScheduledTask } from 'node-cron';

/**
 * Runs the sweep at boot, on a schedule and when change capture asks for it; never twice at a time. What is asked for
 * during a sweep is swept afterwards.
 */
export class Sweeper {
  private task: ScheduledTask | null = null;
  private stopping = false;
  private requested = false;
  private running: Promise<void> | null = null;

  constructor(
    private readonly sweep: (isStopping: () => boolean) => Promise<void>,
    private readonly expression: string,
    private readonly onError: (error: unknown) => void
  ) {}

  /** The first sweep is awaited by nobody; `ready` tells when it is through. */
  start(): Promise<void> {
    // node-cron accepts steps that never come (`*/100`); a wrong schedule must be heard of at boot.
    if (!validate(this.expression)) throw new Error(`sweepSchedule is no cron expression: ${this.expression}`);
    this.task = schedule(this.expression, () => this.request(), { noOverlap: true });
    return this.run();
  }

  /** May be called from inside a transaction; bound, so that the sweep itself never runs in it. */
  readonly request: () => void = AsyncResource.bind(() => {
    this.requested = true;
    void this.run();
  });

  async stop(): Promise<void> {
    this.stopping = true;
    await this.task?.destroy();
    await this.running;
  }

  private run(): Promise<void> {
    this.running ??= this.work().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async work(): Promise<void> {
    do {
      this.requested = false;
      try {
        await this.sweep(() => this.stopping);
      } catch (error) {
        this.onError(error);
        return;
      }
    } while (this.requested && !this.stopping);
  }
}
