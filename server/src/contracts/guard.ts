/** The guard: how much one run, or an hour of pushed traffic, may change before a person has to approve it. */

/** Counted apart from each other. `role-grant`: people who get a role they did not have. `member-remove`: members whom a run takes out of groups of an application. */
export const GUARDED_KINDS = ['create', 'update', 'deactivate', 'delete', 'role-grant', 'member-remove'] as const;
export type GuardedKind = (typeof GUARDED_KINDS)[number];

/**
 * Allowed is the larger of `count` and `percent` of the linked objects; null stands for "not by this". Both null: no limit.
 * 0 and 0: every one has to be approved.
 */
export interface GuardLimit {
  count: number | null;
  percent: number | null;
}

export interface GuardPolicy {
  limits: Record<GuardedKind, GuardLimit>;
  /** Creations of a connection that has no links yet are free. */
  freeFirstLoad: boolean;
}

/** In `POST` and `PUT` of a connection; what is left out keeps its value. */
export interface GuardPolicyInput {
  limits?: Partial<Record<GuardedKind, GuardLimit>>;
  freeFirstLoad?: boolean;
}

/** One limit that was exceeded. */
export interface GuardVerdict {
  kind: GuardedKind;
  wanted: number;
  allowed: number;
  /** Objects the connection is linked to: what percent is of. */
  linked: number;
  /** `12 of 40 linked people would be deactivated; 4 are allowed without approval.` */
  message: string;
}

/** `held`: waits for a person. `approved`: what was waiting may be done until `approvedUntil`. */
export const HOLD_STATES = ['held', 'approved'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

/** Traffic of one kind that a limit stopped: `GET /connections/:id/holds`. */
export interface HoldInfo {
  kind: GuardedKind;
  state: HoldState;
  since: string;
  lastAt: string;
  /** Objects that wait for an approval. */
  waiting: number;
  /** Objects that were approved and have not been done yet. */
  approved: number;
  /** Refusals of objects that found no place in the list any more: they are not approved with it. */
  beyond: number;
  /** Refused requests and deliveries, repetitions included. */
  attempts: number;
  /** What was exceeded, as it stood when the hold began. */
  verdict: GuardVerdict;
  approvedBy: string | null;
  approvedUntil: string | null;
}

/** One object of a hold. */
export interface HeldObject {
  /** SCIM id; null for somebody who was to be created. */
  objectId: string | null;
  name: string;
  /** What was asked for, in a sentence. */
  asked: string;
  state: 'waiting' | 'approved';
  since: string;
  lastAt: string;
  attempts: number;
}

/** `GET /connections/:id/holds/:kind/objects` */
export interface HeldObjectPage {
  results: HeldObject[];
  nextCursor: string | null;
}
