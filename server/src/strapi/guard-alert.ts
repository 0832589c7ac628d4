import type { Core } from '@strapi/types';
import type { GuardHeldEvent } from '../contracts/guard';

/** Event on Strapi's eventHub, for whoever wants to send a mail or a message. */
export const GUARD_HELD = 'user-provisioning.guard.held';

/** Tells people that a limit holds a connection: in Strapi's log, and as an event for the site's own code. */
export function guardAlert(strapi: Core.Strapi): (event: GuardHeldEvent) => void {
  return (event) => {
    strapi.log.warn(`[user-provisioning] ${event.connectionName}: held until somebody approves it. ${event.verdict.message}`);
    // A listener that fails is the site's own matter.
    void Promise.resolve(strapi.eventHub.emit(GUARD_HELD, { ...event })).catch((error: unknown) => strapi.log.error(error));
  };
}
