/** Looks by itself this often, for what another instance recorded. */
const LONGEST_PAUSE_MS = 2_000;
const SHORTEST_PAUSE_MS = 50;

/**
 * A loop that does what is due, started once and woken by a signal: woken work must not run inside the transaction or
 * the request that woke it.
 */
export class Loop {
  private stopping = false;
  private woken = false;
  private wakeUp: (() => void) | null = null;
  private running: Promise<void> | null = null;

  constructor(
    /** Works until nothing is due; answers when to look again (epoch ms), null if nothing waits. */
    private readonly drain: (isStopping: () => boolean) => Promise<number | null>,
    private readonly onError: (error: unknown) => void
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  /** Never throws; may be called from anywhere at any time. */
  readonly wake = (): void => {
    this.woken = true;
    this.wakeUp?.();
  };

  /** Finishes what is in flight. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      let nextAt: number | null = null;
      try {
        nextAt = await this.drain(() => this.stopping);
      } catch (error) {
        this.onError(error);
      }
      if (!this.woken && !this.stopping) await this.pause(nextAt);
    }
  }

  private pause(nextAt: number | null): Promise<void> {
    const untilNext = nextAt === null ? LONGEST_PAUSE_MS : Math.max(SHORTEST_PAUSE_MS, nextAt - Date.now());
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(untilNext, LONGEST_PAUSE_MS));
      timer.unref();
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
