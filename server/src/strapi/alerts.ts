import type { Core } from '@strapi/types';
import type { GuardVerdict } from '../contracts/guard';
import type { Connection } from '../domain/connection/connection';
import type { Alerts } from '../ports/alerts';
import type { Clock } from '../ports/clock';
import type { EventSink } from '../ports/events';
import type { TargetHealth } from '../ports/target-health';

/** A line in Strapi's own log, with the words, and an event, without them: webhooks carry it elsewhere. */
export class StrapiAlerts implements Alerts {
  constructor(
    private readonly log: Core.Strapi['log'],
    private readonly events: EventSink,
    private readonly clock: Clock
  ) {}

  async quarantineEntered(connection: Connection, health: TargetHealth): Promise<void> {
    this.log.warn(`[user-provisioning] “${connection.name}” is in quarantine after ${health.failures} failures in a row: ${health.reason} Its changes wait; it is tried again from time to time.`);
    await this.quarantine('user-provisioning.quarantine.entered', connection, health);
  }

  async quarantineLeft(connection: Connection, health: TargetHealth): Promise<void> {
    this.log.info(`[user-provisioning] “${connection.name}” left the quarantine: the application answers again.`);
    await this.quarantine('user-provisioning.quarantine.left', connection, health);
  }

  async held({ id: connectionId, name }: Connection, { kind, wanted: count, allowed: limit, message }: GuardVerdict): Promise<void> {
    this.log.warn(`[user-provisioning] “${name}” is held until somebody approves it: ${message}`);
    await this.events.emit('user-provisioning.guard.held', { connectionId, runId: null, kind, count, limit, at: this.time(this.clock.now()) });
  }

  private quarantine(name: 'user-provisioning.quarantine.entered' | 'user-provisioning.quarantine.left', { id, key }: Connection, { quarantinedSince, code }: TargetHealth): Promise<void> {
    const since = quarantinedSince === null ? null : this.time(quarantinedSince);
    return this.events.emit(name, { connectionId: id, connection: { id, key }, since, errorCode: code, at: this.time(this.clock.now()) });
  }

  private time(ms: number): string {
    return new Date(ms).toISOString();
  }
}
