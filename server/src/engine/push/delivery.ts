import type { ErrorCode } from '../../contracts/error-codes';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { digestOf } from '../../domain/run/run';
import type { Marker, Outbox } from '../../ports/outbox';
import type { ApprovedItem, RunStore } from '../../ports/run-store';
import type { TargetFactory } from '../../ports/target-factory';
import type { UnitOfWork } from '../../ports/unit-of-work';
import { messageOf } from '../step-recorder';
import { backoffMs, isRetryable, isTargetWide } from './backoff';
import { pushGroup, type GroupPushDeps } from './push-group';
import { pushUser, type PushJob, type PushResult } from './push-user';

export interface DeliveryDeps extends GroupPushDeps {
  outbox: Outbox;
  targets: TargetFactory;
  runs: Pick<RunStore, 'approved' | 'finish'>;
  unitOfWork: UnitOfWork;
  random(): number;
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
      await this.deps.connections.refresh();
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

  /**
   * Delivers one object while somebody waits for the answer. Throws what went wrong; it is tried again by itself where that
   * may help.
   */
  async deliverNow(connection: Connection, objectId: string, run: NonNullable<PushJob['run']>): Promise<PushResult> {
    const marker = await this.deps.outbox.claimOne(this.options.owner, connection.id, 'User', objectId, this.options.leaseMs);
    if (marker === null) throw new ProvisioningError('conflict', 'This person is being provisioned just now; look into the log.');
    try {
      // A person was asked for, whatever a plan says.
      return await this.push(connection, { ...marker, planItem: null }, run);
    } catch (error) {
      await this.afterFailure({ ...marker, planItem: null }, error);
      throw error;
    }
  }

  private async deliver(marker: Marker): Promise<void> {
    const { outbox, connections } = this.deps;
    const { owner } = this.options;
    try {
      const connection = await connections.get(marker.connectionId);
      if (!connection || connection.direction !== 'outbound') return void (await outbox.complete(marker, owner));
      await this.deliverMarker(connection, marker);
    } catch (error) {
      await this.afterFailure(marker, error);
    }
  }

  private async deliverMarker(connection: Connection, marker: Marker): Promise<void> {
    const item = await this.itemOf(marker);
    // Its run was cancelled or paused: nothing is done that nobody wants any more.
    if (item === 'gone') return this.letGo(marker);
    await this.push(connection, marker, undefined, item);
  }

  private async push(connection: Connection, marker: Marker, run?: PushJob['run'], item: ApprovedItem | null = null): Promise<PushResult> {
    const { outbox, links, runs, targets } = this.deps;
    const { owner } = this.options;
    const settleMarker = async (): Promise<void> => {
      if (item !== null) await runs.finish(item.id, 'done', null, '');
      if (await outbox.complete(marker, owner)) return;
      // Thrown within the transaction: a late worker must not overwrite what a faster one remembered.
      throw new ProvisioningError('conflict', 'This took longer than its lease; another worker has taken over.');
    };
    const job: PushJob = {
      connection,
      target: () => targets.open(connection),
      marker,
      settleMarker,
      ...(run === undefined ? {} : { run }),
      ...(item === null ? {} : approvedJob(item)),
    };
    const pushOne = marker.objectType === 'Group' ? pushGroup : pushUser;
    try {
      return await pushOne(job, this.deps);
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'not-found') throw error;
      // The target forgot the object: forget the link, then find or create it again.
      await links.remove(connection.id, marker.objectType, marker.objectId);
      if (item !== null) throw new ProvisioningError('stale', VANISHED, { cause: error });
      return pushOne(job, this.deps);
    }
  }

  /** Null: no plan asks for it; the state says what to do. */
  private async itemOf({ planItem }: Marker): Promise<ApprovedItem | null | 'gone'> {
    return planItem === undefined || planItem === null ? null : ((await this.deps.runs.approved(planItem)) ?? 'gone');
  }

  /** A marker whose plan no longer holds: a change of the person's own that waits beside it is sent by itself. */
  private async letGo(marker: Marker): Promise<void> {
    const { outbox } = this.deps;
    if (marker.dirtySeq === 1) await outbox.complete(marker, this.options.owner);
    else await outbox.unbind(marker, this.options.owner);
  }

  private async afterFailure(marker: Marker, error: unknown): Promise<void> {
    const { outbox, clock } = this.deps;
    const { owner } = this.options;
    const code: ErrorCode = error instanceof ProvisioningError ? error.code : 'internal';
    if (code === 'internal') this.deps.onError(error);
    try {
      if (marker.planItem !== undefined && marker.planItem !== null && (code === 'stale' || !isRetryable(code, marker.attempts))) {
        await this.deps.runs.finish(marker.planItem, code === 'stale' ? 'stale' : 'failed', code, messageOf(error));
        // Who vanished at the application is made again by what they are now.
        if (code === 'stale') return await (messageOf(error) === VANISHED ? outbox.unbind(marker, owner) : this.letGo(marker));
      }
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

const VANISHED = 'It was gone at the application: the person is made there again by itself.';

/** Exactly what was approved, or nothing. */
const approvedJob = (item: ApprovedItem): Partial<PushJob> => ({
  run: { id: item.runId, trigger: item.trigger, actor: item.actor },
  approve: (change, ref) => {
    if (digestOf(change, ref) !== item.digest) throw new ProvisioningError('stale', 'The person or the application changed since the plan was made: this is no longer what was approved.');
  },
  ...(item.restore === null ? {} : { restore: item.restore }),
});
