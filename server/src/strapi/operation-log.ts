import { randomBytes } from 'node:crypto';
import { redact } from '../domain/log/redact';
import { normaliseName } from '../domain/identity/normalise';
import { TABLES } from '../models';
import type { OperationLog, OperationRecord } from '../ports/operation-log';
import type { Database } from './database';

const NAME_LIMIT = 255;

/** What a refused request holds may be no text for a database (PostgreSQL: NUL); the refusal has to be stored all the same. */
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').replace(/[\ud800-\udfff]/gu, '\ufffd');

const cut = (text: string | null): string | null => (text === null ? null : storable(text.slice(0, NAME_LIMIT)));

/** Writes rows of the provisioning log, redacted, in the transaction of the operation they tell of. */
export class SqlOperationLog implements OperationLog {
  constructor(private readonly database: Database) {}

  async record(operation: OperationRecord): Promise<void> {
    const { steps, changes, http } = operation;
    const row = {
      at: operation.at,
      connection_id: operation.connectionId,
      connection_name: operation.connectionName,
      direction: operation.direction,
      population: operation.population,
      trigger_kind: operation.trigger,
      operation: operation.operation,
      outcome: operation.outcome,
      object_type: operation.objectType,
      object_id: cut(operation.objectId),
      object_name: cut(operation.objectName),
      object_name_norm: operation.objectName === null ? null : cut(normaliseName(operation.objectName)),
      remote_id: cut(operation.remoteId),
      error_code: operation.errorCode,
      message: storable(operation.message),
      correlation_id: operation.correlationId,
      run_id: operation.runId ?? null,
      actor: cut(operation.actor),
      duration_ms: operation.durationMs,
      attempts: operation.attempts,
      count: operation.count,
      salt: randomBytes(16).toString('hex'),
      detail: JSON.stringify({ steps, changes: redact(changes), http: redact(http) }),
    };
    await this.database.query(async (tables) => tables(TABLES.operations).insert(row));
  }
}
