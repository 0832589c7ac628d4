import type { Connection } from '../domain/connection/connection';
import type { OperationRecord } from '../ports/operation-log';

type Told = 'at' | 'trigger' | 'operation' | 'outcome' | 'message' | 'correlationId' | 'actor';

/** A row of the log that no pass of the pipeline stands behind: about a connection as a whole, unless the fields name an object. */
export const plainRecord = (
  { id, name, direction, population }: Pick<Connection, 'id' | 'name' | 'direction' | 'population'>,
  fields: Pick<OperationRecord, Told> & Partial<OperationRecord>
): OperationRecord => ({
  connectionId: id,
  connectionName: name,
  direction,
  population,
  objectType: 'User',
  objectId: null,
  objectName: null,
  remoteId: null,
  errorCode: null,
  durationMs: 0,
  attempts: 1,
  count: 1,
  steps: [],
  changes: [],
  http: null,
  ...fields,
});
