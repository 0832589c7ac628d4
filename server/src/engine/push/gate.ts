import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { Alerts } from '../../ports/alerts';
import type { Clock } from '../../ports/clock';
import type { ConnectionStore } from '../../ports/connection-store';
import type { HealthChange, TargetHealthStore } from '../../ports/target-health';
import { afterFailure, type TargetFailure } from './breaker';
import type { RetryTimes } from './backoff';

export interface GateDeps {
  clock: Clock;
  connections: ConnectionStore;
  health: TargetHealthStore;
  alerts: Alerts;
  random(): number;
}

export interface Gates {
  /** Nothing is taken up for these: paused by a person, or their target is in trouble. */
  closed: number[];
  /** One change at a time: whoever goes through first opens the gate for all. */
  ajar: number[];
  /** Changes wait for a run: only what a run or a person asked for. */
  askedOnly: number[];
  /** When the closed ones may be tried again (epoch ms). */
  opensAt: number[];
}

/** What is let through to which target: the circuit breaker of the delivery. */
export class Gate {
  constructor(
    private readonly deps: GateDeps,
    private readonly times: RetryTimes
  ) {}

  async look(): Promise<Gates> {
    const now = this.deps.clock.now();
    const paused = await this.deps.connections.paused();
    const troubled = (await this.deps.health.troubled()).filter(({ connectionId }) => !paused.includes(connectionId));
    const shut = troubled.filter(({ blockedUntil }) => blockedUntil > now);
    return {
      closed: [...paused, ...shut.map(({ connectionId }) => connectionId)],
      ajar: troubled.filter(({ blockedUntil }) => blockedUntil <= now).map(({ connectionId }) => connectionId),
      askedOnly: await this.deps.connections.onDemandOnly(),
      opensAt: shut.map(({ blockedUntil }) => blockedUntil),
    };
  }

  /**
   * For one change that a person asks for by hand: the gate holds for it too. Answers whether it is the one that tries an
   * application in trouble. Throws why nothing is sent now, with what the trouble is.
   */
  async enter({ id }: Connection): Promise<{ isProbe: boolean }> {
    const { connections, health, clock } = this.deps;
    if ((await connections.paused()).includes(id)) throw new ProvisioningError('conflict', 'This connection is paused: the change is sent when it goes on.');
    const trouble = (await health.troubled()).find(({ connectionId }) => connectionId === id);
    if (trouble === undefined) return { isProbe: false };
    const pause = trouble.blockedUntil - clock.now();
    if (pause <= 0) return { isProbe: true };
    const at = new Date(trouble.blockedUntil).toISOString();
    throw new ProvisioningError(trouble.code, `Not sent yet: the application is in trouble and is tried again at ${at}. The change waits for it; “try now” tries at once. ${trouble.reason}`, { retryAfterMs: pause });
  }

  async failed(connection: Connection, failure: TargetFailure): Promise<HealthChange> {
    const { clock, health, alerts } = this.deps;
    const random = this.deps.random();
    const change = await health.change(connection.id, (present) => afterFailure(present, connection.id, failure, clock.now(), random, this.times));
    const { before, after } = change;
    if (after !== null && after.quarantinedSince !== null && (before?.quarantinedSince ?? null) === null) await alerts.quarantineEntered(connection, after);
    return change;
  }

  /** The target answered a change that was let through to try it. */
  async recovered(connection: Connection): Promise<void> {
    const { clock, health, alerts } = this.deps;
    // Another one failed meanwhile: that is the newer truth, and a Retry-After may be part of it.
    const { before, after } = await health.change(connection.id, (present) => (present !== null && present.blockedUntil > clock.now() ? present : null));
    if (before !== null && before.quarantinedSince !== null && after === null) await alerts.quarantineLeft(connection, before);
  }

  /** It stays in trouble until something went through. */
  async tryNow(connectionId: number): Promise<void> {
    await this.deps.health.change(connectionId, (present) => (present === null ? null : { ...present, blockedUntil: Math.min(present.blockedUntil, this.deps.clock.now()) }));
  }
}
