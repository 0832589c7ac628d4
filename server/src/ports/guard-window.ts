import type { CountedKind } from '../domain/guard/window';

export type WindowCounts = Readonly<Partial<Record<CountedKind, number>>>;

/** What pushed traffic really did lately, in buckets of a minute. All of it joins the ambient transaction. */
export interface GuardWindow {
  /**
   * Sums from a minute on. `latest`: also what was committed since the ambient transaction began; asked after `add`, which
   * makes writers of the same bucket wait for each other, the sum is exact.
   */
  counts(connectionId: number, kinds: readonly CountedKind[], fromMinute: number, options?: { latest: boolean }): Promise<WindowCounts>;
  /** Negative: what was reserved was not done. */
  add(connectionId: number, kind: CountedKind, minute: number, by: number): Promise<void>;
  /** Forgets what was counted of these kinds. */
  reset(connectionId: number, kinds: readonly CountedKind[]): Promise<void>;
  /** People the connection is linked to; may be some seconds old on large connections. */
  linked(connectionId: number): Promise<number>;
  hasLinks(connectionId: number): Promise<boolean>;
  /** Removes buckets before a minute. */
  prune(beforeMinute: number): Promise<void>;
}
