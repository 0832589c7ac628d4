/**
 * Transitions: what a person decided about other people's accounts as a whole. An offboarding takes people out of every
 * connected system, a move takes those of a group or role from one application to another. docs/offboarding.md
 */
import type { DepartureAction, Population } from './connection';
import type { LeavingAction } from './scope';

export const TRANSITION_KINDS = ['offboarding', 'move'] as const;
export type TransitionKind = (typeof TRANSITION_KINDS)[number];

/** `planned`: waits for approval. `running`: what is open is tried until it is done. `complete`: every item is done. */
export const TRANSITION_STATES = ['planning', 'planned', 'running', 'complete', 'cancelled'] as const;
export type TransitionState = (typeof TRANSITION_STATES)[number];

/** `out`: leaves the application. `in`: is provisioned to it. `account`: the account of this Strapi. */
export const TRANSITION_STEPS = ['in', 'out', 'account'] as const;
export type TransitionStep = (typeof TRANSITION_STEPS)[number];

/**
 * `waiting`: for another item of the same person. `open`: is being done, or tried again. `failed`: cannot be done as things
 * are; a retry tries it again.
 */
export const TRANSITION_ITEM_STATES = ['planned', 'waiting', 'open', 'done', 'failed', 'cancelled'] as const;
export type TransitionItemState = (typeof TRANSITION_ITEM_STATES)[number];

/** What an offboarding can do at an application, instead of the connection's own rule. */
export const OFFBOARDING_ACTIONS = ['disable', 'delete', 'remove-groups'] as const satisfies readonly LeavingAction[];
export type OffboardingAction = (typeof OFFBOARDING_ACTIONS)[number];

/** What an offboarding can do with the account of this Strapi. */
export const ACCOUNT_ACTIONS = ['block', 'delete', 'anonymise', 'nothing'] as const satisfies readonly DepartureAction[];
export type AccountAction = (typeof ACCOUNT_ACTIONS)[number];

/** Body of `POST /offboardings`. */
export interface OffboardingInput {
  population: Population;
  /** SCIM ids or account ids, at most 100. */
  userIds: (string | number)[];
  /** Left out: each connection does what its rule says. */
  action?: OffboardingAction;
  /** Default `block`. */
  account?: AccountAction;
  comment?: string;
}

/** Body of `POST /moves`: everybody of the group or role who is at `from` shall be at `to`, and no longer at `from`. */
export interface MoveInput {
  from: number;
  to: number;
  /** SCIM id of a group; also those in groups within it. */
  group?: string;
  /** Or the id of a role. */
  role?: number;
  /** At `from`; left out: its rule for people out of scope. */
  action?: OffboardingAction;
  comment?: string;
}

/** One system, or this Strapi, and one person. */
export interface TransitionItemInfo {
  id: number;
  step: TransitionStep;
  /** Null: this Strapi. */
  connectionId: number | null;
  system: string;
  userId: string;
  userName: string | null;
  /** What is to be done; null of `in`. */
  action: LeavingAction | AccountAction | null;
  /** What the plan found would change there: `create`, `deactivate`, ...; null: nothing is sent. */
  change: string | null;
  state: TransitionItemState;
  remoteId: string | null;
  /** What was done, or why it is not. */
  message: string;
  errorCode: string | null;
  attempts: number;
  /** What to know before it is approved. */
  warnings: string[];
  doneAt: string | null;
}

export interface TransitionInfo {
  id: number;
  kind: TransitionKind;
  state: TransitionState;
  population: Population;
  /** Stands in the log at everything that was done for it. */
  correlationId: string;
  actor: string;
  approvedBy: string | null;
  comment: string;
  /** Of an offboarding. */
  account: AccountAction | null;
  action: OffboardingAction | null;
  /** Of a move. */
  from: number | null;
  to: number | null;
  group: string | null;
  role: number | null;
  undoOf: number | null;
  items: Record<TransitionItemState, number>;
  createdAt: string;
  approvedAt: string | null;
  finishedAt: string | null;
}

/** `GET /offboardings/:id` and `GET /moves/:id`. */
export interface Receipt extends TransitionInfo {
  systems: TransitionItemInfo[];
  nextCursor: string | null;
}

export interface TransitionPage {
  results: TransitionInfo[];
  nextCursor: string | null;
}
