import type { Population } from '../contracts/connection';
import type { TransitionItemState, TransitionKind, TransitionState, TransitionStep } from '../contracts/transition';
import type { Transition, TransitionChoice, TransitionItem, TransitionItemDraft, Word } from '../domain/transition/transition';

export interface NewTransition {
  kind: TransitionKind;
  population: Population;
  correlationId: string;
  actor: string;
  choice: TransitionChoice;
  selection: string[];
  undoOf: number | null;
  /** Whoever plans it approved it already; left out: it waits. */
  approvedBy?: string | null;
}

/** How an item stands from now on; what is left out stays. */
export interface ItemResult {
  state?: TransitionItemState;
  message?: string;
  errorCode?: string | null;
  remoteId?: string | null;
  change?: string | null;
  assigned?: boolean;
  attempts?: number;
}

/** What the delivery of one person asks and tells. Joins the ambient transaction. */
export interface TransitionWords {
  /** What holds for these people in the connection; nobody else is in it. */
  words(connectionId: number, localIds: string[]): Promise<Map<string, Word>>;
  /** Done; false: it was not open any more. */
  done(itemId: number, result: { remoteId: string | null; message: string }): Promise<boolean>;
  /** It stays to be done: why it was not, this time. */
  note(itemId: number, state: 'open' | 'failed', message: string): Promise<void>;
  /**
   * The other half of a move, for this person: from now on it holds. Answers the connection that has to look at them, and whether
   * its assignment by an earlier move ends.
   */
  openOut(transitionId: number, localId: string): Promise<{ connectionId: number; unassign: boolean } | null>;
  /** An item is settled: somebody looks whether all is done. After the commit. */
  settled(): Promise<void>;
}

export interface ItemQuery {
  states?: TransitionItemState[];
  step?: TransitionStep;
  localId?: string;
  after?: number;
  limit: number;
}

/** Transitions, their items, and what holds because of them. Joins the ambient transaction. */
export interface TransitionStore extends TransitionWords {
  create(transition: NewTransition): Promise<Transition>;
  get(id: number): Promise<Transition | null>;
  /** Of these states, oldest first. */
  inState(states: TransitionState[]): Promise<Transition[]>;
  /** Stores a page of the plan; false: somebody else did, or it is not being planned any more. */
  addPage(transition: Transition, items: TransitionItemDraft[], position: number): Promise<boolean>;
  /** Into another state, if it still is in the state of `transition`. */
  move(transition: Pick<Transition, 'id' | 'state'>, to: TransitionState, approvedBy?: string): Promise<boolean>;
  /** By age. With what the outbox says of those that are on their way. */
  items(transitionId: number, query: ItemQuery): Promise<TransitionItem[]>;
  itemCounts(ids: number[]): Promise<Map<number, Record<TransitionItemState, number>>>;
  /** If it still is in that state. What opens holds from then on, instead of what held before. */
  change(item: Pick<TransitionItem, 'id' | 'state'>, result: ItemResult): Promise<boolean>;
  /** Nothing holds any more for these people in the connection. Answers those for whom something did. */
  lift(connectionId: number, localIds: string[]): Promise<string[]>;
  /** Whether anything holds for anybody in the connection. */
  anyWord(connectionId: number): Promise<boolean>;
  /** Open items at applications that nobody works on: no marker, or one that failed before `failedBefore`. */
  forgotten(transitionId: number, failedBefore: number, limit: number): Promise<TransitionItem[]>;
}
