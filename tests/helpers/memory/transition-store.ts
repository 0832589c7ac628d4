import type { TransitionItemState, TransitionState } from '../../../server/src/contracts/transition';
import { DECIDED_OTHERWISE, isInForce, noTransitionItems, type Transition, type TransitionItem, type TransitionItemDraft, type Word } from '../../../server/src/domain/transition/transition';
import type { ItemQuery, ItemResult, NewTransition, TransitionStore } from '../../../server/src/ports/transition-store';
import type { MemoryClock } from './clock';
import type { MemoryOutbox } from './outbox';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

type ItemRow = Omit<TransitionItem, 'id'> & { inForce: boolean };

export class MemoryTransitionStore implements TransitionStore {
  private readonly transitions: MemoryTable<Omit<Transition, 'id'>>;
  private readonly plan: MemoryTable<ItemRow>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly clock: MemoryClock,
    private readonly outbox: MemoryOutbox,
    private readonly wake: () => void = () => undefined
  ) {
    this.transitions = database.table<Omit<Transition, 'id'>>();
    this.plan = database.table<ItemRow>({ system: (row) => JSON.stringify([row.transitionId, row.localId, row.connectionId]) });
  }

  create({ approvedBy = null, ...transition }: NewTransition): Promise<Transition> {
    const fields = { state: 'planning' as const, approvedBy, position: 0, createdAt: this.clock.now(), approvedAt: approvedBy === null ? null : this.clock.now(), finishedAt: null };
    return this.database.query(() => this.transitions.insert({ ...transition, ...fields }));
  }

  get(id: number): Promise<Transition | null> {
    return this.database.query(() => this.transitions.first((row) => row.id === id));
  }

  inState(states: TransitionState[]): Promise<Transition[]> {
    return this.database.query(() => this.transitions.where((row) => states.includes(row.state)));
  }

  addPage({ id, position: from }: Transition, items: TransitionItemDraft[], position: number): Promise<boolean> {
    return this.database.query(() => {
      if (this.transitions.update((row) => row.id === id && row.state === 'planning' && row.position === from, () => ({ position })) === 0) return false;
      for (const item of items) {
        if (this.plan.first((row) => row.transitionId === id && row.localId === item.localId && row.connectionId === item.connectionId) !== null) continue;
        this.plan.insert({ ...item, transitionId: id, state: 'planned', inForce: isInForce(item, 'planned'), assigned: false, attempts: 0, doneAt: null });
      }
      return true;
    });
  }

  move({ id, state }: Pick<Transition, 'id' | 'state'>, to: TransitionState, approvedBy?: string): Promise<boolean> {
    const now = this.clock.now();
    return this.database.query(() => {
      const fields = { state: to, ...(approvedBy === undefined ? {} : { approvedBy, approvedAt: now }), ...(to === 'complete' || to === 'cancelled' ? { finishedAt: now } : {}) };
      return this.transitions.update((row) => row.id === id && row.state === state, () => fields) > 0;
    });
  }

  items(transitionId: number, { states = [], step, localId, after = 0, limit }: ItemQuery): Promise<TransitionItem[]> {
    return this.database.query(() =>
      this.plan
        .where((row) => row.transitionId === transitionId && row.id > after && (states.length === 0 || states.includes(row.state)) && (step === undefined || row.step === step) && (localId === undefined || row.localId === localId))
        .slice(0, limit)
        .map(({ inForce: _inForce, ...item }) => this.withTrouble(item))
    );
  }

  itemCounts(ids: number[]): Promise<Map<number, Record<TransitionItemState, number>>> {
    return this.database.query(() => {
      const counts = new Map(ids.map((id) => [id, noTransitionItems()]));
      for (const row of this.plan.all()) {
        const of = counts.get(row.transitionId);
        if (of !== undefined) of[row.state] += 1;
      }
      return counts;
    });
  }

  async change({ id, state }: Pick<TransitionItem, 'id' | 'state'>, { state: to, ...fields }: ItemResult): Promise<boolean> {
    const item = await this.database.query(() => this.plan.first((row) => row.id === id && row.state === state));
    if (item === null) return false;
    if (to === 'open' && state !== 'open' && item.step !== 'account') await this.lift(item.connectionId, [item.localId]);
    const moved = to === undefined ? {} : { state: to, inForce: isInForce(item, to), doneAt: to === 'done' ? this.clock.now() : null };
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return this.database.query(() => this.plan.update((row) => row.id === id && row.state === state, () => ({ ...given, ...moved })) > 0);
  }

  words(connectionId: number, localIds: string[]): Promise<Map<string, Word>> {
    return this.database.query(() => {
      const words = new Map<string, Word>();
      for (const row of this.plan.where((one) => one.connectionId === connectionId && one.inForce && localIds.includes(one.localId))) {
        const transition = this.transitions.first((one) => one.id === row.transitionId);
        if (transition === null || row.step === 'account') continue;
        words.set(row.localId, {
          itemId: row.id,
          transitionId: row.transitionId,
          kind: transition.kind,
          step: row.step,
          action: row.action === null || row.action === 'block' || row.action === 'anonymise' ? null : row.action,
          isOpen: row.state === 'open',
          actor: transition.approvedBy ?? transition.actor,
          correlationId: transition.correlationId,
        });
      }
      return words;
    });
  }

  done(itemId: number, { remoteId, message }: { remoteId: string | null; message: string }): Promise<boolean> {
    return this.change({ id: itemId, state: 'open' }, { state: 'done', message, errorCode: null, ...(remoteId === null ? {} : { remoteId }) });
  }

  async note(itemId: number, state: 'open' | 'failed', message: string): Promise<void> {
    await this.change({ id: itemId, state: 'open' }, { state, message, errorCode: null });
  }

  async openOut(transitionId: number, localId: string): Promise<{ connectionId: number; unassign: boolean } | null> {
    const [item] = await this.items(transitionId, { states: ['planned', 'waiting'], step: 'out', localId, limit: 1 });
    if (item === undefined || !(await this.change(item, { state: 'open' }))) return null;
    return item;
  }

  settled(): Promise<void> {
    return this.database.afterCommit(this.wake);
  }

  async lift(connectionId: number, localIds: string[]): Promise<string[]> {
    const lifted = [...(await this.words(connectionId, localIds)).keys()];
    await this.database.query(() => this.plan.update((row) => row.connectionId === connectionId && row.inForce && lifted.includes(row.localId), (row) => (row.state === 'done' ? { inForce: false } : { inForce: false, state: 'cancelled', message: DECIDED_OTHERWISE })));
    return lifted;
  }

  anyWord(connectionId: number): Promise<boolean> {
    return this.database.query(() => this.plan.first((row) => row.connectionId === connectionId && row.inForce) !== null);
  }

  forgotten(transitionId: number, _failedBefore: number, limit: number): Promise<TransitionItem[]> {
    return this.database.query(() => {
      const marked = new Set(this.outbox.rows.map((row) => `${row.connectionId}:${row.objectId}`));
      return this.plan
        .where((row) => row.transitionId === transitionId && row.state === 'open' && row.step !== 'account' && !marked.has(`${row.connectionId}:${row.localId}`))
        .slice(0, limit)
        .map(({ inForce: _inForce, ...item }) => item);
    });
  }

  private withTrouble(item: TransitionItem): TransitionItem {
    const marker = item.state === 'open' ? this.outbox.rows.find((row) => row.connectionId === item.connectionId && row.objectId === item.localId && row.objectType === 'User') : undefined;
    return marker?.errorCode == null ? item : { ...item, errorCode: marker.errorCode, message: marker.message ?? item.message, attempts: marker.attempts };
  }
}
