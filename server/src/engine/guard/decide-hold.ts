import { operationOf } from '../../domain/guard/limits';
import type { GuardedKind } from '../../contracts/guard';
import type { Connection } from '../../domain/connection/connection';
import type { CountedKind } from '../../domain/guard/window';
import type { Clock, IdSource } from '../../ports/clock';
import type { GuardWindow } from '../../ports/guard-window';
import type { HoldStore } from '../../ports/hold-store';
import type { OperationLog } from '../../ports/operation-log';
import type { UnitOfWork } from '../../ports/unit-of-work';
import { plainRecord } from '../plain-record';
import type { HoldKeeper } from './hold-keeper';

/** How long those who were held may be let through: the provider comes back when it wants to. */
export const APPROVAL_MS = 24 * 60 * 60 * 1_000;

export interface DecideHoldDeps {
  clock: Clock;
  ids: IdSource;
  log: OperationLog;
  unitOfWork: UnitOfWork;
  holds: HoldStore;
  window: GuardWindow;
  keeper: HoldKeeper;
  /** Something may be sent now. */
  wake(): void;
}

/** Lets exactly those through who are listed, each once, within a day. Answers how many; null: nothing is held. */
export async function approveHold(connection: Connection, kind: GuardedKind, by: string, deps: DecideHoldDeps): Promise<number | null> {
  const until = deps.clock.now() + APPROVAL_MS;
  const approved = await deps.unitOfWork.run(async () => {
    const number = await deps.holds.approve(connection.id, kind, until, by);
    if (number !== null) await tell(connection, kind, by, `Approved: ${number} held ${number === 1 ? 'object' : 'objects'} may be let through until ${new Date(until).toISOString()}.`, deps);
    return number;
  });
  decided(deps);
  return approved;
}

/** Forgets who was held, and what counted against the limit: counting starts again. False: nothing is held. */
export async function dismissHold(connection: Connection, kind: GuardedKind, by: string, deps: DecideHoldDeps): Promise<boolean> {
  const counted: CountedKind[] = [kind];
  const dismissed = await deps.unitOfWork.run(async () => {
    if (!(await deps.holds.dismiss(connection.id, kind))) return false;
    await deps.window.reset(connection.id, counted);
    await tell(connection, kind, by, 'The hold was dismissed: what waited is forgotten, and counting starts again.', deps);
    return true;
  });
  decided(deps);
  return dismissed;
}

function decided({ keeper, wake }: DecideHoldDeps): void {
  keeper.forget();
  wake();
}

async function tell(connection: Connection, kind: GuardedKind, by: string, message: string, deps: DecideHoldDeps): Promise<void> {
  await deps.log.record(
    plainRecord(connection, { at: deps.clock.now(), trigger: 'on-demand', operation: operationOf(kind), outcome: 'skipped', message, correlationId: deps.ids.uuid(), actor: by })
  );
}
