/** Schedules of a connection, as the admin API takes and shows them. */
import type { Cycle } from './run';

/** `incremental`: what changed since the last time; `full`: everybody; `reconcile`: everybody, and the application is read to find what was changed there. */
export const SCHEDULED_CYCLES = ['incremental', 'full', 'reconcile'] as const satisfies readonly Cycle[];
export type ScheduledCycle = (typeof SCHEDULED_CYCLES)[number];

export const INTERVAL_UNITS = ['minutes', 'hours', 'days'] as const;
export type IntervalUnit = (typeof INTERVAL_UNITS)[number];

/** What a firing is worth that came due while no Strapi ran: nothing, or one run for all that were missed. */
export const MISSED_POLICIES = ['skip', 'run-once'] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** Five fields of cron (minute, hour, day of month, month, weekday), or every so often since it was saved. */
export type Timing = { kind: 'cron'; expression: string } | { kind: 'interval'; every: number; unit: IntervalUnit };

export interface ScheduleInput {
  timing: Timing;
  /** IANA name, for example Europe/Berlin. Default: UTC. */
  timeZone?: string;
  cycle?: ScheduledCycle;
  enabled?: boolean;
  /** Spreads the load: each firing comes 0 to so many minutes late, the same number on every instance. */
  jitterMinutes?: number;
  missed?: MissedPolicy;
}

/**
 * `started`; `busy`: the run before it was still going on; `missed`: too late, and the policy says skip; `switched-off`: the
 * connection was; `failed`: it could not be started. Null: it is just being started.
 */
export const FIRING_OUTCOMES = ['started', 'busy', 'missed', 'switched-off', 'failed'] as const;
export type FiringOutcome = (typeof FIRING_OUTCOMES)[number];

/** One firing that came; times in ISO 8601. */
export interface FiringInfo {
  slot: string;
  at: string;
  outcome: FiringOutcome | null;
}

export interface ScheduleInfo extends Required<ScheduleInput> {
  id: number;
  connectionId: number;
  /** The next five, jitter included; none while it is off. */
  next: string[];
  /** The last five, newest first. */
  last: FiringInfo[];
}

/** `POST /schedules/preview` */
export interface SchedulePreview {
  next: string[];
}

export const SCHEDULE_LIMITS = { perConnection: 20, jitterMinutes: 720, every: { minutes: 1_440, hours: 720, days: 366 } } as const;
