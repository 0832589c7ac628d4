import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { digestOf } from '../../domain/run/run';
import type { Alerts } from '../../ports/alerts';
import type { Marker, Outbox } from '../../ports/outbox';
import type { ApprovedItem, RunStore } from '../../ports/run-store';
import type { PlanMembers } from '../../ports/plan-members';
import type { TargetFactory } from '../../ports/target-factory';
import type { TargetHealthStore } from '../../ports/target-health';
import type { UnitOfWork } from '../../ports/unit-of-work';
import type { PushedGuard } from '../guard/pushed-guard';
import { DEFAULT_RETRY_TIMES, type RetryTimes } from './backoff';
import { Gate } from './gate';
import { goneThere } from './join-target';
import { PlanMarkers, VANISHED } from './plan-markers';
import { pushGroup, type GroupPushDeps } from './push-group';
import { revertMembers } from './revert-members';
import { pushUser, type PushJob, type PushResult } from './push-user';
import { SetBack } from './set-back';
import { watched } from './watched';

export interface DeliveryDeps extends GroupPushDeps {
  outbox: Outbox;
  targets: TargetFactory;
  runs: Pick<RunStore, 'approved' | 'finish' | 'groupsToCome'>;
  planMembers: PlanMembers;
  unitOfWork: UnitOfWork;
  health: TargetHealthStore;
  alerts: Alerts;
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
  /** Left out: the defaults. */
  retries?: RetryTimes;
}

/** Drains the outbox: one marker, one object, one pass of the pipeline. Safe to run in several instances. */
export class Delivery {
  private readonly gate: Gate;
  private readonly setBack: SetBack;
  private readonly plans: PlanMarkers;

  constructor(
    private readonly deps: DeliveryDeps,
    private readonly options: DeliveryOptions
  ) {
    this.gate = new Gate(deps, options.retries ?? DEFAULT_RETRY_TIMES);
    this.plans = new PlanMarkers(deps, options.owner);
    this.setBack = new SetBack(deps, this.gate, this.plans, options.owner, options.retries ?? DEFAULT_RETRY_TIMES);
  }

  /** Works until nothing is due. Answers when to look again (epoch ms), null if nothing waits. */
  async drain(isStopping: () => boolean): Promise<number | null> {
    const { outbox } = this.deps;
    const { owner, parallel, leaseMs } = this.options;
    for (;;) {
      await this.deps.connections.refresh();
      const { closed, ajar, askedOnly, opensAt } = await this.gate.look();
      const work: Promise<void>[] = [];
      if (!isStopping()) {
        const markers = await outbox.claim(owner, parallel, leaseMs, [...closed, ...ajar], undefined, askedOnly);
        work.push(...markers.map((marker) => this.deliver(marker, false)));
        for (const connectionId of ajar) {
          const probes = await outbox.claim(owner, 1, leaseMs, [], connectionId, askedOnly);
          work.push(...probes.map((marker) => this.deliver(marker, true)));
        }
      }
      if (work.length === 0) {
        const times = [await outbox.nextDueAt(closed, askedOnly), ...opensAt].filter((time) => time !== null);
        return times.length === 0 ? null : Math.min(...times);
      }
      await Promise.all(work);
    }
  }

  /** What waits for a better time is tried at once, for example after the connection's credentials were changed. */
  async unblock(connectionId: number): Promise<void> {
    await this.gate.tryNow(connectionId);
  }

  /**
   * Delivers one object while somebody waits for the answer. Throws what went wrong, also that the application is in trouble or
   * the connection paused; it is tried again by itself where that may help.
   */
  async deliverNow(connection: Connection, objectId: string, run: NonNullable<PushJob['run']>): Promise<PushResult> {
    const { isProbe } = await this.gate.enter(connection);
    const marker = await this.deps.outbox.claimOne(this.options.owner, connection.id, 'User', objectId, this.options.leaseMs);
    if (marker === null) throw new ProvisioningError('conflict', 'This person is being provisioned just now; look into the log.');
    let answered = false;
    const noteAnswer = (): void => {
      answered = true;
    };
    try {
      // A person was asked for, whatever a plan says.
      const result = await this.push(connection, { ...marker, planItem: null }, noteAnswer, run);
      if (isProbe && answered) await this.gate.recovered(connection);
      return result;
    } catch (error) {
      await this.setBack.after({ ...marker, planItem: null }, connection, error, isProbe && answered);
      throw error;
    }
  }

  /** `isProbe`: the target is in trouble, and this tries whether it still is. */
  private async deliver(marker: Marker, isProbe: boolean): Promise<void> {
    const { outbox, connections } = this.deps;
    let connection: Connection | null = null;
    let answered = false;
    try {
      connection = await connections.get(marker.connectionId);
      if (!connection || connection.direction !== 'outbound') return void (await outbox.complete(marker, this.options.owner));
      await this.deliverMarker(connection, marker, () => {
        answered = true;
      });
      if (isProbe && answered) await this.gate.recovered(connection);
    } catch (error) {
      await this.setBack.after(marker, connection, error, isProbe && answered);
    }
  }

  private async deliverMarker(connection: Connection, marker: Marker, answered: () => void): Promise<void> {
    const item = await this.plans.itemOf(marker);
    if (item === 'gone') return this.plans.giveBack(marker);
    await this.push(connection, marker, answered, undefined, item);
  }

  private async push(connection: Connection, marker: Marker, answered: () => void, run?: PushJob['run'], item: ApprovedItem | null = null): Promise<PushResult> {
    const { outbox, runs, targets } = this.deps;
    const target = async () => watched(await targets.open(connection), answered);
    const { owner } = this.options;
    const settleMarker = async (): Promise<void> => {
      if (item !== null) await runs.finish(item.id, 'done', null, '');
      if (await outbox.complete(marker, owner)) return;
      // Thrown within the transaction: a late worker must not overwrite what a faster one remembered.
      throw new ProvisioningError('conflict', 'This took longer than its lease; another worker has taken over.');
    };
    const job: PushJob = {
      connection,
      target,
      marker,
      settleMarker,
      ...(run === undefined ? {} : { run }),
      // A plan was measured as a whole, and one person on demand is a person's word already.
      ...(item === null && run === undefined ? { guard: this.deps.guard?.outbound } : {}),
      ...(item === null ? {} : this.approvedJob(item, connection)),
    };
    const pushOne = marker.objectType === 'Group' ? pushGroup : pushUser;
    try {
      return await pushOne(job, this.deps);
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'not-found') throw error;
      if (marker.objectType === 'User' && (await this.deps.connections.sendsHere(connection))) throw goneThere();
      // The target forgot the object: find or create it again.
      await this.forgetRemote(connection, marker);
      if (item !== null) throw new ProvisioningError('stale', VANISHED, { cause: error });
      return pushOne(job, this.deps);
    }
  }

  /** Exactly what was approved, or nothing. */
  private approvedJob(item: ApprovedItem, connection: Connection): Partial<PushJob> {
    const { runId, trigger, actor, restore, verify } = item;
    const isUndo = restore !== null && item.objectType === 'Group';
    return {
      run: { id: runId, trigger, actor },
      approve: (change, ref, members) => {
        if (digestOf(change, ref, members) !== item.digest) throw new ProvisioningError('stale', STALE[item.objectType]);
      },
      ...(restore === null ? {} : { restore }),
      ...(verify ? { verify: {} } : {}),
      ...(item.objectType === 'User' ? { groupsToCome: (keys: string[]) => this.deps.runs.groupsToCome(runId, keys) } : {}),
      ...(isUndo ? { revert: () => revertMembers(connection, runId, item.objectId, this.deps) } : {}),
    };
  }

  /**
   * The tie stays, without the id that was denied: applications also deny for a moment, and whoever is deleted here meanwhile has to
   * be looked for there.
   */
  private async forgetRemote(connection: Connection, { objectType, objectId }: Marker): Promise<void> {
    const { links } = this.deps;
    const link = await links.get(connection.id, objectType, objectId);
    if (objectType === 'Group') await links.remove(connection.id, objectType, objectId);
    else if (link !== null) await links.save({ ...link, remoteId: null, hash: null, state: 'writing' });
  }
}

const STALE: Readonly<Record<ApprovedItem['objectType'], string>> = {
  User: 'The person or the application changed since the plan was made: this is no longer what was approved.',
  Group: 'The group or its members changed since the plan was made: this is no longer what was approved.',
};
