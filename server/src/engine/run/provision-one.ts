import type { OperationStep } from '../../contracts/operation';
import type { ProvisionResult } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { Outbox } from '../../ports/outbox';
import type { TargetFactory } from '../../ports/target-factory';
import { stepsOf } from '../pipeline';
import type { Delivery } from '../push/delivery';
import { pushUser, type PushDeps, type PushResult } from '../push/push-user';
import { messageOf } from '../step-recorder';

export interface ProvisionOneDeps extends PushDeps {
  outbox: Outbox;
  targets: TargetFactory;
  delivery: Delivery;
}

/** One person, now, while somebody looks on: each step and what came of it. */
export class ProvisionOne {
  constructor(private readonly deps: ProvisionOneDeps) {}

  async run(connection: Connection, scimId: string, { dryRun, actor }: { dryRun: boolean; actor: string }): Promise<ProvisionResult> {
    try {
      return told(scimId, dryRun ? await this.rehearse(connection, scimId) : await this.now(connection, scimId, actor));
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      return { ...empty(scimId), outcome: 'failed', message: messageOf(error), errorCode: error.code, steps: stepsOf(error) };
    }
  }

  private rehearse(connection: Connection, scimId: string): Promise<PushResult> {
    const marker = { id: 0, connectionId: connection.id, objectType: 'User' as const, objectId: scimId, dirtySeq: 0, origin: null, attempts: 0 };
    const job = { connection, marker, target: () => this.deps.targets.open(connection), settleMarker: async () => undefined, dryRun: true };
    return pushUser(job, this.deps);
  }

  /** As a change of the person would be: what fails is tried again by itself. */
  private async now(connection: Connection, scimId: string, actor: string): Promise<PushResult> {
    await this.deps.outbox.mark([connection.id], 'User', [scimId], null, { asked: true });
    return this.deps.delivery.deliverNow(connection, scimId, { id: null, trigger: 'on-demand', actor });
  }
}

const empty = (id: string): ProvisionResult => ({
  user: { id, userName: null },
  outcome: 'failed',
  kind: null,
  message: '',
  errorCode: null,
  steps: [] as OperationStep[],
  changes: [],
  remoteId: null,
});

function told(id: string, result: PushResult): ProvisionResult {
  const change = 'change' in result && result.change.kind !== 'none' ? result.change : null;
  const message = result.outcome === 'done' ? result.applied.message : 'message' in result ? result.message : 'Nothing is sent: this is what would be done.';
  return {
    ...empty(id),
    user: { id, userName: result.objectName },
    outcome: result.outcome,
    kind: change === null || change.kind === 'none' ? null : change.kind,
    message,
    steps: result.steps,
    changes: change?.changes ?? [],
    remoteId: result.outcome === 'done' ? result.applied.remoteId : result.remoteId,
  };
}
