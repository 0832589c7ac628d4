import type { Clock } from '../../ports/clock';
import type { Outbox } from '../../ports/outbox';
import type { StandingStore } from '../../ports/standing-store';
import type { UnitOfWork } from '../../ports/unit-of-work';

const BATCH = 100;

export interface WakeDeps {
  clock: Clock;
  standings: StandingStore;
  outbox: Outbox;
  unitOfWork: UnitOfWork;
}

/**
 * Whose grace period is over gets a marker; the worker looks at them like at anybody who changed. Marker and note that they
 * are awake are one transaction, so a crash loses neither. Answers how many.
 */
export async function wakeLeavers(deps: WakeDeps, isStopping: () => boolean): Promise<number> {
  let count = 0;
  while (!isStopping()) {
    const due = await deps.standings.due(deps.clock.now(), BATCH);
    if (due.length === 0) break;
    for (const { connectionId, localId, wakeAt } of due) {
      await deps.unitOfWork.run(async () => {
        if (await deps.standings.woken(connectionId, localId, wakeAt)) await deps.outbox.mark([connectionId], 'User', [localId], null);
      });
    }
    count += due.length;
  }
  return count;
}
