import type { GuardVerdict } from '../../contracts/guard';
import type { ObjectType } from '../../contracts/operation';
import type { PullCounts } from '../../contracts/pull';
import { ProvisioningError } from '../../domain/errors';
import { guardedKind, type GuardCounts } from '../../domain/guard/limits';
import type { KnownObject } from '../../ports/pull-store';
import { messageOf } from '../step-recorder';
import type { PullContext, PullDeps, PullMode, PullOutcome } from './context';
import { GuardBudget } from './guard-budget';
import { pullCycle, patiently, type CycleDeps, type CycleResult } from './pull-cycle';
import { PullGroup } from './pull-group';
import { PullUser } from './pull-user';
import { hasWork, noCounts, tally, tellCounts } from './tally';

export interface PullAllDeps extends PullDeps, CycleDeps {}

export interface PullAllOptions {
  full: boolean;
  /** Of what the guard would hold: as many as a person approved. */
  approved: GuardCounts;
  isStopping: () => boolean;
  /** Told after each object. */
  onProgress?: (progress: Pick<PullReport, 'users' | 'groups'>) => void;
}

export interface PullReport {
  status: 'done' | 'refused' | 'failed' | 'stopped';
  message: string;
  users: PullCounts;
  groups: PullCounts;
  incomplete: string | null;
  verdicts: GuardVerdict[];
}

/** Complete reads that somebody has to be missing from before they count as gone. */
export const GONE_AFTER = 2;
const BATCH = 100;

/** What one reading of the source found out. */
interface Reading {
  users: PullCounts;
  groups: PullCounts;
  reads: Record<ObjectType, CycleResult>;
}

/**
 * Brings everybody of a source into this Strapi. First it reads to the end and counts, writing nothing; what exceeds the
 * connection's limits, or a source that is suddenly empty, ends it there. Then it reads once more and writes. Nothing of
 * the source is kept meanwhile, whatever its size.
 */
export class PullAll {
  private readonly people: PullUser;
  private readonly groups: PullGroup;

  constructor(private readonly deps: PullAllDeps) {
    this.people = new PullUser(deps);
    this.groups = new PullGroup(deps);
  }

  /** Never throws for what the source does: then the report says so, and the log has a row. */
  async run(pull: PullContext, options: PullAllOptions): Promise<PullReport> {
    const report: PullReport = { status: 'done', message: '', users: noCounts(), groups: noCounts(), incomplete: null, verdicts: [] };
    try {
      await this.carryOut(pull, options, report);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      report.status = error.code === 'guard-held' ? 'refused' : 'failed';
      report.message = error.message;
      report.incomplete ??= 'The read of the source was not complete: it ended with an error.';
      await this.record(pull, report, error);
    }
    return report;
  }

  private async carryOut(pull: PullContext, options: PullAllOptions, report: PullReport): Promise<void> {
    const { id } = pull.connection;
    const cycle = this.deps.clock.now();
    const linked = { User: await this.deps.pulls.count(id, 'User'), Group: await this.deps.pulls.count(id, 'Group') };
    const budgets = { User: new GuardBudget(pull.connection, linked.User, options.approved), Group: new GuardBudget(pull.connection, linked.Group, options.approved) };
    const look = await this.read(pull, cycle, { dryRun: true, full: options.full }, options, budgets, report);
    report.incomplete = whyIncomplete(look);
    if (look.reads.User.stopped || look.reads.Group.stopped) return stopped(report);
    if (look.users.read === 0 && linked.User > 0) {
      throw new ProvisioningError('guard-held', `The source has nobody, and ${linked.User} people are linked to it. Nothing was changed: check the source and the rights of its token.`);
    }
    for (const type of ['User', 'Group'] as const) {
      if (look.reads[type].incomplete === null) budgets[type].plan('delete', await this.deps.pulls.countMissing(id, type, cycle, GONE_AFTER));
    }
    report.verdicts = [...budgets.User.verdicts(), ...budgets.Group.verdicts().map((verdict) => ({ ...verdict, message: `Groups: ${verdict.message}` }))];
    if (report.verdicts.length > 0) throw new ProvisioningError('guard-held', report.verdicts.map(({ message }) => message).join(' '));
    // Nothing differs: the second reading is spared.
    let done = look;
    if (hasWork(look.users) || hasWork(look.groups)) {
      const mode: PullMode = { dryRun: false, full: options.full };
      done = await this.read(pull, Math.max(this.deps.clock.now(), cycle + 1), mode, options, budgets, report);
      report.incomplete ??= whyIncomplete(done);
      if (done.reads.User.stopped || done.reads.Group.stopped) return stopped(report);
    }
    for (const type of ['User', 'Group'] as const) {
      if (look.reads[type].incomplete !== null || done.reads[type].incomplete !== null) continue;
      await this.deps.pulls.settle(id, type, cycle);
      await this.removeGone(pull, type, options, budgets[type], type === 'User' ? report.users : report.groups);
    }
    report.message = [tellCounts('users', report.users), tellCounts('groups', report.groups), report.incomplete ?? ''].join(' ').trim();
  }

  private async read(pull: PullContext, cycle: number, mode: PullMode, options: PullAllOptions, budgets: Record<ObjectType, GuardBudget>, report: PullReport): Promise<Reading> {
    const counts = { User: noCounts(), Group: noCounts() };
    report.users = counts.User;
    report.groups = counts.Group;
    const { isStopping } = options;
    const walk = async (type: ObjectType): Promise<{ result: CycleResult; unresolved: number }> => {
      let unresolved = 0;
      const result = await pullCycle(
        pull,
        type,
        { cycle, isStopping },
        async (entry, known) => {
          counts[type].read += 1;
          await this.attempt(counts[type], budgets[type], mode, async (guarded) => {
            if (type === 'User') return this.people.bring(pull, entry, known, guarded);
            const group = await this.groups.bring(pull, entry, known, guarded);
            unresolved += group.unresolved;
            budgets.User.plan('role-grant', group.grants);
            return group;
          });
          options.onProgress?.(report);
        },
        this.deps
      );
      return { result, unresolved };
    };
    const users = (await walk('User')).result;
    if (users.stopped) return { users: counts.User, groups: counts.Group, reads: { User: users, Group: users } };
    const first = await this.groupsOf(() => walk('Group'));
    // Groups in groups that came only after them.
    if (!mode.dryRun && first.unresolved > 0 && counts.Group.created > 0) await this.groupsOf(() => this.again(pull, cycle, mode, options, budgets.Group, counts.Group));
    return { users: counts.User, groups: counts.Group, reads: { User: users, Group: first.result } };
  }

  /** The same groups once more, now that all of them are here: only those whose members changed by it are written. */
  private async again(pull: PullContext, cycle: number, mode: PullMode, { isStopping }: PullAllOptions, budget: GuardBudget, counts: PullCounts): Promise<{ result: CycleResult; unresolved: number }> {
    const second = { ...mode, full: false };
    const each = noCounts();
    const result = await pullCycle(
      pull, 'Group', { cycle: cycle + 1, isStopping },
      (entry, known) => this.attempt(each, budget, second, (guarded) => this.groups.bring(pull, entry, known, guarded)),
      this.deps
    );
    counts.updated += each.updated;
    return { result, unresolved: 0 };
  }

  /** One object. Refusals and failures are in the log and end nothing; a guard, or a source that is away, ends the pull. */
  private async attempt(counts: PullCounts, budget: GuardBudget, mode: PullMode, work: (mode: PullMode) => Promise<PullOutcome>): Promise<void> {
    try {
      const outcome = await work(mode.dryRun ? mode : { ...mode, approve: budget.approve });
      tally(counts, outcome);
      if (mode.dryRun) budget.plan(outcome.change === null ? null : guardedKind(outcome.change.kind));
      else budget.count(outcome.change);
    } catch (error) {
      if (error instanceof ProvisioningError && ENDS_PULL.has(error.code)) throw error;
      counts.failed += 1;
    }
  }

  /** A source without groups is one that says so, not one that has lost them. */
  private async groupsOf<T>(work: () => Promise<T>): Promise<T | { result: CycleResult; unresolved: number }> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProvisioningError) || error.code !== 'not-found') throw error;
      return { result: { read: 0, incomplete: NO_GROUPS, stopped: false }, unresolved: 0 };
    }
  }

  /** Who was missing often enough is asked for by name once more: a list may forget somebody twice. */
  private async removeGone(pull: PullContext, type: ObjectType, options: PullAllOptions, budget: GuardBudget, counts: PullCounts): Promise<void> {
    const { id } = pull.connection;
    for (let after: number | null = 0; after !== null && !options.isStopping(); ) {
      const page: { objects: KnownObject[]; next: number | null } = await this.deps.pulls.missing(id, type, GONE_AFTER, after, BATCH);
      for (const object of page.objects) {
        if (options.isStopping()) return;
        const still = await patiently(() => pull.source.read(type, object.remoteId), this.deps);
        if (still !== null) await this.deps.pulls.forgive(id, type, [object.remoteId]);
        else await this.attempt(counts, budget, { dryRun: false }, (mode) => (type === 'User' ? this.people.leave(pull, object, mode) : this.groups.leave(pull, object, mode)));
      }
      after = page.next;
    }
  }

  private async record({ connection, trigger, actor, correlationId, runId }: PullContext, { status, message }: PullReport, error: ProvisioningError): Promise<void> {
    const { clock, log } = this.deps;
    const held = status === 'refused';
    await log.record({
      at: clock.now(), connectionId: connection.id, connectionName: connection.name, direction: connection.direction, population: connection.population,
      trigger, operation: held ? 'refuse' : 'read', outcome: held ? 'refused' : 'failed', objectType: 'User', objectId: null, objectName: null, remoteId: null,
      errorCode: error.code, message: message || messageOf(error), correlationId, runId, actor, durationMs: 0, attempts: 1, count: 1, steps: [], changes: [],
      http: error.exchange ?? null,
    });
  }
}

const ENDS_PULL: ReadonlySet<string> = new Set(['guard-held', 'target-auth', 'target-unavailable', 'target-rate-limited', 'target-unexpected', 'credential-unreadable']);

const NO_GROUPS = 'The source has no groups.';

const whyIncomplete = ({ reads }: Reading): string | null => reads.User.incomplete ?? (reads.Group.incomplete === NO_GROUPS ? null : reads.Group.incomplete);

function stopped(report: PullReport): void {
  report.status = 'stopped';
  report.message = 'Stopped before the end; the next pull begins anew.';
}
