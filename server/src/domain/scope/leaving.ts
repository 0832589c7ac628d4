import type { LeavingAction, LeavingEvent, OutboundPolicies } from '../../contracts/scope';

/** What is remembered of a person who takes no part in a connection, or not in every operation. */
export interface Standing {
  /** Null: held back by a switch. */
  event: LeavingEvent | null;
  /** The sentence that was logged. */
  reason: string;
  /** When the event was noticed (epoch ms). */
  since: number;
  /** When the grace period ends and somebody has to look again; null: nobody has to. */
  wakeAt: number | null;
  /** What the application was told already. */
  done: LeavingAction | null;
}

/** What to do about one person. */
export type Decision =
  /** As usual; the mapping says whether the account is active. */
  | { kind: 'part'; /** Blocked, and the grace period is over. */ blockedSince?: number }
  /** Nothing: the application does not know the person, or was told already. */
  | { kind: 'apart'; event: LeavingEvent; reason: string }
  | { kind: 'waits'; event: LeavingEvent; reason: string; since: number; action: LeavingAction; dueAt: number }
  | { kind: 'leaves'; event: LeavingEvent; reason: string; since: number; action: LeavingAction };

const DAY_MS = 24 * 60 * 60 * 1_000;

/** By the rules as they are now: a changed number of days holds for those who wait already. */
export function decide(
  person: { event: LeavingEvent | null; reason: string; isLinked: boolean },
  leaving: OutboundPolicies['leaving'],
  standing: Standing | null,
  now: number
): Decision {
  const { event, reason } = person;
  if (event === null) return { kind: 'part' };
  if (!person.isLinked) return { kind: 'apart', event, reason };
  const { action, graceDays } = leaving[event];
  const same = standing?.event === event ? standing : null;
  const since = same?.since ?? now;
  const dueAt = since + graceDays * DAY_MS;
  if (now < dueAt && action !== 'nothing') return { kind: 'waits', event, reason, since, action, dueAt };
  if (event === 'blocked' && action === 'disable') return graceDays === 0 ? { kind: 'part' } : { kind: 'part', blockedSince: since };
  if (same?.done === action) return { kind: 'apart', event, reason };
  return { kind: 'leaves', event, reason, since, action };
}

const PLANNED: Readonly<Record<LeavingAction, string>> = {
  disable: 'is disabled',
  delete: 'is deleted',
  'remove-groups': 'is taken out of its groups',
  nothing: 'stays as it is',
  unlink: 'is left as it is and no longer linked',
};

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** In a sentence: why, and what becomes of the account at the application. */
export function tellDecision(decision: Exclude<Decision, { kind: 'part' }>): string {
  if (decision.kind === 'apart') return decision.reason;
  const what = `the account at the application ${PLANNED[decision.action]}.`;
  return decision.kind === 'waits' ? `${decision.reason} On ${day(decision.dueAt)} ${what}` : `${decision.reason} So ${what}`;
}
