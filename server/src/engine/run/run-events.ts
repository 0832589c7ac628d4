import type { RunEvent } from '../../contracts/events';
import { isOver, type Run } from '../../domain/run/run';
import type { Clock } from '../../ports/clock';
import type { EventSink } from '../../ports/events';

/** Tells other code how a run goes: it was started, waits for a person and why, is over. */
export async function tellOfRun(run: Run, { events, clock }: { events: EventSink; clock: Clock }): Promise<void> {
  const { id: runId, connectionId, trigger, state, counts, verdicts } = run;
  const at = new Date(clock.now()).toISOString();
  const event: RunEvent = { connectionId, runId, trigger, state, counts: { examined: counts.examined, unchanged: counts.unchanged, ...counts.planned }, at };
  if (state === 'planning') await events.emit('user-provisioning.run.started', event);
  if (state === 'waiting') {
    for (const { kind, wanted, allowed } of verdicts) await events.emit('user-provisioning.guard.held', { connectionId, runId, kind, count: wanted, limit: allowed, at });
    await events.emit('user-provisioning.run.waiting', event);
  }
  if (isOver(state)) await events.emit('user-provisioning.run.finished', event);
}
