import type { Population } from '../../contracts/connection';
import type { AccountAction, OffboardingAction } from '../../contracts/transition';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { SITE, type Transition, type TransitionChoice } from '../../domain/transition/transition';
import type { IdSource } from '../../ports/clock';
import type { LocalDirectory } from '../../ports/local-directory';
import type { Outbox } from '../../ports/outbox';
import type { TransitionStore } from '../../ports/transition-store';
import type { UnitOfWork } from '../../ports/unit-of-work';

export interface TransitionServiceDeps {
  ids: IdSource;
  transitions: TransitionStore;
  outbox: Outbox;
  unitOfWork: UnitOfWork;
  directoryOf(population: Population): LocalDirectory;
  /** Somebody looks for what is to be done. */
  wake(): void;
  wakeDelivery(): void;
}

export interface OffboardPeople {
  population: Population;
  /** SCIM ids. */
  ids: string[];
  account: AccountAction;
  action: OffboardingAction | null;
  comment: string;
  actor: string;
  /** It is approved with the plan. */
  isApproved?: boolean;
}

export interface MovePeople {
  from: Connection;
  to: Connection;
  group: string | null;
  role: number | null;
  action: OffboardingAction | null;
  comment: string;
  actor: string;
}

const PAGE = 200;

const NOTHING: TransitionChoice = { comment: '', account: null, action: null, from: null, to: null, group: null, role: null };

/** Starts offboardings and moves, and does with them what people ask for. Throws `conflict` where their state does not allow it. */
export class TransitionService {
  constructor(private readonly deps: TransitionServiceDeps) {}

  /** Throws `protected` for people whom nobody may take out. */
  async offboard({ population, ids, account, action, comment, actor, isApproved = false }: OffboardPeople): Promise<Transition> {
    await this.refuseProtected(population, ids);
    return this.start({ kind: 'offboarding', population, actor, selection: ids, undoOf: null, approvedBy: isApproved ? actor : null, choice: { ...NOTHING, comment, account, action } });
  }

  move({ from, to, group, role, action, comment, actor }: MovePeople): Promise<Transition> {
    return this.start({ kind: 'move', population: from.population, actor, selection: [], undoOf: null, choice: { ...NOTHING, comment, action, from: from.id, to: to.id, group, role } });
  }

  /** The way back, as a plan that waits for approval: for those who arrived. */
  undo(move: Transition, actor: string): Promise<Transition> {
    if (move.kind !== 'move') throw new ProvisioningError('conflict', 'An offboarding is not undone as a whole: let people take part in a connection again.');
    if (move.state !== 'complete' && move.state !== 'cancelled') throw new ProvisioningError('conflict', `Only a move that is over can be undone; this one is ${move.state}. Cancel it first.`);
    const { from, to, ...choice } = move.choice;
    return this.start({ kind: 'move', population: move.population, actor, selection: [], undoOf: move.id, choice: { ...choice, action: null, from: to, to: from } });
  }

  async approve(transition: Transition, by: string): Promise<void> {
    if (transition.state !== 'planned') throw new ProvisioningError('conflict', `Only what is planned can be approved; this is ${transition.state}.`);
    if (transition.kind === 'offboarding') await this.refuseProtected(transition.population, transition.selection);
    if (!(await this.deps.transitions.move(transition, 'running', by))) throw moved();
    this.deps.wake();
  }

  /** What was done stays done. What was not is not done any more, and holds for nobody. */
  async cancel(transition: Transition): Promise<void> {
    const { transitions, outbox, unitOfWork, wakeDelivery } = this.deps;
    if (transition.state === 'complete' || transition.state === 'cancelled') throw new ProvisioningError('conflict', `This is over already: it is ${transition.state}.`);
    if (!(await transitions.move(transition, 'cancelled'))) throw moved();
    for (;;) {
      const items = await transitions.items(transition.id, { states: ['planned', 'waiting', 'open', 'failed'], limit: PAGE });
      if (items.length === 0) break;
      await unitOfWork.run(async () => {
        const released = new Map<number, string[]>();
        for (const item of items) {
          if (!(await transitions.change(item, { state: 'cancelled' }))) continue;
          if (item.connectionId !== SITE && item.state !== 'planned') released.set(item.connectionId, [...(released.get(item.connectionId) ?? []), item.localId]);
        }
        // By what they are now: nothing else is said of them any more.
        for (const [connectionId, ids] of released) await outbox.mark([connectionId], 'User', ids, null, { asked: true });
      });
    }
    wakeDelivery();
  }

  /** What is open or could not be done is tried again at once. Answers how many. */
  async retry(transition: Transition): Promise<number> {
    const { transitions, outbox, unitOfWork, wake, wakeDelivery } = this.deps;
    if (transition.state !== 'running') throw new ProvisioningError('conflict', `Only what is under way can be tried again; this is ${transition.state}.`);
    let count = 0;
    for (let after = 0; ; ) {
      const items = await transitions.items(transition.id, { states: ['open', 'failed'], after, limit: PAGE });
      await unitOfWork.run(async () => {
        for (const item of items) {
          if (item.state === 'failed' && !(await transitions.change(item, { state: 'open' }))) continue;
          if (item.connectionId !== SITE) await outbox.mark([item.connectionId], 'User', [item.localId], null, { asked: true });
          count += 1;
        }
      });
      after = items.at(-1)?.id ?? 0;
      if (items.length < PAGE) break;
    }
    wake();
    wakeDelivery();
    return count;
  }

  /** The scope and the rules say again who takes part. Answers how many were out. */
  async letIn(connectionId: number, ids: string[]): Promise<number> {
    const { transitions, outbox, unitOfWork, wakeDelivery } = this.deps;
    const lifted = await unitOfWork.run(async () => {
      const some = await transitions.lift(connectionId, ids);
      await outbox.mark([connectionId], 'User', some, null, { asked: true });
      return some;
    });
    wakeDelivery();
    return lifted.length;
  }

  private async start(input: Omit<Parameters<TransitionStore['create']>[0], 'correlationId'>): Promise<Transition> {
    const made = await this.deps.transitions.create({ ...input, correlationId: this.deps.ids.uuid() });
    this.deps.wake();
    return made;
  }

  private async refuseProtected(population: Population, ids: string[]): Promise<void> {
    for (const { protection } of await this.deps.directoryOf(population).readUsers(ids)) {
      if (protection !== null) throw new ProvisioningError('protected', protection.message);
    }
  }
}

const moved = (): ProvisioningError => new ProvisioningError('conflict', 'It went on meanwhile: look at it again.');
