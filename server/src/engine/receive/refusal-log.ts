import type { ObjectType, OperationKind } from '../../contracts/operation';
import type { Clock } from '../../ports/clock';
import type { OperationLog } from '../../ports/operation-log';
import type { ScimRequestContext } from '../../ports/scim-service';
import type { ScimError } from '../../scim/messages/error';
import { isRecorded } from '../pipeline';

const OBJECT_TYPES: ReadonlyMap<string, ObjectType> = new Map([
  ['Users', 'User'],
  ['Groups', 'Group'],
  // The request as a whole; its operations have rows of their own.
  ['Bulk', 'User'],
]);
/** Who asks, before anything of the request was understood. */
export type Asker = Pick<ScimRequestContext, 'connection' | 'actor' | 'correlationId'>;

const NO_OPERATION = new Set([405, 501]);

const INTENTS: Readonly<Record<string, OperationKind>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

/** Writes that were refused before the pipeline saw them (an unreadable body, an unknown id) are operations too. */
export class RefusalLog {
  constructor(
    private readonly log: OperationLog,
    private readonly clock: Clock
  ) {}

  async record(error: ScimError, request: { method: string; path: string; body: unknown }, ctx: Asker, cause: unknown): Promise<void> {
    const operation = INTENTS[request.method.toUpperCase()];
    if (operation === undefined || isRecorded(cause)) return;
    const [, collection, id] = request.path.split('/');
    const objectType = OBJECT_TYPES.get(collection ?? '');
    // A wrong address or method is no operation on anybody, and a search is none however it is sent.
    if (objectType === undefined || NO_OPERATION.has(error.status) || id === '.search') return;
    const message = collection === 'Bulk' ? `A bulk request was refused as a whole: ${error.detail}` : error.detail;
    await this.log.record({
      at: this.clock.now(),
      connectionId: ctx.connection.id,
      connectionName: ctx.connection.name,
      direction: ctx.connection.direction,
      population: ctx.connection.population,
      trigger: 'inbound-request',
      operation: collection === 'Bulk' ? 'update' : operation,
      outcome: 'refused',
      objectType,
      objectId: id ?? null,
      objectName: nameIn(request.body),
      remoteId: null,
      errorCode: error.code,
      message,
      correlationId: ctx.correlationId,
      actor: ctx.actor,
      durationMs: 0,
      attempts: 1,
      count: 1,
      steps: [{ name: 'read', outcome: 'refused', message: error.detail, durationMs: 0 }],
      changes: [],
      http: { method: request.method, path: request.path, status: error.status, requestBody: request.body ?? null, responseBody: null },
    });
  }
}

/** Whom it was about, as far as the body can be read. */
function nameIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const name = 'userName' in body ? body.userName : 'displayName' in body ? body.displayName : null;
  return typeof name === 'string' ? name : null;
}
