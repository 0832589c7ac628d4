import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { PlannedChange } from '../../domain/plan/change';
import type { TransitionItemDraft, Word } from '../../domain/transition/transition';
import type { TargetFactory } from '../../ports/target-factory';
import type { KnownPerson } from '../push/people';
import { pushUser, type PushDeps } from '../push/push-user';
import { messageOf } from '../step-recorder';

export interface RehearsalDeps extends PushDeps {
  targets: TargetFactory;
}

const WOULD: Readonly<Record<PlannedChange['kind'], string>> = {
  none: 'Nothing changes.',
  create: 'Is created.',
  update: 'Is changed.',
  deactivate: 'Is deactivated.',
  reactivate: 'Is activated again.',
  delete: 'Is deleted.',
};

export type Rehearsal = Pick<TransitionItemDraft, 'change' | 'remoteId' | 'message' | 'errorCode' | 'objectName'> & {
  /** A change of this kind, or none because all is as it should be; false: it would not come to that. */
  works: boolean;
};

/** What would come of a person's word in a connection: the pipeline in a dry run, as if the word held already. */
export async function rehearse(connection: Connection, person: KnownPerson, word: Word, deps: RehearsalDeps): Promise<Rehearsal> {
  const marker = { id: 0, connectionId: connection.id, objectType: 'User' as const, objectId: person.id, dirtySeq: 0, origin: null, attempts: 0 };
  const job = { connection, marker, person: { ...person, word }, dryRun: true, target: () => deps.targets.open(connection), settleMarker: async () => undefined };
  try {
    const result = await pushUser(job, deps);
    const found = { remoteId: result.remoteId, objectName: result.objectName, errorCode: null };
    if (result.outcome === 'planned') return { ...found, change: result.change.kind, message: WOULD[result.change.kind], works: true };
    const message = 'message' in result ? result.message : '';
    return { ...found, change: null, message, works: result.outcome === 'unchanged' || (result.outcome === 'out-of-scope' && word.step === 'out') };
  } catch (error) {
    if (!(error instanceof ProvisioningError) || error.code === 'internal') throw error;
    const userName = person.canonical?.userName ?? person.link?.snapshot?.userName;
    return { change: null, remoteId: person.link?.remoteId ?? null, objectName: typeof userName === 'string' ? userName : null, message: messageOf(error), errorCode: error.code, works: false };
  }
}
