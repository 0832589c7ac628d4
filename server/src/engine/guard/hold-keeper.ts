import { operationOf } from '../../domain/guard/limits';
import type { GuardedKind, GuardVerdict } from '../../contracts/guard';
import type { Trigger } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import type { Alerts } from '../../ports/alerts';
import type { Clock } from '../../ports/clock';
import type { HoldObject, HoldStore } from '../../ports/hold-store';
import type { OperationLog } from '../../ports/operation-log';
import { plainRecord } from '../plain-record';

/** How long another instance's holds may be missing here; until its hour is over, the window itself refuses too. */
const STALE_MS = 5_000;

export interface Refusal {
  kind: GuardedKind;
  verdict: GuardVerdict;
  objects: HoldObject[];
}

/** Whose request or delivery it was. */
export interface Asker {
  connection: Connection;
  trigger: Trigger;
  actor: string;
  correlationId: string;
}

export interface HoldKeeperDeps {
  clock: Clock;
  log: OperationLog;
  holds: HoldStore;
  /** Tells people at once: the provider gives up some day. */
  alerts: Pick<Alerts, 'held'>;
}

/**
 * Keeps what limits stopped. A hold stays until a person decides: if it ended with its hour, a provider that tries again
 * and again would get through with as much as the limit allows, hour by hour, until everybody is gone.
 */
export class HoldKeeper {
  private known: { at: number; kinds: ReadonlySet<string> } | null = null;

  constructor(private readonly deps: HoldKeeperDeps) {}

  /** Why this kind waits for a person; null: it does not. */
  async held(connectionId: number, kind: GuardedKind): Promise<GuardVerdict | null> {
    if (!(await this.presumed()).has(keyOf(connectionId, kind))) return null;
    // A refusal is never based on what may be out of date.
    return this.deps.holds.verdict(connectionId, kind);
  }

  approved(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<Set<string>> {
    return this.deps.holds.approved(connectionId, kind, keys);
  }

  async done(connectionId: number, kind: GuardedKind, keys: readonly string[]): Promise<void> {
    await this.deps.holds.done(connectionId, kind, keys);
  }

  /** Remembers a refusal. False: the log has a row for each of these objects already. */
  async refuse({ connection, trigger, actor, correlationId }: Asker, { kind, verdict, objects }: Refusal): Promise<boolean> {
    const { holds, log, clock } = this.deps;
    const began = await holds.open(connection.id, kind, verdict);
    const added = await holds.refuse(connection.id, kind, objects);
    if (!began) return added > 0;
    this.forget();
    const message = `Held from now on: ${verdict.message}`;
    await log.record(plainRecord(connection, { at: clock.now(), trigger, operation: operationOf(kind), outcome: 'refused', errorCode: 'guard-held', message, correlationId, actor }));
    await this.deps.alerts.held(connection, verdict);
    return true;
  }

  /** Somebody decided. */
  forget(): void {
    this.known = null;
  }

  private async presumed(): Promise<ReadonlySet<string>> {
    const now = this.deps.clock.now();
    if (this.known === null || now - this.known.at > STALE_MS) {
      const held = await this.deps.holds.held();
      this.known = { at: now, kinds: new Set(held.map(({ connectionId, kind }) => keyOf(connectionId, kind))) };
    }
    return this.known.kinds;
  }
}

const keyOf = (connectionId: number, kind: GuardedKind): string => `${connectionId} ${kind}`;
