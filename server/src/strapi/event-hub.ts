import { AsyncResource } from 'node:async_hooks';
import type { Core } from '@strapi/types';
import { EVENT_NAMES, type EventName, type EventPayloads } from '../contracts/events';
import type { EventSink } from '../ports/events';
import type { UnitOfWork } from '../ports/unit-of-work';

/** Strapi's event hub, and with it Strapi's webhooks. */
export class StrapiEvents implements EventSink {
  /**
   * Bound to where it was made: a listener that writes users must be in no transaction of ours, and its write must not pass as
   * one of the connection that caused the event, or it would never be sent there.
   */
  private readonly hand: (name: EventName, payload: object) => void;

  constructor(
    strapi: Core.Strapi,
    private readonly unitOfWork: Pick<UnitOfWork, 'afterCommit'>,
    onError: (error: unknown) => void
  ) {
    this.hand = AsyncResource.bind((name: EventName, payload: object) => {
      void Promise.resolve()
        .then(() => strapi.eventHub.emit(name, payload))
        .catch(onError);
    });
  }

  async emit<N extends EventName>(name: N, payload: EventPayloads[N]): Promise<void> {
    await this.unitOfWork.afterCommit(() => this.hand(name, payload));
  }
}

/** So that Strapi's webhooks may be told of our events. */
export function allowWebhooks(strapi: Core.Strapi): void {
  const store = strapi.get('webhookStore') as { addAllowedEvent(key: string, event: string): void };
  for (const name of EVENT_NAMES) store.addAllowedEvent(name.toUpperCase().replace(/[.-]/g, '_'), name);
}
