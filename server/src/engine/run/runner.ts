import { isPulled, type Connection } from '../../domain/connection/connection';
import { isSelective, outboundOf } from '../../domain/connection/outbound';
import { exceeded, guardOf } from '../../domain/guard/limits';
import { ProvisioningError } from '../../domain/errors';
import { addCounts, guardCounts, sentGuardCounts, workOf, type Run } from '../../domain/run/run';
import { adoptionReasons } from '../../domain/run/pairing';
import type { ErrorCode } from '../../contracts/error-codes';
import type { GuardVerdict } from '../../contracts/guard';
import type { RunCounts } from '../../contracts/run';
import type { Clock } from '../../ports/clock';
import type { ConnectionStore } from '../../ports/connection-store';
import type { CycleSource } from '../../ports/cycle-source';
import type { RunStore } from '../../ports/run-store';
import { backoffMs } from '../push/backoff';
import { messageOf } from '../step-recorder';
import { baseOf } from './base';
import type { PullApply } from '../pull/pull-apply';
import type { CyclePlanner } from './outbound-cycle';

export interface RunnerDeps {
  clock: Clock;
  runs: RunStore;
  connections: ConnectionStore;
  source: CycleSource;
  /** Of connections from Strapi to an application, and of those that pull. */
  planner: CyclePlanner;
  pulls: { planner: CyclePlanner; applier: PullApply };
  /** Wakes delivery: items were handed over to it. */
  wakeDelivery(): void;
  /** A connection that provisions everybody at once does not ask how people stand: what is remembered would be wrong one day. */
  forgetStandings(connectionId: number): Promise<void>;
  /** A run waits for a person, failed or is done. */
  onState(run: Run): void;
  random(): number;
  onError(error: unknown): void;
}

export interface RunnerOptions {
  owner: string;
  leaseMs: number;
}

/** Items handed over to delivery at a time: few enough that pausing takes effect soon and others are not kept waiting. */
const WINDOW = 500;
/** How soon to look again while delivery is at work; each look costs two small writes. */
const LOOK_MS = 250;
const LOOK_LATER_MS = 1_000;
/** So often planning is begun again where the target cannot be asked, over about two hours. */
const MAX_ATTEMPTS = 15;

/** Moves runs on: plans page by page, lets the guard judge, hands over what was approved. Any number of instances may run it. */
export class Runner {
  constructor(
    private readonly deps: RunnerDeps,
    private readonly options: RunnerOptions
  ) {}

  /** Works until nothing is due. Answers when to look again (epoch ms), null if nothing waits. */
  async drain(isStopping: () => boolean): Promise<number | null> {
    const { runs } = this.deps;
    for (;;) {
      const run = isStopping() ? null : await runs.claim(this.options.owner, this.options.leaseMs);
      if (run === null) return runs.nextDueAt();
      try {
        await this.deps.connections.refresh();
        await this.advance(run, isStopping);
      } catch (error) {
        await this.afterFailure(run, error);
      }
    }
  }

  private async advance(run: Run, isStopping: () => boolean): Promise<void> {
    const { connections, runs } = this.deps;
    const connection = await connections.get(run.connectionId);
    if (connection === null) return void (await runs.move(run, 'cancelled', { reasons: ['The connection was deleted.'] }));
    if (baseOf(connection) !== run.base) {
      await runs.recall(run.id);
      return this.moved(run, 'cancelled', { reasons: ['The connection was changed: a plan holds for the connection it was made for.'] });
    }
    if (run.state === 'planning') await this.plan(run, connection, isStopping);
    else if (isPulled(connection) && !connection.enabled) await this.moved(run, 'paused', { reasons: [...run.reasons, 'The connection is switched off: switch it on, then resume.'] });
    else if (isPulled(connection)) await this.applyPull(run, connection, isStopping);
    else await this.apply(run, connection);
  }

  private async plan(run: Run, connection: Connection, isStopping: () => boolean): Promise<void> {
    const { runs, clock, pulls } = this.deps;
    const planner = isPulled(connection) ? pulls.planner : this.deps.planner;
    const { owner, leaseMs } = this.options;
    let current = run;
    while (current.cursor !== COMPLETE) {
      if (isStopping()) return runs.release(run, owner, clock.now(), run.attempts);
      const page = await planner.page(current, connection, this.keeper(current));
      if (page === null) return;
      const counts = addCounts(current.counts, page.counts);
      const cursor = page.next ?? COMPLETE;
      // Paused, cancelled, or somebody else's since the lease ran out.
      if (!(await runs.addPage(current, owner, { items: page.items, counts, cursor, dropped: page.dropped ?? [], members: page.members ?? [] }, leaseMs))) return;
      current = { ...current, counts, cursor };
    }
    await this.judge(current, connection);
  }

  /** Renews the lease in time: a page at a slow application takes longer. Otherwise two instances take it from each other for ever. */
  private keeper(run: Run): () => Promise<boolean> {
    const { runs, clock } = this.deps;
    const { owner, leaseMs } = this.options;
    let renewedAt = clock.now();
    return async () => {
      if (clock.now() - renewedAt < leaseMs / 3) return true;
      renewedAt = clock.now();
      return runs.renew(run, owner, leaseMs);
    };
  }

  private async judge(run: Run, connection: Connection): Promise<void> {
    const { source } = this.deps;
    const linked = await source.linked(connection.id);
    const wanted = isPulled(connection) ? guardCounts(run.counts) : sentGuardCounts(run.counts);
    const verdicts = [...exceeded(guardOf(connection), wanted, linked), ...(await this.groupVerdicts(run, connection))];
    const empty = emptySource(run, connection, linked);
    const reasons = [...run.reasons, ...verdicts.map(({ message }) => message), ...adoptionReasons(run.adoption, run.counts), ...superAdmins(run), ...empty];
    const { incomplete } = run.counts.reading;
    // Told with the run, whatever becomes of it; no reason to wait.
    const told = incomplete === null ? [] : [incomplete];
    // An empty source is told also where nothing follows from it yet.
    if (workOf(run.counts) === 0 && (empty.length === 0 || !isPulled(connection))) return this.complete({ ...run, reasons: [...run.reasons, ...told] }, connection);
    const waits = run.dryRun || reasons.length > run.reasons.length;
    await this.moved(run, waits ? 'waiting' : 'applying', { planned: true, ...(waits ? { verdicts } : {}), reasons: [...reasons, ...told] });
  }

  private async apply(run: Run, connection: Connection): Promise<void> {
    const { runs, clock, wakeDelivery } = this.deps;
    const outstanding = await runs.outstanding(run);
    const sent = outstanding < WINDOW / 2 ? await runs.send(run, WINDOW - outstanding) : 0;
    if (sent > 0) wakeDelivery();
    if (outstanding + sent > 0) return runs.release(run, this.options.owner, clock.now() + (outstanding + sent > WINDOW / 2 ? LOOK_LATER_MS : LOOK_MS), 0);
    await this.complete(run, connection);
  }

  private async groupVerdicts({ counts }: Run, connection: Connection): Promise<GuardVerdict[]> {
    const wanted = guardCounts(counts.groups);
    if (!isPulled(connection) || Object.values(wanted).every((count) => count === 0)) return [];
    const verdicts = exceeded(guardOf(connection), wanted, await this.deps.source.linkedGroups(connection.id));
    return verdicts.map((verdict) => ({ ...verdict, message: `Groups: ${verdict.message}` }));
  }

  /** Written right here, one object after the other: no application has to be waited for. */
  private async applyPull(run: Run, connection: Connection, isStopping: () => boolean): Promise<void> {
    const { runs, clock, pulls } = this.deps;
    const { owner, leaseMs } = this.options;
    let attempts = run.attempts;
    try {
      const goesOn = async (): Promise<boolean> => !isStopping() && (await runs.renew(run, owner, leaseMs));
      const onDone = (): void => void (attempts = 0);
      if (await pulls.applier.apply(run, connection, { goesOn, onDone })) await this.complete(run, connection);
      else if (isStopping()) await runs.release(run, owner, clock.now(), attempts);
    } catch (error) {
      await this.afterFailure({ ...run, attempts }, error);
    }
  }

  private async complete(run: Run, connection: Connection): Promise<void> {
    if ((run.cycle === 'full' || run.cycle === 'reconcile') && !isPulled(connection)) {
      await this.deps.runs.clearFailures(run);
      if (!isSelective(outboundOf(connection))) await this.deps.forgetStandings(connection.id);
    }
    if (outboundOf(connection).realTime === false && run.cycle !== 'selection' && run.cycle !== 'undo') {
      await this.deps.runs.clearWaiting(run);
      this.deps.wakeDelivery();
    }
    await this.moved(run, 'done', { planned: run.plannedAt === null, reasons: run.reasons });
  }

  private async moved(run: Run, to: Run['state'], fields: Parameters<RunStore['move']>[2] = {}): Promise<void> {
    if (!(await this.deps.runs.move(run, to, fields))) return;
    this.deps.onState({ ...run, state: to, reasons: fields.reasons ?? run.reasons, verdicts: fields.verdicts ?? run.verdicts });
  }

  private async afterFailure(run: Run, error: unknown): Promise<void> {
    const { runs, clock, random, onError } = this.deps;
    if (!(error instanceof ProvisioningError) || error.code === 'internal') onError(error);
    try {
      // What is not there, or not understood, is not waited for.
      if (run.attempts >= MAX_ATTEMPTS || (error instanceof ProvisioningError && HOPELESS.has(error.code))) {
        // Another instance that has it by now may fare better.
        if (await runs.renew(run, this.options.owner, this.options.leaseMs)) await this.moved(run, 'failed', { reasons: [...run.reasons, messageOf(error)] });
        return;
      }
      const retryAfterMs = error instanceof ProvisioningError ? error.retryAfterMs : undefined;
      await runs.release(run, this.options.owner, clock.now() + backoffMs(run.attempts, retryAfterMs, random()), run.attempts + 1);
    } catch (storeError) {
      // The lease runs out and the run is taken up again.
      onError(storeError);
    }
  }
}

const HOPELESS: ReadonlySet<ErrorCode> = new Set(['not-found', 'invalid-value']);

/** Position of a plan that only has to be judged. */
const COMPLETE = 'complete';

/** A source that is empty all of a sudden is an accident until somebody says otherwise. */
function emptySource({ cycle, counts }: Run, connection: Connection, linked: number): string[] {
  if (isPulled(connection)) {
    if (linked === 0 || counts.examined > 0 || cycle === 'selection' || cycle === 'undo') return [];
    return [`The source has nobody, and ${linked} people are linked to it: check the source, and what its token may see.`];
  }
  const nobody = counts.examined === counts.outOfScope + orphansOf(counts);
  return (cycle === 'full' || cycle === 'reconcile') && linked > 0 && nobody ? [`Nobody in Strapi takes part any more, while ${linked} are linked: check the scope, and whether people are missing in Strapi.`] : [];
}

const superAdmins = ({ counts }: Run): string[] => (counts.superAdmins === 0 ? [] : [`${counts.superAdmins} would be given a role that makes them super admins.`]);

const orphansOf = (counts: RunCounts): number => counts.planned.delete + counts.planned.deactivate;
