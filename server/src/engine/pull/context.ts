import type { ObjectType, OperationKind, Trigger } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import type { PlannedChange } from '../../domain/plan/change';
import type { Run } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { DirectoryEntry, SourceDirectory } from '../../ports/directory';
import type { PullStore } from '../../ports/pull-store';
import type { RunStore } from '../../ports/run-store';
import type { CycleSource } from '../../ports/cycle-source';
import type { ScimRequestContext } from '../../ports/scim-service';
import { runPipeline } from '../pipeline';
import { inboundOptions, requestContext } from '../receive/context';
import type { ReceiveDeps } from '../receive/deps';

export interface PullDeps extends ReceiveDeps {
  pulls: PullStore;
}

export interface PullRunDeps extends PullDeps {
  runs: Pick<RunStore, 'items' | 'itemsOf' | 'finish'>;
  source: CycleSource;
  /** The source behind the connection of a run. Throws `credential-unreadable`. */
  open(connection: Connection, run: Run): Promise<PullContext>;
  /** Unexpected errors, for the server's own log. */
  onError(error: unknown): void;
}

/** On whose behalf objects of a source are brought into this Strapi. */
export interface PullContext {
  connection: Connection;
  source: SourceDirectory;
  /** Resource types as the connection has them. */
  types: ScimRequestContext['types'];
  trigger: Trigger;
  actor: string;
  correlationId: string;
  runId: number | null;
}

/** How one object goes through the pipeline. */
export interface PullMode {
  /** Nothing is written or logged: what would be done is answered, and what would be refused is thrown. */
  dryRun: boolean;
  /** Looks also at an object that the source did not change: what was changed in Strapi is put right. */
  full?: boolean;
  /** Asked before the change is written; throws where it may not be done. */
  approve?: (change: PlannedChange) => void | Promise<void>;
  /** Told which account somebody without a link is the same as, null for none; throws where that is not what was approved. */
  onMatch?: (localId: string | null) => void;
}

/** What was done for an object, or would be. Change null: its counterpart is as it should be. */
export interface PullOutcome {
  change: PlannedChange | null;
  /** The object that was here before and becomes its counterpart. */
  matched: string | null;
}

export const IN_STEP: PullOutcome = { change: null, matched: null };

/** An object as the source has it. Passwords are not for reading (RFC 7643 section 4.1.1), whatever a source answers. */
export function readable({ ref, resource }: DirectoryEntry): DirectoryEntry {
  const kept = Object.entries(resource).filter(([name]) => name.toLowerCase() !== 'password');
  return { ref, resource: { ...Object.fromEntries(kept), schemas: resource.schemas } as Resource };
}

/** The request that the source would have made, had it pushed. `seen` is told what came of it. */
export function asRequest(pull: PullContext, mode: PullMode, seen: (change: PlannedChange | null) => void): ScimRequestContext {
  const { connection, actor, correlationId, types, trigger, runId } = pull;
  return {
    connection,
    actor,
    correlationId,
    types,
    baseUrl: '',
    scopes: [],
    pass: { trigger, runId, dryRun: mode.dryRun, onChange: seen, ...(mode.approve === undefined ? {} : { approve: mode.approve }) },
  };
}

/** Throws the error, and leaves its row in the log unless this is a dry run. */
export async function refuse(ctx: ScimRequestContext, type: ObjectType, intent: OperationKind, name: string | null, error: unknown, deps: PullDeps): Promise<never> {
  const fail = (): never => {
    throw error;
  };
  const context = requestContext(ctx, type, intent, null, name);
  await runPipeline(context, { read: fail, scope: fail, join: fail, map: fail, guard: fail, apply: fail }, inboundOptions(deps, ctx, context), deps);
  return fail();
}
