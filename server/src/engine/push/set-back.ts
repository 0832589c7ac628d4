import type { ErrorCode } from '../../contracts/error-codes';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { Clock } from '../../ports/clock';
import type { Marker, Outbox } from '../../ports/outbox';
import { messageOf } from '../step-recorder';
import { backoffMs, isRetryable, isTargetWide, OWN_ATTEMPTS, type RetryTimes } from './backoff';
import type { Gate } from './gate';
import type { PlanMarkers } from './plan-markers';

export interface SetBackDeps {
  clock: Clock;
  outbox: Outbox;
  random(): number;
  onError(error: unknown): void;
}

/** An application may break at one object and answer all the others; of the rest of what concerns it as a whole no object is to blame. */
const MAY_BE_ITS_OWN: ReadonlySet<ErrorCode> = new Set(['target-unavailable', 'target-unexpected']);

/** Decides what becomes of a change whose delivery failed: the same again later, or set aside for a person. */
export class SetBack {
  constructor(
    private readonly deps: SetBackDeps,
    private readonly gate: Gate,
    private readonly plans: PlanMarkers,
    private readonly owner: string,
    private readonly times: RetryTimes
  ) {}

  /** `opensGate`: its target answered, whatever it said of this object. */
  async after(marker: Marker, connection: Connection | null, error: unknown, opensGate: boolean): Promise<void> {
    const { outbox, clock } = this.deps;
    const known = error instanceof ProvisioningError ? error : null;
    const code: ErrorCode = known?.code ?? 'internal';
    if (code === 'internal') this.deps.onError(error);
    const message = messageOf(error);
    try {
      const blame = await this.isToBlame(connection, { code, message, retryAfterMs: known?.retryAfterMs }, opensGate);
      if (!isRetryable(code, blame ? (marker.blamed ?? 0) : 0)) {
        const aside = isTargetWide(code) ? ` Others went through while this one failed ${OWN_ATTEMPTS + 1} times: it is set aside.` : '';
        if (await this.plans.gaveUp(marker, code, message + aside)) return;
        return await outbox.fail(marker, this.owner, { code, message: message + aside });
      }
      // Not to blame: it goes to the end of the queue, and the gate says when that goes on.
      const pause = blame ? backoffMs(marker.blamed ?? 0, known?.retryAfterMs, this.deps.random(), this.times) : 0;
      await outbox.retry(marker, this.owner, clock.now() + pause, { code, message }, blame);
    } catch (storeError) {
      // The lease runs out and the marker is taken again.
      this.deps.onError(storeError);
    }
  }

  private async isToBlame(connection: Connection | null, failure: Parameters<Gate['failed']>[1], opensGate: boolean): Promise<boolean> {
    if (connection === null || !isTargetWide(failure.code)) {
      if (connection !== null && opensGate) await this.gate.recovered(connection);
      return true;
    }
    const { before } = await this.gate.failed(connection, failure);
    return before === null && MAY_BE_ITS_OWN.has(failure.code);
  }
}
