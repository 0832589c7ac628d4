import { ITEM_STATES, type ItemState, type RunState } from '../../../server/src/contracts/run';
import type { ObjectType } from '../../../server/src/contracts/operation';
import type { ErrorCode } from '../../../server/src/contracts/error-codes';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { isActive, isOver, noCounts, type ItemDraft, type Run } from '../../../server/src/domain/run/run';
import type { Clock } from '../../../server/src/ports/clock';
import type { ApprovedItem, NewRun, RunStore, StoredItem, StoredPage } from '../../../server/src/ports/run-store';
import type { MemoryOutbox } from './outbox';
import { MemoryPlanMembers } from './plan-members';
import { UniqueViolation, type MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

type RunRow = Omit<Run, 'id'> & { leaseOwner: string | null; leaseUntil: number; notBefore: number };
type ItemRow = Omit<ItemDraft, 'state'> & { runId: number; state: ItemState };

const FREE = { leaseOwner: null, leaseUntil: 0 };

export class MemoryRunStore implements RunStore {
  private readonly runs: MemoryTable<RunRow>;
  private readonly plan: MemoryTable<ItemRow>;

  /** Who comes into which group by a plan. */
  readonly members: MemoryPlanMembers;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly clock: Clock,
    private readonly outbox: MemoryOutbox
  ) {
    this.members = new MemoryPlanMembers(database);
    this.runs = database.table<RunRow>({ active: (row) => (isActive(row.state) ? String(row.connectionId) : null) });
    this.plan = database.table<ItemRow>({ object: (row) => JSON.stringify([row.runId, row.objectType, row.objectId]) });
  }

  get rows(): Run[] {
    return this.runs.all();
  }

  create(run: NewRun): Promise<Run> {
    const now = this.clock.now();
    return this.busy(() =>
      this.runs.insert({ ...run, ...FREE, state: 'planning', verdicts: [], counts: noCounts(), cursor: null, approvedBy: null, attempts: 0, createdAt: now, plannedAt: null, finishedAt: null, notBefore: now })
    );
  }

  get(id: number): Promise<Run | null> {
    return this.database.query(() => this.runs.first((row) => row.id === id));
  }

  inState(connectionId: number, states: RunState[]): Promise<Run[]> {
    return this.database.query(() => this.runs.where((row) => row.connectionId === connectionId && states.includes(row.state)).reverse());
  }

  claim(owner: string, leaseMs: number): Promise<Run | null> {
    return this.database.query(() => {
      const now = this.clock.now();
      const due = this.runs.first((row) => this.isWaiting(row, now) && row.notBefore <= now);
      if (due !== null) this.runs.update((row) => row.id === due.id, () => ({ leaseOwner: owner, leaseUntil: now + leaseMs }));
      return due;
    });
  }

  nextDueAt(): Promise<number | null> {
    return this.database.query(() => {
      const times = this.runs.where((row) => this.isWaiting(row, this.clock.now())).map((row) => row.notBefore);
      return times.length === 0 ? null : Math.min(...times);
    });
  }

  addPage(run: Run, owner: string, page: StoredPage, leaseMs: number): Promise<boolean> {
    return this.database.query(() => {
      const mine = this.runs.update(
        (row) => row.id === run.id && row.state === 'planning' && row.leaseOwner === owner,
        () => ({ cursor: page.cursor, counts: page.counts, attempts: 0, leaseUntil: this.clock.now() + leaseMs })
      );
      if (mine === 0) return false;
      for (const item of page.items) {
        if (this.plan.first((row) => row.runId === run.id && row.objectType === item.objectType && row.objectId === item.objectId) === null) this.plan.insert({ ...item, runId: run.id });
      }
      this.members.add(run.id, page.members ?? []);
      this.plan.delete((row) => row.runId === run.id && row.state === 'listed' && (page.dropped ?? []).includes(row.objectId));
      return true;
    });
  }

  listed(runId: number, objectIds: string[]): Promise<string[]> {
    return this.database.query(() => this.plan.where((row) => row.runId === runId && row.state === 'listed' && objectIds.includes(row.objectId)).map((row) => row.objectId));
  }

  renew(run: Run, owner: string, leaseMs: number): Promise<boolean> {
    return this.database.query(() => this.runs.update((row) => row.id === run.id && row.leaseOwner === owner && row.state === run.state, () => ({ leaseUntil: this.clock.now() + leaseMs })) > 0);
  }

  async release(run: Run, owner: string, notBefore: number, attempts: number): Promise<void> {
    await this.database.query(() => this.runs.update((row) => row.id === run.id && row.leaseOwner === owner, () => ({ ...FREE, notBefore, attempts })));
  }

  move(run: Pick<Run, 'id' | 'state'>, to: RunState, fields: Parameters<RunStore['move']>[2] = {}): Promise<boolean> {
    const now = this.clock.now();
    const { reasons, verdicts, approvedBy, planned } = fields;
    const isGivenUp = (to === 'cancelled' || to === 'failed') && run.state !== 'planning' && run.state !== 'waiting';
    return this.busy(
      () => {
        const present = this.runs.first((row) => row.id === run.id && row.state === run.state);
        const isMoved =
        this.runs.update(
          (row) => row.id === run.id && row.state === run.state,
          (row) => ({
            ...FREE,
            state: to,
            notBefore: now,
            reasons: reasons ?? row.reasons,
            verdicts: verdicts ?? row.verdicts,
            approvedBy: approvedBy ?? row.approvedBy,
            plannedAt: planned === true ? now : row.plannedAt,
            finishedAt: isOver(to) ? now : row.finishedAt,
          })
        ) > 0;
        if (isMoved && isGivenUp && present?.plannedAt != null) {
          const groups = this.plan.where((row) => row.runId === run.id && row.objectType === 'Group' && row.kind === 'update' && (row.state === 'planned' || row.state === 'sent'));
          void this.outbox.mark([present.connectionId], 'Group', groups.map(({ objectId }) => objectId), null);
        }
        return isMoved;
      }
    );
  }

  items(runId: number, states: ItemState[], after: number, limit: number): Promise<StoredItem[]> {
    return this.database.query(() =>
      this.plan
        .where((row) => row.runId === runId && row.id > after && (states.length === 0 || states.includes(row.state)))
        .slice(0, limit)
        .map((row) => this.stored(row))
    );
  }

  itemCounts(runIds: number[]): Promise<Map<number, Record<ItemState, number>>> {
    return this.database.query(() => {
      const of = (id: number): Record<ItemState, number> =>
        Object.fromEntries(ITEM_STATES.map((state) => [state, this.plan.where((row) => row.runId === id && row.state === state).length])) as Record<ItemState, number>;
      return new Map(runIds.map((id) => [id, of(id)]));
    });
  }

  approved(itemId: number): Promise<ApprovedItem | null> {
    return this.database.query(() => {
      const row = this.plan.first((one) => one.id === itemId && one.state === 'sent');
      const run = row === null ? null : this.runs.first((one) => one.id === row.runId && one.state === 'applying');
      return row === null || run === null ? null : this.stored(row);
    });
  }

  itemsOf(runId: number, type: ObjectType, objectIds: string[]): ReturnType<RunStore['itemsOf']> {
    return this.database.query(() => this.plan.where((row) => row.runId === runId && row.objectType === type && objectIds.includes(row.objectId)));
  }

  async finish(itemId: number, state: ItemState, errorCode: ErrorCode | null, message: string, objectId?: string): Promise<void> {
    await this.database.query(() => this.plan.update((row) => row.id === itemId && (row.state === 'planned' || row.state === 'sent'), (row) => ({ state, errorCode, message, objectId: objectId ?? row.objectId })));
  }

  send(run: Run, limit: number): Promise<number> {
    return this.database.query(() => {
      const of = (type: string, state: ItemState) => this.plan.where((row) => row.runId === run.id && row.state === state && row.objectType === type);
      const people = of('User', 'planned');
      const next = (people.length > 0 ? people : of('User', 'sent').length > 0 ? [] : of('Group', 'planned')).slice(0, limit);
      for (const row of next) {
        this.outbox.bind(run.connectionId, row.objectType, row.objectId, row.id);
        this.plan.update((one) => one.id === row.id, () => ({ state: 'sent' }));
      }
      return next.length;
    });
  }

  groupsToCome(runId: number, groupKeys: string[]): Promise<string[]> {
    return this.database.query(() => this.plan.where((row) => row.runId === runId && row.objectType === 'Group' && row.state === 'planned' && groupKeys.includes(row.objectId)).map((row) => row.objectId));
  }

  outstanding(run: Run): Promise<number> {
    return this.database.query(() => {
      const bound = new Set(this.outbox.rows.map((row) => row.planItem));
      this.plan.update((row) => row.runId === run.id && row.state === 'sent' && !bound.has(row.id), () => ({ state: 'stale', message: 'Changed meanwhile: that change is sent by itself.' }));
      return this.plan.where((row) => row.runId === run.id && row.state === 'sent').length;
    });
  }

  async clearWaiting(run: Run): Promise<void> {
    const unfinished = await this.database.query(() => new Set(this.plan.where((row) => row.runId === run.id && row.state !== 'done').map((row) => row.objectId)));
    await this.database.query(() => this.outbox.forgetWaiting(run.connectionId, unfinished, run.createdAt));
  }

  async clearFailures(run: Run): Promise<void> {
    await this.database.query(() => {
      const failed = new Set(this.plan.where((row) => row.runId === run.id && row.state === 'failed').map((row) => row.objectId));
      this.outbox.forgetFailed(run.connectionId, failed);
    });
  }

  async recall(runId: number): Promise<void> {
    await this.database.query(() => {
      const sent = this.plan.where((row) => row.runId === runId && row.state === 'sent').map((row) => row.id);
      const held = this.outbox.unbindFree(sent);
      this.plan.update((row) => sent.includes(row.id) && !held.has(row.id), () => ({ state: 'planned' }));
    });
  }

  private isWaiting(row: RunRow, now: number): boolean {
    return (row.state === 'planning' || row.state === 'applying') && (row.leaseOwner === null || row.leaseUntil < now);
  }

  private stored(row: ItemRow & { id: number }): StoredItem {
    const run = this.runs.first((one) => one.id === row.runId);
    return { ...row, trigger: run?.trigger ?? 'on-demand', actor: run?.actor ?? '', restore: row.restore ?? null, verify: row.verify ?? false };
  }

  private async busy<T>(work: () => T): Promise<T> {
    try {
      return await this.database.query(work);
    } catch (error) {
      if (error instanceof UniqueViolation) throw new ProvisioningError('conflict', 'Another run of this connection is under way. Wait for it, or cancel it.');
      throw error;
    }
  }
}
