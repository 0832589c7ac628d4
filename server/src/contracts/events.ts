/**
 * What other code and webhooks hear of: names on Strapi's event hub and their payloads. Ids and counts only, never names,
 * addresses or attribute values: a webhook carries them to somebody else's server. `docs/service-api.md` shows them.
 */
import type { ErrorCode } from './error-codes';
import type { ObjectType, OperationKind, Outcome, Trigger } from './operation';

/** A write that was committed, or one that failed or was refused (`.failed`). */
export interface OperationEvent {
  connectionId: number;
  operation: OperationKind;
  outcome: Outcome;
  objectType: ObjectType;
  /** SCIM id on the Strapi side; null where the object never came to be, or is not ours. */
  objectId: string | null;
  trigger: Trigger;
  runId: number | null;
  correlationId: string;
  errorCode: ErrorCode | null;
  /** ISO 8601. */
  at: string;
}

/** `counts`: how many were examined and unchanged, and by kind what the plan does. */
export interface RunEvent {
  connectionId: number;
  runId: number;
  trigger: Trigger;
  state: string;
  counts: Record<string, number>;
  at: string;
}

/** More than a limit of the connection allows was about to happen; a person decides. */
export interface GuardEvent {
  connectionId: number;
  runId: number | null;
  kind: string;
  count: number;
  limit: number | null;
  at: string;
}

/** An offboarding or a move waits for approval, or everything of it is done. */
export interface TransitionEvent {
  transitionId: number;
  correlationId: string;
  at: string;
}

/** An application keeps failing, or answers again; why in words is `delivery.quarantine.reason` of the connection. */
export interface QuarantineEvent {
  connectionId: number;
  connection: { id: number; key: string };
  /** When it went into quarantine. */
  since: string | null;
  errorCode: ErrorCode | null;
  at: string;
}

/** The site went into maintenance, or came out of it. */
export interface MaintenanceEvent {
  paused: boolean;
  at: string;
}

/** From now on the connection writes nothing before a person has seen a plan. */
export interface ReviewEvent {
  connectionId: number;
  reason: string;
  at: string;
}

export interface EventPayloads {
  'user-provisioning.operation': OperationEvent;
  'user-provisioning.operation.failed': OperationEvent;
  'user-provisioning.run.started': RunEvent;
  'user-provisioning.run.waiting': RunEvent;
  'user-provisioning.run.finished': RunEvent;
  'user-provisioning.guard.held': GuardEvent;
  'user-provisioning.offboarding.planned': TransitionEvent;
  'user-provisioning.offboarding.complete': TransitionEvent;
  'user-provisioning.move.planned': TransitionEvent;
  'user-provisioning.move.complete': TransitionEvent;
  'user-provisioning.quarantine.entered': QuarantineEvent;
  'user-provisioning.quarantine.left': QuarantineEvent;
  'user-provisioning.maintenance': MaintenanceEvent;
  'user-provisioning.review': ReviewEvent;
}

export type EventName = keyof EventPayloads;

export const EVENT_NAMES = [
  'user-provisioning.operation',
  'user-provisioning.operation.failed',
  'user-provisioning.run.started',
  'user-provisioning.run.waiting',
  'user-provisioning.run.finished',
  'user-provisioning.guard.held',
  'user-provisioning.offboarding.planned',
  'user-provisioning.offboarding.complete',
  'user-provisioning.move.planned',
  'user-provisioning.move.complete',
  'user-provisioning.quarantine.entered',
  'user-provisioning.quarantine.left',
  'user-provisioning.maintenance',
  'user-provisioning.review',
] as const satisfies readonly EventName[];
