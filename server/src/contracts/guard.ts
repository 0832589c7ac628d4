/** The guard: how much one run, or an hour of pushed traffic, may change before a person has to approve it. */

/** Counted apart from each other. `role-grant`: people who get a role they did not have. */
export const GUARDED_KINDS = ['create', 'update', 'deactivate', 'delete', 'role-grant'] as const;
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
