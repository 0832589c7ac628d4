import type { Cycle, RunState } from '../../contracts/run';
import type { Trigger } from '../../contracts/operation';
import { isPulled, type Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { isOver, type Run } from '../../domain/run/run';
import type { ConnectionStore } from '../../ports/connection-store';
import type { CycleSource } from '../../ports/cycle-source';
import type { RunStore } from '../../ports/run-store';
import { sourceKey } from '../pull/position';
import { baseOf } from './base';

export interface StartRun {
  connection: Connection;
  trigger: Trigger;
  cycle: Cycle;
  actor: string;
  dryRun?: boolean;
  /** SCIM ids. */
  selection?: string[];
  /** The run to take back. */
  undoOf?: number;
  /** Why it was started, where that is not plain. */
  reasons?: string[];
  /** The connection itself was changed: whatever was planned for it is out of date. */
  replaces?: boolean;
}

export interface RunServiceDeps {
  runs: RunStore;
  connections: ConnectionStore;
  source: Pick<CycleSource, 'linked'>;
  /** A run was started or cancelled. */
  onState?(run: Run): void;
  /** Somebody looks for what is to be done. */
  wake(): void;
}

const RETRIED = 1_000;
/** A run has few states to go through. */
const STOP_TRIES = 10;
const ACTIVE: RunState[] = ['planning', 'applying', 'paused'];

/** Starts runs and does with them what people ask for. Throws `conflict` where the state of the run does not allow it. */
export class RunService {
  constructor(private readonly deps: RunServiceDeps) {}

  async start(input: StartRun): Promise<Run> {
    const { runs, source } = this.deps;
    const { connection, trigger, actor, selection = [], undoOf, reasons = [], replaces = false } = input;
    // A pull reads the application anyway.
    const cycle = input.cycle === 'reconcile' && isPulled(connection) ? 'full' : input.cycle;
    // After a restore, for example: whatever starts it, a person looks first.
    const dryRun = input.dryRun === true || (connection.review ?? null) !== null;
    if (replaces) await this.stopActive(connection.id);
    const waiting = await runs.inState(connection.id, ['waiting']);
    if (trigger === 'scheduled' && waiting.some((run) => !run.dryRun)) {
      throw new ProvisioningError('conflict', 'A plan of this connection waits for approval; nothing else is started by schedule until then.');
    }
    const run = await runs.create({
      connectionId: connection.id,
      trigger,
      cycle,
      dryRun,
      // Nobody is linked: whom this plan pairs, and whom it leaves over, is for a person to look at first.
      adoption: readsEverybody(connection, cycle) && (await source.linked(connection.id)) === 0,
      actor,
      reasons,
      selection,
      base: baseOf(connection),
      undoOf: undoOf ?? null,
    });
    if (replaces || readsEverybody(connection, cycle)) for (const older of waiting) await runs.move(older, 'cancelled', { reasons: [...older.reasons, 'Replaced by a newer plan.'] });
    this.deps.onState?.(run);
    this.deps.wake();
    return run;
  }

  /** Does what the plan says. Of a plan whose connection was changed since nothing is done. */
  async approve(run: Run, by: string): Promise<void> {
    const { runs, connections } = this.deps;
    if (run.state !== 'waiting') throw new ProvisioningError('conflict', `Only a plan that waits can be approved; this run is ${run.state}.`);
    const connection = await connections.get(run.connectionId);
    if (connection === null || baseOf(connection) !== run.base) {
      throw new ProvisioningError('stale', 'The connection was changed since this plan was made. Make a new plan.');
    }
    if (!(await runs.move(run, 'applying', { approvedBy: by }))) throw moved();
    this.deps.wake();
  }

  async cancel(run: Run, by: string): Promise<void> {
    if (isOver(run.state)) throw new ProvisioningError('conflict', `This run is over already: it is ${run.state}.`);
    if (!(await this.stop(run, [...run.reasons, `Cancelled by ${by}.`]))) throw moved();
  }

  /** Takes effect between two objects. */
  async pause(run: Run): Promise<void> {
    const { runs } = this.deps;
    if (run.state !== 'planning' && run.state !== 'applying') throw new ProvisioningError('conflict', `A run that is ${run.state} cannot be paused.`);
    if (!(await runs.move(run, 'paused'))) throw moved();
    await runs.recall(run.id);
  }

  async resume(run: Run): Promise<void> {
    if (run.state !== 'paused') throw new ProvisioningError('conflict', `Only a paused run can go on; this one is ${run.state}.`);
    if (!(await this.deps.runs.move(run, run.plannedAt === null ? 'planning' : 'applying'))) throw moved();
    this.deps.wake();
  }

  /** A plan that takes back what the run did; it waits for approval. */
  async undo(run: Run, connection: Connection, actor: string): Promise<Run> {
    if (!isOver(run.state)) throw new ProvisioningError('conflict', `Only a run that is over can be undone; this one is ${run.state}.`);
    return this.start({ connection, trigger: 'undo', cycle: 'undo', undoOf: run.id, dryRun: true, actor });
  }

  /** What failed or was out of date, once more, as it is now. */
  async retry(run: Run, connection: Connection, actor: string): Promise<Run> {
    if (!isOver(run.state)) throw new ProvisioningError('conflict', `This run is still ${run.state}.`);
    const failed = await this.deps.runs.items(run.id, ['failed', 'stale'], 0, RETRIED + 1);
    if (failed.length === 0) throw new ProvisioningError('conflict', 'Nothing of this run failed.');
    // So many that looking at everybody is no more work.
    const cycle = failed.length > RETRIED ? 'full' : 'selection';
    return this.start({ connection, trigger: 'replay', cycle, selection: cycle === 'full' ? [] : failed.map((item) => (isPulled(connection) ? sourceKey(item.objectType, item.remoteId ?? '') : item.objectId)), actor });
  }

  /** Again where a run went on to its next state while it was being stopped. */
  private async stopActive(connectionId: number): Promise<void> {
    for (let tries = 0; tries < STOP_TRIES; tries += 1) {
      const active = await this.deps.runs.inState(connectionId, ACTIVE);
      if (active.length === 0) return;
      for (const run of active) await this.stop(run, ['Replaced: the connection was changed.']);
    }
  }

  private async stop(run: Run, reasons: string[]): Promise<boolean> {
    const done = await this.deps.runs.move(run, 'cancelled', { reasons });
    if (done) {
      await this.deps.runs.recall(run.id);
      this.deps.onState?.({ ...run, state: 'cancelled', reasons });
    }
    return done;
  }
}

/** Pulls read their source to the end also for what changed. */
const readsEverybody = (connection: Connection, cycle: Cycle): boolean => cycle === 'full' || cycle === 'reconcile' || (cycle === 'incremental' && isPulled(connection));

const moved = (): ProvisioningError => new ProvisioningError('conflict', 'The run went on meanwhile: look at it again.');
