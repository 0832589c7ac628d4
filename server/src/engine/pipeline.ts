import type { HttpExchange, ObjectType, OperationKind, OperationStep, Trigger } from '../contracts/operation';
import type { Connection } from '../domain/connection/connection';
import { ProvisioningError } from '../domain/errors';
import { changedPaths, planChange, type PlannedChange } from '../domain/plan/change';
import type { Resource } from '../domain/resource/resource';
import type { Clock } from '../ports/clock';
import type { OperationLog, OperationRecord } from '../ports/operation-log';
import type { UnitOfWork } from '../ports/unit-of-work';
import { isRefusal, messageOf, StepRecorder, type StepReport } from './step-recorder';

/** Who and what started it; goes into the log as it is. */
export interface PipelineContext {
  connection: Connection;
  objectType: ObjectType;
  trigger: Trigger;
  actor: string;
  correlationId: string;
  /** What is asked for; the diff may name it more exactly (an update that deactivates). */
  intent: OperationKind;
  /** Best known name and id of the object, for failures before it was read. */
  objectId: string | null;
  objectName: string | null;
  attempts?: number;
  /** The run it is part of. */
  runId?: number | null;
}

export interface WantedState {
  known: Resource | null;
  desired: Resource | null;
}

export interface Applied {
  objectId: string | null;
  objectName: string | null;
  remoteId: string | null;
  http: HttpExchange | null;
  message: string;
}

/** What happened although nothing was sent, where a sentence does not say it all. */
export type Told = Pick<OperationRecord, 'message' | 'changes' | 'operation'>;

/**
 * The steps in which paths differ: `S` is the source's object, `T` what the join found at the target.
 * Each throws ProvisioningError to refuse or fail; the order, the diff and the log are the pipeline's.
 */
export interface PipelineSteps<S, T> {
  read(): Promise<StepReport<S>> | StepReport<S>;
  /** False: the object takes no part; nothing else happens. */
  scope(source: S): StepReport<boolean>;
  join(source: S): Promise<StepReport<T>>;
  /** Target's known state and the wanted one; null stands for "not there". */
  map(source: S, target: T): Promise<StepReport<WantedState>> | StepReport<WantedState>;
  /** Outcome `skipped`: the change is not done, and that is no error. */
  guard(change: PlannedChange, target: T): Promise<StepReport<void>> | StepReport<void>;
  apply(change: PlannedChange, source: S, target: T): Promise<StepReport<Applied>>;
  /** Remembers the new state (links, markers) in the same transaction as the log row. */
  settle?(change: PlannedChange, applied: Applied, target: T): Promise<void>;
  /**
   * Called instead of `settle` where nothing had to be done, the guard skipped it or the object is out of scope. A sentence is what happened
   * all the same (a link was made): then the operation is a success with that message.
   */
  settleUnchanged?(change: PlannedChange | null): Promise<string | Told | void>;
  /** What is logged and thrown instead of an error, once everything was undone: to look up what the refusal is about. */
  explain?(error: unknown): Promise<unknown>;
}

/** Counts what is really done, and stops what would be too much of it. One per pass. */
export interface PipelineGuard {
  /** Right before `apply`. Throws `guard-held`. */
  admit(change: PlannedChange): Promise<void>;
  /** After it, in the transaction that remembers it. Throws `guard-held` too: then all of it is undone. */
  count(): Promise<void>;
  /** Whatever it failed with, once everything is undone. False: the log knows of it already. */
  failed(error: unknown): Promise<boolean>;
}

export interface PipelineOptions {
  /** The whole run is one transaction: for targets in this database. Otherwise only settling and logging are. */
  transactional: boolean;
  /** Whether a run that found nothing to do leaves a row. */
  logUnchanged: () => boolean;
  /** A dry run: everything up to `apply`. Nothing is written, sent or logged; what is thrown is only thrown. */
  dryRun?: boolean;
  /** Asked right before `apply`. Throws where this is not the change that was approved, or more than may be done. */
  approve?: (change: PlannedChange) => void | Promise<void>;
  /** Of traffic that was pushed; not of a dry run, nor of what a person approved as a whole. */
  guard?: PipelineGuard | undefined;
  /** Told how it ended, unless it threw. */
  onResult?: (result: PipelineResult) => void;
}

export interface PipelineDeps {
  clock: Clock;
  log: OperationLog;
  unitOfWork: UnitOfWork;
}

/** How far the pipeline came with what was thrown. */
const STEPS = new WeakMap<object, OperationStep[]>();

/** The steps up to the one that failed; none where it failed elsewhere. */
export const stepsOf = (error: object): OperationStep[] => STEPS.get(error) ?? [];

/** Errors that stand in the log already. */
const RECORDED = new WeakSet<object>();

export const isRecorded = (error: unknown): boolean => typeof error === 'object' && error !== null && RECORDED.has(error);

export type PipelineResult = { steps: OperationStep[] } & (
  | { outcome: 'done'; change: PlannedChange; applied: Applied }
  /** A dry run would do this. */
  | { outcome: 'planned'; change: PlannedChange }
  /** `change` is what a switch of the connection kept from being done. */
  | { outcome: 'held'; change: PlannedChange; message: string }
  | { outcome: 'unchanged' | 'out-of-scope'; message: string }
);

/**
 * read -> scope -> join -> map -> diff -> guard -> apply -> log, for one object. Every path that provisions anything
 * goes through here. Whatever is thrown is recorded as a refused or failed operation and thrown on.
 */
export async function runPipeline<S, T>(
  context: PipelineContext,
  steps: PipelineSteps<S, T>,
  options: PipelineOptions,
  deps: PipelineDeps
): Promise<PipelineResult> {
  const recorder = new StepRecorder(deps.clock);
  const startedAt = deps.clock.now();
  let planned: PlannedChange | null = null;

  const record = (fields: Partial<OperationRecord>): Promise<void> =>
    deps.log.record({
      at: startedAt,
      connectionId: context.connection.id,
      connectionName: context.connection.name,
      direction: context.connection.direction,
      population: context.connection.population,
      trigger: context.trigger,
      operation: planned === null || planned.kind === 'none' ? context.intent : planned.kind,
      outcome: 'success',
      objectType: context.objectType,
      objectId: context.objectId,
      objectName: context.objectName,
      remoteId: null,
      errorCode: null,
      message: '',
      correlationId: context.correlationId,
      runId: context.runId ?? null,
      actor: context.actor,
      durationMs: deps.clock.now() - startedAt,
      attempts: context.attempts ?? 1,
      count: 1,
      steps: recorder.steps,
      changes: planned?.changes ?? [],
      http: null,
      ...fields,
    });

  const skip = async (message: string): Promise<void> => {
    if (options.dryRun === true) return;
    await deps.unitOfWork.run(async () => {
      const done = await steps.settleUnchanged?.(planned);
      if (done) await record(typeof done === 'string' ? { message: done } : done);
      else if (options.logUnchanged()) await record({ outcome: 'skipped', message });
    });
  };

  const work = async (): Promise<PipelineResult> => {
    // A transaction that lost a deadlock is run again from the start.
    recorder.steps.length = 0;
    planned = null;
    const source = await recorder.run('read', () => steps.read());
    let scopeMessage = '';
    const inScope = await recorder.run('scope', () => {
      const report = steps.scope(source);
      scopeMessage = report.message;
      return report.value ? report : { ...report, outcome: 'skipped' as const };
    });
    if (!inScope) {
      await skip(scopeMessage);
      return { outcome: 'out-of-scope', message: scopeMessage, steps: recorder.steps };
    }
    const target = await recorder.run('join', () => steps.join(source));
    const { known, desired } = await recorder.run('map', () => steps.map(source, target));
    const change = await recorder.run('diff', () => {
      const value = planChange(known, desired);
      return { value, message: describeChange(value), ...(value.kind === 'none' ? { outcome: 'skipped' as const } : {}) };
    });
    planned = change;
    if (change.kind === 'none') {
      const message = 'Nothing to change: both sides already agree.';
      await skip(message);
      return { outcome: 'unchanged', message, steps: recorder.steps };
    }
    const held = await recorder.run('guard', async (): Promise<StepReport<string | null>> => {
      const report = await steps.guard(change, target);
      if (report.outcome === 'skipped') return { ...report, value: report.message };
      if (options.dryRun !== true) {
        await options.approve?.(change);
        await options.guard?.admit(change);
      }
      return { ...report, value: null };
    });
    if (held !== null) {
      await skip(held);
      return { outcome: 'held', change, message: held, steps: recorder.steps };
    }
    if (options.dryRun === true) return { outcome: 'planned', change, steps: recorder.steps };
    const applied = await recorder.run('apply', () => steps.apply(change, source, target));
    await deps.unitOfWork.run(async () => {
      await steps.settle?.(change, applied, target);
      await options.guard?.count();
      await record({
        objectId: applied.objectId ?? context.objectId,
        objectName: applied.objectName ?? context.objectName,
        remoteId: applied.remoteId,
        message: applied.message,
        http: applied.http,
      });
    });
    return { outcome: 'done', change, applied, steps: recorder.steps };
  };

  try {
    const result = options.transactional ? await deps.unitOfWork.run(work) : await work();
    options.onResult?.(result);
    return result;
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null) STEPS.set(thrown, recorder.steps);
    if (options.dryRun === true) throw thrown;
    const error = (await steps.explain?.(thrown)) ?? thrown;
    const known = error instanceof ProvisioningError ? error : null;
    const isNews = (await options.guard?.failed(error)) ?? true;
    if (isNews) {
      await record({
        outcome: isRefusal(error) ? 'refused' : 'failed',
        errorCode: known?.code ?? (isRefusal(error) ? 'invalid-value' : 'internal'),
        message: messageOf(error),
        http: known?.exchange ?? null,
      });
    }
    if (typeof error === 'object' && error !== null) RECORDED.add(error);
    throw error;
  }
}

function describeChange(change: PlannedChange): string {
  switch (change.kind) {
    case 'none':
      return 'No attribute differs.';
    case 'create':
      return `New, with ${change.changes.length} attributes.`;
    case 'delete':
      return 'No longer at the source.';
    default:
      return `Differs in ${changedPaths(change)}.`;
  }
}
