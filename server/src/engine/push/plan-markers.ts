import type { ErrorCode } from '../../contracts/error-codes';
import type { Marker, Outbox } from '../../ports/outbox';
import type { ApprovedItem, RunStore } from '../../ports/run-store';

export interface PlanMarkerDeps {
  outbox: Outbox;
  runs: Pick<RunStore, 'approved' | 'finish'>;
}

export const VANISHED = 'It was gone at the application: the person is made there again by itself.';

/** Markers that an approved plan made: they do what was approved, or nothing. */
export class PlanMarkers {
  constructor(
    private readonly deps: PlanMarkerDeps,
    private readonly owner: string
  ) {}

  /** Null: no plan asks for it; the state says what to do. */
  async itemOf({ planItem }: Marker): Promise<ApprovedItem | null | 'gone'> {
    return planItem === undefined || planItem === null ? null : ((await this.deps.runs.approved(planItem)) ?? 'gone');
  }

  /** Its run was paused or cancelled since the marker was claimed: the item is the run's again, which may go on. */
  async giveBack(marker: Marker): Promise<void> {
    if (marker.planItem != null) await this.deps.runs.finish(marker.planItem, 'planned', null, '');
    await this.letGo(marker);
  }

  /** A marker whose plan no longer holds: a change of the person's own that waits beside it is sent by itself. */
  async letGo(marker: Marker): Promise<void> {
    const { outbox } = this.deps;
    if (marker.dirtySeq === 1) await outbox.complete(marker, this.owner);
    else await outbox.unbind(marker, this.owner);
  }

  /** Tells the plan that its item will not be done. True: and with it the marker is dealt with. */
  async gaveUp(marker: Marker, code: ErrorCode, message: string): Promise<boolean> {
    if (marker.planItem === undefined || marker.planItem === null) return false;
    const item = await this.deps.runs.approved(marker.planItem);
    await this.deps.runs.finish(marker.planItem, code === 'stale' ? 'stale' : 'failed', code, message);
    // Who vanished at the application is made again by what they are now; and what people changed in a group is sent as it is now.
    const isOpen = message === VANISHED || (marker.objectType === 'Group' && item !== null && item.kind !== 'delete' && item.restore === null);
    if (code === 'stale') await (isOpen ? this.deps.outbox.unbind(marker, this.owner) : this.letGo(marker));
    return code === 'stale';
  }
}
