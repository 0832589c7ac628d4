import type { Population } from '../../contracts/connection';
import type { LeavingAction, LeavingEvent } from '../../contracts/scope';
import type { AccountAction, OffboardingAction, TransitionItemState, TransitionKind, TransitionState, TransitionStep } from '../../contracts/transition';

/** What was asked for. */
export interface TransitionChoice {
  comment: string;
  account: AccountAction | null;
  action: OffboardingAction | null;
  from: number | null;
  to: number | null;
  group: string | null;
  role: number | null;
}

export interface Transition {
  id: number;
  kind: TransitionKind;
  state: TransitionState;
  population: Population;
  correlationId: string;
  actor: string;
  approvedBy: string | null;
  choice: TransitionChoice;
  /** Of an offboarding: SCIM ids. */
  selection: string[];
  undoOf: number | null;
  /** How far planning came. */
  position: number;
  createdAt: number;
  approvedAt: number | null;
  finishedAt: number | null;
}

export interface TransitionItemDraft {
  step: TransitionStep;
  /** 0: this Strapi. */
  connectionId: number;
  system: string;
  localId: string;
  objectName: string | null;
  action: LeavingAction | AccountAction | null;
  change: string | null;
  remoteId: string | null;
  message: string;
  errorCode: string | null;
  warnings: string[];
  /** Of an undo: who leaves was assigned by the move, and is not any more. */
  unassign: boolean;
}

export interface TransitionItem extends TransitionItemDraft {
  id: number;
  transitionId: number;
  state: TransitionItemState;
  /** Of `in`: the move itself assigned the person. */
  assigned: boolean;
  attempts: number;
  doneAt: number | null;
}

/** What holds for a person in a connection because somebody said so: it counts before scope and rules. */
export interface Word {
  itemId: number;
  transitionId: number;
  kind: TransitionKind;
  step: 'in' | 'out';
  action: LeavingAction | null;
  /** Still to be done: a person approved exactly this. */
  isOpen: boolean;
  actor: string;
  correlationId: string;
}

export const SITE = 0;

/** Of an item that a newer word took the place of. */
export const DECIDED_OTHERWISE = 'Somebody decided otherwise since.';

export const noTransitionItems = (): Record<TransitionItemState, number> => ({ planned: 0, waiting: 0, open: 0, done: 0, failed: 0, cancelled: 0 });

const EVENT_OF: Readonly<Record<AccountAction, LeavingEvent>> = { block: 'blocked', delete: 'deleted', anonymise: 'deleted', nothing: 'outOfScope' };

/** Which rule of a connection says what becomes of somebody whose account here is treated so. */
export const ruleFor = (account: AccountAction | null): LeavingEvent => (account === null ? 'outOfScope' : EVENT_OF[account]);

export const tellWord = ({ kind, actor }: Pick<Word, 'kind' | 'actor'>): string => (kind === 'move' ? `Moved to another application by ${actor}.` : `Offboarded by ${actor}.`);

const TELL_ACCOUNT: Readonly<Record<AccountAction, string>> = {
  block: 'The account is blocked, its sessions end.',
  delete: 'The account is blocked at once, and deleted when the person is out of every system.',
  anonymise: 'The account is blocked at once, and anonymised when the person is out of every system.',
  nothing: 'The account stays as it is.',
};

export const tellAccount = (action: AccountAction): string => TELL_ACCOUNT[action];

/** Whether an item counts for its person: who left stays out until somebody says otherwise. */
export function isInForce({ step, unassign }: Pick<TransitionItemDraft, 'step' | 'unassign'>, state: TransitionItemState): boolean {
  if (step === 'account') return false;
  if (step === 'in') return state === 'open';
  return state === 'open' || state === 'failed' || (state === 'done' && !unassign);
}
