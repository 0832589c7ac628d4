import type { PlannedKind } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { driftPolicyOf } from '../../domain/connection/outbound';
import { ProvisioningError } from '../../domain/errors';
import { digestOf, risksOf, type ItemDraft } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { Directory } from '../../ports/directory';
import { isTargetWide } from '../push/backoff';
import { SAME_GROUPS, type MembershipChanges } from '../push/memberships';
import type { KnownPerson } from '../push/people';
import { isNewDrift, leftDrift } from '../push/drift-notes';
import { pushUser, type PushDeps, type PushJob, type PushResult } from '../push/push-user';

/** What a plan holds for a person: an item, or nothing but a count. */
export interface PersonPlan {
  counts: 'unchanged' | 'outOfScope' | 'heldBack' | 'planned' | 'unplannable';
  item: ItemDraft | null;
  /** Something was changed at the application; it is not there any more. */
  found?: 'drifted' | 'vanished' | null;
  /** Ids at the application of those who are, or may be, the person. */
  refs?: readonly string[];
  memberships?: MembershipChanges;
}

export interface PlanJob {
  connection: Connection;
  target(): Promise<Directory>;
  /** Of an undo. */
  restore?: { state: Resource | null };
  /** The application is asked what it holds of the person. */
  verify?: NonNullable<PushJob['verify']>;
}

/**
 * What would be done about one person: the pipeline in a dry run. Throws where the target as a whole cannot be asked; what
 * is wrong with the person alone is an item that failed.
 */
export async function planPerson(job: PlanJob, person: KnownPerson, deps: PushDeps): Promise<PersonPlan> {
  const { connection } = job;
  const marker = { id: 0, connectionId: connection.id, objectType: 'User' as const, objectId: person.id, dirtySeq: 0, origin: null, attempts: 0 };
  try {
    const result = await pushUser({ ...job, marker, person, dryRun: true, settleMarker: async () => undefined }, deps);
    const plan = planOf(result, person, job);
    if (plan.item?.kind === 'delete') plan.item.before = await wholeOf(job, plan.item);
    if (plan.item !== null && job.verify !== undefined) plan.item.verify = true;
    return { ...plan, memberships: result.memberships ?? SAME_GROUPS, refs: result.isMatch && result.remoteId !== null ? [result.remoteId] : [], found: result.isGone === true ? 'vanished' : (result.drift ?? []).length > 0 ? 'drifted' : null };
  } catch (error) {
    if (!(error instanceof ProvisioningError) || isTargetWide(error.code) || error.code === 'internal') throw error;
    const kind: PlannedKind = person.canonical === null ? 'delete' : person.link === null ? 'create' : 'update';
    const draft = draftOf(person, kind, { remoteId: person.link?.remoteId ?? null, objectName: nameOf(person) });
    return {
      counts: 'unplannable',
      refs: error.refs,
      item: { ...draft, state: 'failed', errorCode: error.code, message: error.message, ...(error.code === 'disputed' ? { risks: ['disputed'], pairing: 'disputed' } : {}) },
    };
  }
}

/** What goes with a deletion beyond what this connection wrote, so that an undo can bring all of it back. */
async function wholeOf(job: PlanJob, { remoteId, before }: ItemDraft): Promise<Resource | null> {
  const held = remoteId === null ? null : await (await job.target()).read('User', remoteId);
  if (held === null) return before;
  const { id: _id, meta: _meta, groups: _groups, ...whole } = held.resource;
  return { ...whole, schemas: held.resource.schemas };
}

function planOf(result: PushResult, person: KnownPerson, { restore, connection }: PlanJob): PersonPlan {
  const drift = result.drift ?? [];
  const name = { remoteId: result.remoteId, objectName: result.objectName ?? nameOf(person) };
  if (result.outcome === 'planned' && result.change.kind !== 'none') {
    const { change } = result;
    const draft = draftOf(person, change.kind === 'none' ? 'note' : change.kind, name);
    return {
      counts: 'planned',
      item: {
        ...draft,
        changes: change.changes,
        digest: digestOf(change, result.remoteId),
        before: change.kind === 'delete' ? change.before : null,
        message: [result.isGone === true ? GONE : '', result.isMatch ? 'Found at the application, and linked.' : ''].filter((part) => part !== '').join(' '),
        drift,
        ...(restore === undefined ? pairingOf(result.isMatch, change.kind === 'create' && result.isGone !== true) : { restore }),
      },
    };
  }
  const counts = result.outcome === 'out-of-scope' ? 'outOfScope' : result.outcome === 'held' ? 'heldBack' : 'unchanged';
  if (drift.length > 0 && counts === 'unchanged') {
    const left = leftDrift(driftPolicyOf(connection), { ref: null, known: null, held: null, kind: 'linked', drift }, null);
    const isNews = left.length === 0 || isNewDrift(left, person.link);
    const item: ItemDraft = { ...draftOf(person, 'drift', name), drift, state: isNews ? 'planned' : 'listed', message: isNews ? '' : 'Told before.' };
    return { counts: isNews || result.hasToSettle ? 'planned' : 'unchanged', item: result.hasToSettle ? { ...item, state: 'planned' } : item };
  }
  if (!result.hasToSettle) return { counts, item: null };
  const kind: PlannedKind = result.isMatch ? 'link' : 'note';
  return { counts, item: { ...draftOf(person, kind, name), ...pairingOf(result.isMatch, false), message: result.isGone === true ? GONE : 'message' in result ? result.message : '' } };
}

const pairingOf = (isMatch: boolean, isNew: boolean): Pick<ItemDraft, 'pairing'> => (isMatch ? { pairing: 'matched' } : isNew ? { pairing: 'new' } : {});

const GONE = 'Not at the application any more.';

function draftOf(person: KnownPerson, kind: PlannedKind, name: Pick<ItemDraft, 'remoteId' | 'objectName'>): ItemDraft {
  return {
    objectType: 'User',
    objectId: person.id,
    ...name,
    kind,
    changes: [],
    risks: risksOf(kind),
    digest: kind,
    state: 'planned',
    errorCode: null,
    message: '',
    before: null,
  };
}

const nameOf = ({ canonical, link }: KnownPerson): string | null => {
  const name = canonical?.userName ?? link?.snapshot?.userName;
  return typeof name === 'string' ? name : null;
};
