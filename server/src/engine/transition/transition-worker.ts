import { ProvisioningError } from '../../domain/errors';
import { SITE, type Transition, type TransitionItem, type TransitionItemDraft } from '../../domain/transition/transition';
import { outboundOf } from '../../domain/connection/outbound';
import { backoffMs } from '../push/backoff';
import { messageOf } from '../step-recorder';
import { settleAccount, type AccountStepDeps } from './account-step';
import { planMove, planMoveBack, type MoveEnds } from './plan-move';
import { planOffboarding } from './plan-offboarding';
import type { RehearsalDeps } from './rehearse';

export interface TransitionWorkerDeps extends RehearsalDeps, AccountStepDeps {
  transitions: AccountStepDeps['transitions'];
  wakeDelivery(): void;
  /** It is complete, or waits for approval. */
  onState(transition: Transition): void;
  random(): number;
  onError(error: unknown): void;
}

const PEOPLE = 50;
const MOVED = 200;
const OPENED = 100;
/** Of an offboarding: at most 100 people in all their systems. */
const UNFINISHED = 10_000;
/** So often it is looked for what nobody works on. */
const LOOK_MS = 60_000;
/** What an application refused may be put right there: it is tried again after this time. */
const FAILED_MS = 60 * 60 * 1_000;

/**
 * Moves transitions on: plans page by page, opens what was approved, settles accounts, sees that nothing is forgotten. What is
 * open at an application is done by delivery. Any number of instances may run it: every step is a conditional update.
 */
export class TransitionWorker {
  private lookedAt = 0;
  /** When accounts that failed are tried again. */
  private readonly retryAt = new Map<number, number>();

  constructor(private readonly deps: TransitionWorkerDeps) {}

  /** Works until nothing is due. Answers when to look again (epoch ms), null if nothing waits. */
  async drain(isStopping: () => boolean): Promise<number | null> {
    const { transitions, clock, onError } = this.deps;
    let planFailed = false;
    const looks = clock.now() - this.lookedAt >= LOOK_MS;
    if (looks) this.lookedAt = clock.now();
    for (const transition of await transitions.inState(['planning', 'running'])) {
      if (isStopping()) break;
      try {
        if (transition.state === 'planning') await this.plan(transition, isStopping);
        else await this.advance(transition, looks, isStopping);
      } catch (error) {
        if (!(error instanceof ProvisioningError) || error.code === 'internal') onError(error);
        planFailed = true;
      }
    }
    const times = [...this.retryAt.values(), ...(planFailed ? [clock.now() + 5_000] : [])];
    return times.length === 0 ? null : Math.min(...times);
  }

  private async plan(transition: Transition, isStopping: () => boolean): Promise<void> {
    const { transitions, onState } = this.deps;
    let current = transition;
    for (;;) {
      if (isStopping()) return;
      const { items, next } = await this.page(current);
      if (!(await transitions.addPage(current, items, next ?? current.position))) return;
      if (next === null) break;
      current = { ...current, position: next };
    }
    const state = current.approvedBy === null ? 'planned' : 'running';
    if (!(await transitions.move(current, state))) return;
    onState({ ...current, state });
    if (state === 'running') await this.advance({ ...current, state }, false, isStopping);
  }

  private async page(transition: Transition): Promise<{ items: TransitionItemDraft[]; next: number | null }> {
    const { transitions, links } = this.deps;
    const { kind, selection, position, undoOf } = transition;
    if (kind === 'offboarding') {
      const ids = selection.slice(position, position + PEOPLE);
      return { items: await planOffboarding(transition, ids, this.deps), next: position + PEOPLE < selection.length ? position + PEOPLE : null };
    }
    const ends = await this.endsOf(transition);
    // One of the connections was deleted.
    if (ends === null) return { items: [], next: null };
    if (undoOf !== null) {
      const moved = await transitions.items(undoOf, { states: ['done'], step: 'in', after: position, limit: MOVED });
      return { items: await planMoveBack(transition, ends, moved, this.deps), next: moved.length < MOVED ? null : (moved.at(-1)?.id ?? null) };
    }
    const page = await links.linksPage(ends.from.id, 'User', position, MOVED);
    return { items: await planMove(transition, ends, page.links.map(({ localId }) => localId), this.deps), next: page.next };
  }

  private async endsOf({ choice }: Transition): Promise<MoveEnds | null> {
    const [from, to] = [await this.deps.connections.get(choice.from ?? 0), await this.deps.connections.get(choice.to ?? 0)];
    return from === null || to === null ? null : { from, to };
  }

  private async advance(transition: Transition, looks: boolean, isStopping: () => boolean): Promise<void> {
    await this.open(transition, isStopping);
    if (transition.kind === 'offboarding') await this.accounts(transition, isStopping);
    if (looks) await this.remind(transition);
    const { transitions, onState } = this.deps;
    const [unfinished] = isStopping() ? [null] : await transitions.items(transition.id, { states: ['planned', 'waiting', 'open', 'failed'], limit: 1 });
    if (unfinished !== undefined) return;
    // Complete is what was done everywhere.
    const [undone] = await transitions.items(transition.id, { states: ['cancelled'], limit: 1 });
    const state = undone === undefined ? 'complete' : 'cancelled';
    if (await transitions.move(transition, state)) onState({ ...transition, state });
  }

  /** From here on it holds, and delivery has to look at the person. One transaction, so that neither is without the other. */
  private async open(transition: Transition, isStopping: () => boolean): Promise<void> {
    const { transitions, unitOfWork, wakeDelivery } = this.deps;
    while (!isStopping()) {
      const items = await transitions.items(transition.id, { states: ['planned'], limit: OPENED });
      if (items.length === 0) return;
      await unitOfWork.run(async () => {
        for (const item of items) await this.openOne(transition, item);
      });
      wakeDelivery();
    }
  }

  private async openOne(transition: Transition, item: TransitionItem): Promise<void> {
    const { transitions, outbox, connections, assignments, links } = this.deps;
    const { step, connectionId, localId } = item;
    if (step === 'account') {
      await transitions.change(item, item.action === 'nothing' ? { state: 'done' } : { state: 'open' });
      return;
    }
    if (step === 'out' && transition.kind === 'move') {
      await transitions.change(item, { state: 'waiting' });
      return;
    }
    const connection = await connections.get(connectionId);
    if (connection === null) {
      await transitions.change(item, { state: 'failed', message: 'The connection was deleted.' });
      return;
    }
    if (!(await transitions.change(item, { state: 'open' }))) return;
    if (step === 'in' && outboundOf(connection).scope.assignment === 'assigned') {
      const assigned = await assignments.assign(connectionId, [localId]);
      if (assigned.length > 0) await transitions.change({ id: item.id, state: 'open' }, { assigned: true });
    }
    const isPaused = !connection.enabled || (connection.review ?? null) !== null;
    const isIdle = step === 'out' && isPaused && (await links.get(connectionId, 'User', localId)) === null;
    // Out for the day it goes on; until then there is nothing to be done.
    if (isIdle) await transitions.done(item.id, { remoteId: null, message: item.message });
    else await outbox.mark([connectionId], 'User', [localId], null, { asked: true });
  }

  private async accounts(transition: Transition, isStopping: () => boolean): Promise<void> {
    const items = await this.deps.transitions.items(transition.id, { states: ['waiting', 'open', 'failed'], limit: UNFINISHED });
    const busy = new Set(items.filter(({ step }) => step !== 'account').map(({ localId }) => localId));
    for (const item of items) {
      if (isStopping()) return;
      if (item.step !== 'account' || item.state === 'failed') continue;
      if (item.state === 'waiting' && busy.has(item.localId)) continue;
      await this.account(transition, item);
    }
  }

  private async account(transition: Transition, item: TransitionItem): Promise<void> {
    const { transitions, clock, random, onError } = this.deps;
    if ((this.retryAt.get(item.id) ?? 0) > clock.now()) return;
    this.retryAt.delete(item.id);
    try {
      await settleAccount(transition, item, this.deps);
    } catch (error) {
      const code = error instanceof ProvisioningError ? error.code : 'internal';
      if (code === 'internal') onError(error);
      const attempts = item.attempts + 1;
      // Somebody made them a super admin meanwhile: that is not retried by itself.
      const state = code === 'protected' ? { state: 'failed' as const } : {};
      await transitions.change(item, { ...state, message: messageOf(error), errorCode: code, attempts });
      if (code !== 'protected') this.retryAt.set(item.id, clock.now() + backoffMs(attempts, undefined, random()));
    }
  }

  /** A marker that is gone or that failed long ago: somebody cleared it away, or the application may take it by now. */
  private async remind({ id }: Transition): Promise<void> {
    const { transitions, outbox, connections, clock, wakeDelivery } = this.deps;
    for (const item of await transitions.forgotten(id, clock.now() - FAILED_MS, UNFINISHED)) {
      if (item.connectionId === SITE) continue;
      if ((await connections.get(item.connectionId)) === null) await transitions.change(item, { state: 'failed', message: 'The connection was deleted.' });
      else await outbox.mark([item.connectionId], 'User', [item.localId], null, { asked: true });
    }
    wakeDelivery();
  }
}
