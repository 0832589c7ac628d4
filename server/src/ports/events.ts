import type { EventName, EventPayloads } from '../contracts/events';

/**
 * Tells other code what happened. Joins the open transaction: heard of once it has committed, never where it rolled back.
 * Never throws, and what a listener does or throws reaches nobody here.
 */
export interface EventSink {
  emit<N extends EventName>(name: N, payload: EventPayloads[N]): Promise<void>;
}
