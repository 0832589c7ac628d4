import type { Clock } from '../ports/clock';
import type { LinkStore } from '../ports/link-store';
import type { Outbox } from '../ports/outbox';
import type { UnitOfWork } from '../ports/unit-of-work';
import type { SqlMappingStore, UnfinishedMapping } from '../strapi/mapping-store';

const BATCH = 500;

export interface RolloutDeps {
  clock: Clock;
  mappings: Pick<SqlMappingStore, 'unfinished' | 'advance'>;
  links: LinkStore;
  outbox: Outbox;
  unitOfWork: UnitOfWork;
  wakeWorker(): void;
  /** What failed under the old rules gets another try. */
  retryFailed(connectionId: number): Promise<unknown>;
}

/**
 * After a mapping was published, queues every linked user of its connection. Each batch moves the mark of how far it
 * got in its own transaction, so that a process that dies in between, or another one, goes on from there.
 */
export class MappingRollout {
  private working: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private isStopping = false;

  /**
   * `settleMs`: how long other instances may still work by the old rules. A user that one of them took from the queue
   * in that time would count as up to date.
   */
  constructor(
    private readonly deps: RolloutDeps,
    private readonly settleMs: number,
    private readonly onError: (error: unknown) => void
  ) {}

  /** Starts what is to be done, or goes on with it. */
  readonly request = (): void => {
    if (this.isStopping) return;
    this.working = this.working.then(() => this.work()).catch(this.onError);
  };

  /** Ends when nothing is being done any more. */
  idle(): Promise<void> {
    return this.working;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.working;
  }

  private async work(): Promise<void> {
    for (;;) {
      const unfinished = await this.deps.mappings.unfinished();
      const now = this.deps.clock.now();
      const due = unfinished.find(({ publishedAt }) => publishedAt + this.settleMs <= now);
      if (due === undefined || this.isStopping) {
        const next = Math.min(...unfinished.map(({ publishedAt }) => publishedAt + this.settleMs));
        if (Number.isFinite(next)) this.wait(next - now);
        return;
      }
      await this.queue(due);
      this.deps.wakeWorker();
    }
  }

  private async queue({ id, connectionId, queuedTo }: UnfinishedMapping): Promise<void> {
    const { links, mappings, outbox, unitOfWork } = this.deps;
    await this.deps.retryFailed(connectionId);
    for (let after: number | null = queuedTo; after !== null && !this.isStopping; ) {
      const { links: page, next } = await links.linksPage(connectionId, 'User', after, BATCH);
      await unitOfWork.run(async () => {
        await outbox.mark([connectionId], 'User', page.map((link) => link.localId), null);
        await mappings.advance(id, next);
      });
      after = next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private wait(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(this.request, ms);
    this.timer.unref();
  }
}
