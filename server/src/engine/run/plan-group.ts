import type { PlannedMembers } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { digestOf, risksOf, type ItemDraft } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { Directory } from '../../ports/directory';
import type { PlanMembers } from '../../ports/plan-members';
import { isTargetWide } from '../push/backoff';
import { MEMBER_PAGE, MemberDigest, notedMembers, type MemberChange } from '../push/member-digest';
import { pushGroup, type GroupPushDeps } from '../push/push-group';

export interface GroupPlanDeps extends GroupPushDeps {
  planMembers: PlanMembers;
}

export interface GroupPlanJob {
  runId: number;
  connection: Connection;
  target(): Promise<Directory>;
  /** Of an undo. */
  restore?: { state: Resource | null };
}

const SAMPLE = 10;
/** Members of a group that would be deleted, up to which an undo can bring them back. */
const KEPT_MEMBERS = 1_000;

/** What would be done about one group: the pipeline in a dry run, with the members that the plan of the people moves. Null: nothing. */
export async function planGroup(job: GroupPlanJob, key: string, deps: GroupPlanDeps): Promise<ItemDraft | null> {
  const { connection } = job;
  const marker = { id: 0, connectionId: connection.id, objectType: 'Group' as const, objectId: key, dirtySeq: 0, origin: null, attempts: 0 };
  const found: { members: Expected | null } = { members: null };
  const members = async (isLinked: boolean): Promise<MemberChange> => (found.members = await expected(job, key, isLinked, deps)).change;
  const draft: ItemDraft = {
    objectType: 'Group', objectId: key, objectName: null, kind: 'note', remoteId: null, changes: [], risks: [], digest: 'note', state: 'planned', errorCode: null, message: '', before: null,
    ...(job.restore === undefined ? {} : { restore: job.restore }),
  };
  try {
    const restore = job.restore === undefined ? {} : { restore: job.restore };
    const result = await pushGroup({ connection, target: job.target, marker, settleMarker: async () => undefined, dryRun: true, members, ...restore }, deps);
    const name = { objectName: result.objectName, remoteId: result.remoteId };
    if (result.outcome !== 'planned' || result.change.kind === 'none') {
      if (!result.hasToSettle) return null;
      return { ...draft, ...name, kind: result.isMatch ? 'link' : 'note', message: 'message' in result ? result.message : '' };
    }
    const { kind, changes } = result.change;
    return {
      ...draft,
      ...name,
      kind,
      changes,
      risks: risksOf(kind),
      digest: digestOf(result.change, result.remoteId, found.members?.change.digest),
      message: result.isMatch ? 'Found at the application, and linked.' : '',
      before: kind === 'delete' && result.remoteId !== null ? await wholeOf(await job.target(), result.remoteId) : null,
      ...(found.members === null ? {} : { members: shown(found.members) }),
    };
  } catch (error) {
    if (!(error instanceof ProvisioningError) || isTargetWide(error.code) || error.code === 'internal') throw error;
    return { ...draft, kind: 'update', state: 'failed', errorCode: error.code, message: error.message, risks: error.code === 'disputed' ? ['disputed'] : [] };
  }
}

interface Expected {
  change: MemberChange;
  joins: string[];
  leaves: string[];
}

/** Who will have to be sent once the people of the plan are done: what is noted already, and what the plan adds to it. */
async function expected({ runId, connection }: GroupPlanJob, key: string, isLinked: boolean, { pushedMembers, planMembers }: GroupPlanDeps): Promise<Expected> {
  const digest = new MemberDigest();
  const sample = { joins: [] as string[], leaves: [] as string[] };
  const note = (localId: string, joins: boolean): void => {
    digest.note(localId, joins);
    const list = joins ? sample.joins : sample.leaves;
    if (list.length < SAMPLE) list.push(localId);
  };
  for await (const page of notedMembers(pushedMembers, connection.id, key, isLinked)) {
    const moved = await planMembers.among(runId, key, page.map(({ localId }) => localId));
    for (const { localId, joins } of page) if (!moved.has(localId)) note(localId, joins);
  }
  for (let after = ''; ; ) {
    const page = await planMembers.page(runId, key, after, MEMBER_PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    // Of a group that is not there yet nobody is taken away.
    for (const { localId, joins } of page) if (joins || isLinked) note(localId, joins);
    after = last.localId;
  }
  return { change: digest.change, ...sample };
}

/** By id: names are looked up by whoever shows them, so that none is left of somebody who is erased. */
const shown = ({ change, joins, leaves }: Expected): PlannedMembers => ({ added: change.add, removed: change.remove, addedSample: joins, removedSample: leaves });

/** What an undo needs to make the group again; of a very large one, without its members. */
async function wholeOf(target: Directory, ref: string): Promise<Resource | null> {
  const held = await target.read('Group', ref);
  if (held === null) return null;
  const { displayName, externalId, members } = held.resource;
  const kept = Array.isArray(members) && members.length <= KEPT_MEMBERS ? members.flatMap(({ value }: { value?: unknown }) => (typeof value === 'string' ? [{ value }] : [])) : null;
  return { schemas: held.resource.schemas, displayName, ...(externalId === undefined ? {} : { externalId }), ...(kept === null ? { isTooLarge: true } : { members: kept }) };
}
