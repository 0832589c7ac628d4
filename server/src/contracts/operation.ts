/** Operations: the rows of the provisioning log, as the admin API sends them. */
import type { Direction, Population } from './connection';

export const OPERATION_KINDS = [
  'create',
  'read',
  'update',
  'deactivate',
  'reactivate',
  'delete',
  'link',
  'role-grant',
  'role-revoke',
  'skip',
  'refuse',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const OUTCOMES = ['success', 'skipped', 'refused', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `scheduled`, `replay` and `undo` are runs, `on-demand` a run or one person. */
export const TRIGGERS = ['inbound-request', 'real-time', 'sweep', 'on-demand', 'scheduled', 'replay', 'undo'] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const OBJECT_TYPES = ['User', 'Group'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

export const STEP_NAMES = ['read', 'scope', 'join', 'map', 'diff', 'guard', 'apply', 'log'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** One step of the pipeline as it went for this object. */
export interface OperationStep {
  name: StepName;
  outcome: 'ok' | 'skipped' | 'refused' | 'failed';
  /** A sentence a person understands: what was found, which rule matched, why it stopped. */
  message: string;
  durationMs: number;
}

/** One attribute before and after; secrets never stand here. */
export interface AttributeChange {
  /** SCIM attribute path, for example `name.givenName`. */
  path: string;
  before: unknown;
  after: unknown;
}

/** HTTP exchange behind an operation, redacted and size-limited. */
export interface HttpExchange {
  method: string;
  path: string;
  status: number | null;
  requestBody: unknown;
  responseBody: unknown;
}

/** A row of the list. */
export interface OperationSummary {
  id: number;
  at: string;
  connectionId: number | null;
  connectionName: string;
  direction: Direction;
  population: Population;
  trigger: Trigger;
  operation: OperationKind;
  outcome: Outcome;
  objectType: ObjectType;
  /** SCIM id on the Strapi side. */
  objectId: string | null;
  /** userName or displayName at that time. */
  objectName: string | null;
  errorCode: string | null;
  /** One sentence: what happened, or why not. */
  message: string;
  /** For summarised reads: how many requests the row stands for. Otherwise 1. */
  count: number;
}

/** `GET /operations/:id` */
export interface OperationDetail extends OperationSummary {
  correlationId: string;
  /** The run it belongs to; null for single operations. */
  runId: number | null;
  /** Who caused it: the token's name, the admin user's e-mail, or the system part. */
  actor: string;
  remoteId: string | null;
  durationMs: number;
  attempts: number;
  steps: OperationStep[];
  changes: AttributeChange[];
  http: HttpExchange | null;
  /** What the error code means and what to do; null when there is no error. */
  advice: ErrorAdvice | null;
}

export interface ErrorAdvice {
  code: string;
  cause: string;
  whatToDo: string;
  retryHelps: boolean;
}

/** Query of `GET /operations`; lists are comma separated. Newest first. */
export interface OperationQuery {
  operation?: string;
  outcome?: string;
  connectionId?: string;
  /** ISO 8601, inclusive. */
  from?: string;
  /** ISO 8601, exclusive. */
  to?: string;
  /** Part of the object's name or its exact id. */
  search?: string;
  /** Opaque; from `nextCursor` or `previousCursor`. */
  cursor?: string;
  /** 1 to 100, default 20. */
  pageSize?: string;
}

export interface OperationPage {
  results: OperationSummary[];
  /** Older rows; null on the last page. */
  nextCursor: string | null;
  /** Newer rows; null on the first page. */
  previousCursor: string | null;
}
