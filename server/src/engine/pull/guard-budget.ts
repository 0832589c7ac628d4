import type { GuardedKind, GuardVerdict } from '../../contracts/guard';
import { ProvisioningError } from '../../domain/errors';
import { allowedOf, exceeded, guardedKind, guardOf, type GuardCounts } from '../../domain/guard/limits';
import type { Connection } from '../../domain/connection/connection';
import type { PlannedChange } from '../../domain/plan/change';

/**
 * How much one pull may change: the limits of the connection, or as many as a person approved of a kind. First everything
 * that would be done is counted against it, then what is done.
 */
export class GuardBudget {
  private readonly done: Partial<Record<GuardedKind, number>> = {};
  private readonly planned: Partial<Record<GuardedKind, number>> = {};

  constructor(
    private readonly connection: Connection,
    private readonly linked: number,
    private readonly approved: GuardCounts
  ) {}

  /** Would be done. */
  plan(kind: GuardedKind | null, count = 1): void {
    if (kind !== null && count > 0) this.planned[kind] = (this.planned[kind] ?? 0) + count;
  }

  /** The limits that what is planned exceeds. */
  verdicts(): GuardVerdict[] {
    return exceeded(guardOf(this.connection), this.planned, this.linked).filter(({ kind, wanted }) => wanted > (this.approved[kind] ?? 0));
  }

  /** Right before a change: the source may have changed since it was counted. */
  readonly approve = ({ kind }: PlannedChange): void => {
    const guarded = guardedKind(kind);
    if (guarded === null || (this.done[guarded] ?? 0) < this.allowed(guarded)) return;
    throw new ProvisioningError('guard-held', `More would be changed than was looked at before: ${this.allowed(guarded)} of this kind may be. Pull again.`);
  };

  /** Was done. */
  count(change: PlannedChange | null): void {
    const guarded = change === null ? null : guardedKind(change.kind);
    if (guarded !== null) this.done[guarded] = (this.done[guarded] ?? 0) + 1;
  }

  private allowed(kind: GuardedKind): number {
    return Math.max(allowedOf(guardOf(this.connection), kind, this.linked), this.approved[kind] ?? 0);
  }
}
