import type { Core } from '@strapi/types';
import type { Connection } from '../domain/connection/connection';
import type { Alerts } from '../ports/alerts';
import type { TargetHealth } from '../ports/target-health';

const ENTERED = 'user-provisioning.quarantine.entered';
const LEFT = 'user-provisioning.quarantine.left';

/** Events of Strapi, which webhooks can be tied to, and a line in Strapi's own log. */
export class StrapiAlerts implements Alerts {
  constructor(private readonly strapi: Core.Strapi) {
    const webhooks = strapi.get('webhookStore') as { addAllowedEvent?(key: string, value: string): void } | undefined;
    webhooks?.addAllowedEvent?.('USER_PROVISIONING_QUARANTINE_ENTERED', ENTERED);
    webhooks?.addAllowedEvent?.('USER_PROVISIONING_QUARANTINE_LEFT', LEFT);
  }

  quarantineEntered(connection: Connection, health: TargetHealth): void {
    this.strapi.log.warn(`[user-provisioning] “${connection.name}” is in quarantine after ${health.failures} failures in a row: ${health.reason} Its changes wait; it is tried again from time to time.`);
    this.emit(ENTERED, connection, health);
  }

  quarantineLeft(connection: Connection, health: TargetHealth): void {
    this.strapi.log.info(`[user-provisioning] “${connection.name}” left the quarantine: the application answers again.`);
    this.emit(LEFT, connection, health);
  }

  /** Not waited for: a webhook that hangs must not hold up the delivery. */
  private emit(event: string, connection: Connection, health: TargetHealth): void {
    const payload = {
      connection: { id: connection.id, key: connection.key, name: connection.name },
      since: health.quarantinedSince === null ? null : new Date(health.quarantinedSince).toISOString(),
      errorCode: health.code,
      reason: health.reason,
    };
    void Promise.resolve(this.strapi.eventHub.emit(event, payload)).catch((error: unknown) => this.strapi.log.error(error));
  }
}
