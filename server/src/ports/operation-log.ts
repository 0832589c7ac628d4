import type { Direction, Population } from '../contracts/connection';
import type { ErrorCode } from '../contracts/error-codes';
import type {
  AttributeChange,
  HttpExchange,
  ObjectType,
  OperationKind,
  OperationStep,
  Outcome,
  Trigger,
} from '../contracts/operation';

/** One operation as the engine reports it. It is redacted before it is stored. */
export interface OperationRecord {
  at: number;
  connectionId: number;
  connectionName: string;
  direction: Direction;
  population: Population;
  trigger: Trigger;
  operation: OperationKind;
  outcome: Outcome;
  objectType: ObjectType;
  objectId: string | null;
  objectName: string | null;
  remoteId: string | null;
  errorCode: ErrorCode | null;
  message: string;
  correlationId: string;
  /** The run it belongs to; left out: none. */
  runId?: number | null;
  actor: string;
  durationMs: number;
  attempts: number;
  /** Requests this row stands for: reads are summarised. */
  count: number;
  steps: OperationStep[];
  changes: AttributeChange[];
  http: HttpExchange | null;
}

/** Joins the ambient transaction, so that a write and its row stand or fall together. */
export interface OperationLog {
  record(operation: OperationRecord): Promise<void>;
}
