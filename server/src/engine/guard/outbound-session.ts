import { ProvisioningError } from '../../domain/errors';
import { guardedKind } from '../../domain/guard/limits';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import type { UnitOfWork } from '../../ports/unit-of-work';
import type { PipelineContext, PipelineGuard } from '../pipeline';
import type { Refusal } from './hold-keeper';
import { objectOf, toldHeld } from './inbound-session';
import { Passage, type PassageDeps } from './passage';

export interface OutboundSessionDeps extends PassageDeps {
  unitOfWork: UnitOfWork;
}

/**
 * One delivery to an application. It is counted before it is sent, because a request cannot be rolled back: of several that
 * are on their way at the same moment no more are sent than the limit allows. One that fails is taken out of the count.
 */
export class OutboundSession implements PipelineGuard {
  private passage: Passage | null = null;
  private isCounted = false;
  private refusal: Refusal | null = null;

  constructor(
    private readonly deps: OutboundSessionDeps,
    private readonly context: PipelineContext
  ) {}

  async admit(change: PlannedChange): Promise<void> {
    const { context, deps } = this;
    const kind = guardedKind(change.kind);
    if (kind === null) return;
    const passage = await Passage.of(deps, context.connection, kind, [objectOf(context, tellChange(change))]);
    this.passage = passage;
    this.refuse(passage.refusal);
    await deps.unitOfWork.run(async () => this.refuse(await passage.count()));
    this.isCounted = true;
  }

  async count(): Promise<void> {
    await this.passage?.use();
  }

  async failed(): Promise<boolean> {
    if (this.refusal !== null) return this.deps.keeper.refuse(this.context, this.refusal);
    if (this.isCounted) await this.passage?.release();
    return true;
  }

  private refuse(refusal: Refusal | null): void {
    if (refusal === null) return;
    this.refusal = refusal;
    throw new ProvisioningError('guard-held', toldHeld(refusal));
  }
}
