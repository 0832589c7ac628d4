import type { ErrorCode } from '../../contracts/error-codes';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { Marker, Outbox } from '../../ports/outbox';
import type { TargetFactory } from '../../ports/target-factory';
import type { UnitOfWork } from '../../ports/unit-of-work';
import { backoffMs, isRetryable, isTargetWide } from './backoff';
import type { PushedGuard } from '../guard/pushed-guard';
import { pushUser, type PushDeps } from './push-user';

export interface DeliveryDeps extends PushDeps {
  outbox: Outbox;
  targets: TargetFactory;
  unitOfWork: UnitOfWork;
  random(): number;
  /** Left out: nothing is counted or held. */
  guard?: PushedGuard;
  /** Unexpected errors, for the server's own log; the operation is recorded already. */
  onError(error: unknown): void;
}

export interface DeliveryOptions {
  owner: string;
  /** Objects in work at a time. */
  parallel: number;
  leaseMs: number;
}

/** Drains the outbox: one marker, one object, one pass of the pipeline. Safe to run in several instances. */
export class Delivery {
  /** Connections whose target is in trouble, and until when (epoch ms) nothing is sent to it. */
  private readonly blocked = new Map<number, number>();

  constructor(
    private readonly deps: DeliveryDeps,
    private readonly options: DeliveryOptions
  ) {}

  /** Works until nothing is due. Answers when to look again (epoch ms), null if nothing waits. */
  async drain(isStopping: () => boolean): Promise<number | null> {
    const { outbox } = this.deps;
    for (;;) {
      const waiting = await this.waiting();
      const markers = isStopping() ? [] : await outbox.claim(this.options.owner, this.options.parallel, this.options.leaseMs, waiting);
      if (markers.length === 0) {
        const times = [await outbox.nextDueAt(waiting), ...this.blocked.values()].filter((time) => time !== null);
        return times.length === 0 ? null : Math.min(...times);
      }
      await Promise.all(markers.map((marker) => this.deliver(marker)));
    }
  }

  /** Connections that nothing is taken up for: paused by a person, or their target is in trouble. */
  private async waiting(): Promise<number[]> {
    const now = this.deps.clock.now();
    for (const [id, until] of this.blocked) if (until <= now) this.blocked.delete(id);
    return [...(await this.deps.connections.paused()), ...this.blocked.keys()];
  }

  /** Forgets what was learnt about a target, for example after its credentials were changed. */
  unblock(connectionId: number): void {
    this.blocked.delete(connectionId);
  }

  private async deliver(marker: Marker): Promise<void> {
    const { outbox, connections } = this.deps;
    const { owner } = this.options;
    try {
      const connection = await connections.get(marker.connectionId);
      if (!connection || connection.direction !== 'outbound') return void (await outbox.complete(marker, owner));
      await this.push(connection, marker);
    } catch (error) {
      await this.afterFailure(marker, error);
    }
  }

  private async push(connection: Connection, marker: Marker): Promise<void> {
    const target = () => this.deps.targets.open(connection);
    const settleMarker = async (): Promise<void> => {
      if (await this.deps.outbox.complete(marker, this.options.owner)) return;
      // Thrown within the transaction: a late worker must not overwrite what a faster one remembered.
      throw new ProvisioningError('conflict', 'This took longer than its lease; another worker has taken over.');
    };
    const job = { connection, target, marker, settleMarker, guard: this.deps.guard?.outbound };
    try {
      await pushUser(job, this.deps);
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'not-found') throw error;
      // The target forgot the object: forget the link, then find or create it again.
      await this.deps.links.remove(connection.id, marker.objectType, marker.objectId);
      await pushUser(job, this.deps);
    }
  }

  private async afterFailure(marker: Marker, error: unknown): Promise<void> {
    const { outbox, clock } = this.deps;
    const { owner } = this.options;
    const code: ErrorCode = error instanceof ProvisioningError ? error.code : 'internal';
    if (code === 'internal') this.deps.onError(error);
    try {
      if (!isRetryable(code, marker.attempts)) return await outbox.fail(marker, owner, code);
      const retryAfterMs = error instanceof ProvisioningError ? error.retryAfterMs : undefined;
      const runAt = clock.now() + backoffMs(marker.attempts, retryAfterMs, this.deps.random());
      if (isTargetWide(code)) this.blocked.set(marker.connectionId, runAt);
      await outbox.retry(marker, owner, runAt, code);
    } catch (storeError) {
      // The lease runs out and the marker is taken again.
      this.deps.onError(storeError);
    }
  }
}
