/** Failures of the delivery, as the admin API shows them. Dates are ISO 8601. */
import type { ErrorAdvice, ObjectType } from './operation';

/**
 * What an error is about, and so who can end it. `transient`: time; nobody has to do anything. `conflict`: two sides want
 * different things of one object. `bad-data`: whoever keeps the data or the rules. `auth`: credentials, rights or an approval
 * are missing. `gone`: what it is about is not there (any more). `internal`: the plugin or its database.
 */
export const ERROR_CLASSES = ['transient', 'conflict', 'bad-data', 'auth', 'gone', 'internal'] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** A connection that stopped trying because its target keeps failing. It probes slowly and leaves by itself. */
export interface Quarantine {
  since: string;
  /** What the target answered last, in a sentence. */
  reason: string;
  nextProbeAt: string;
}

/** A change that a retry cannot help. It waits for a person, or for the object's next change. */
export interface FailedChange {
  id: number;
  objectType: ObjectType;
  /** SCIM id. */
  objectId: string;
  /** userName or displayName; null: nobody knows it any more. */
  objectName: string | null;
  errorCode: string;
  errorClass: ErrorClass;
  message: string;
  attempts: number;
  firstFailedAt: string | null;
  lastFailedAt: string | null;
  advice: ErrorAdvice | null;
}

/** `GET /connections/:id/failed?cursor&pageSize`, oldest change first. */
export interface FailedPage {
  results: FailedChange[];
  nextCursor: string | null;
}

/** Body of `POST /connections/:id/failed/retry` and `.../failed/dismiss`: ids of failed changes, at most 1,000, or all of them. */
export type FailedSelection = { ids: number[] } | { all: true };
