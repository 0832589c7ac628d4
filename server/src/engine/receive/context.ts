import type { ObjectType, OperationKind } from '../../contracts/operation';
import type { ActorContext, ScimRequestContext } from '../../ports/scim-service';
import type { PipelineContext, PipelineOptions } from '../pipeline';
import type { ReceiveDeps } from './deps';

/** The log's view of an inbound request. */
export function requestContext(
  ctx: ActorContext,
  objectType: ObjectType,
  intent: OperationKind,
  objectId: string | null,
  objectName: string | null
): PipelineContext {
  return {
    connection: ctx.connection,
    objectType,
    trigger: ctx.pass?.trigger ?? 'inbound-request',
    runId: ctx.pass?.runId ?? null,
    actor: ctx.actor,
    correlationId: ctx.correlationId,
    intent,
    objectId,
    objectName,
  };
}

/** What was sent and not taken is said, by name only. */
export const droppedIn = ({ dropped }: ScimRequestContext): string => (dropped?.length ? ` Not taken: ${dropped.join(', ')}.` : '');

/** Provisioned objects are written in one transaction with their log row; a write without effect is logged too. */
export const INBOUND = { transactional: true, logUnchanged: () => true } as const;

/** The same for a write: what a provider pushes stays within the limits of its connection; of a pull, who is in step leaves no row. */
export function inboundOptions(deps: ReceiveDeps, ctx: ActorContext, context: PipelineContext): PipelineOptions {
  const { pass } = ctx;
  if (pass === undefined) return { ...INBOUND, guard: deps.guard?.inbound(ctx, context) };
  const { dryRun, approve, onChange } = pass;
  return {
    transactional: true,
    logUnchanged: () => false,
    dryRun,
    ...(approve === undefined ? {} : { approve }),
    onResult: (result) => onChange?.('change' in result ? result.change : null),
  };
}

export const isDryRun = ({ pass }: ActorContext): boolean => pass?.dryRun === true;
