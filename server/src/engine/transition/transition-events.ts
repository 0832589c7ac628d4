import type { Transition } from '../../domain/transition/transition';
import type { Clock } from '../../ports/clock';
import type { EventSink } from '../../ports/events';

/** Tells other code that an offboarding or a move waits for a person, or is done. Ids only. */
export async function tellOfTransition({ id: transitionId, kind, state, correlationId }: Transition, { events, clock }: { events: EventSink; clock: Clock }): Promise<void> {
  if (state !== 'planned' && state !== 'complete') return;
  await events.emit(`user-provisioning.${kind}.${state}`, { transitionId, correlationId, at: new Date(clock.now()).toISOString() });
}
