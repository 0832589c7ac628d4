import type { AttributeChange, HttpExchange, Trigger } from '../../contracts/operation';
import type { LeavingAction } from '../../contracts/scope';
import type { Connection } from '../../domain/connection/connection';
import { driftPolicyOf } from '../../domain/connection/outbound';
import { hashOf } from '../../domain/diff/canonical';
import type { KnownDrift } from '../../domain/drift/drift';
import { ProvisioningError } from '../../domain/errors';
import { mapResource, type Mapping } from '../../domain/mapping/mapping';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import { tellWord, type Word } from '../../domain/transition/transition';
import { mergeResources, subtractResource } from '../../domain/resource/merge';
import type { Resource } from '../../domain/resource/resource';
import type { IdSource } from '../../ports/clock';
import type { Directory, DirectoryEntry } from '../../ports/directory';
import type { LinkState } from '../../ports/link-store';
import type { Marker } from '../../ports/outbox';
import { rulesOf } from '../../providers';
import { USER_URN } from '../../scim/schema/urns';
import { settleWord } from '../transition/settle-word';
import { runPipeline, type Told, type Applied, type PipelineContext, type PipelineDeps, type PipelineGuard, type PipelineResult } from '../pipeline';
import type { StepReport } from '../step-recorder';
import { isTargetWide } from './backoff';
import type { MemberChange } from './member-digest';
import { noteDrift, type DriftNote } from './drift-notes';
import { joinTarget, type Source, type Target } from './join-target';
import { chooseAnother, chooseUnique, tellRules, withOthersElements } from './wanted-state';
import { NEW_ID, SAME_GROUPS, type MembershipChanges, type MembershipDeps } from './memberships';
import { INACTIVE, Participation } from './participation';
import { readPeople, type KnownPerson, type PeopleDeps } from './people';
import { groupsAt, leaveGroups } from './target-groups';

export interface PushDeps extends PipelineDeps, PeopleDeps, MembershipDeps {
  ids: IdSource;
}

export interface PushJob {
  connection: Connection;
  /** Opened within a step, so that unreadable credentials are an operation in the log. */
  target(): Promise<Directory>;
  marker: Marker;
  /** Takes the marker away, in the transaction that remembers the new state. */
  settleMarker(): Promise<void>;
  /** What started it; left out: the person changed. */
  run?: { id: number | null; trigger: Trigger; actor: string };
  /** Nothing is sent, remembered or logged. */
  dryRun?: boolean;
  /** The person, where somebody has read them just now. */
  person?: KnownPerson;
  /** Throws where this is not the change that was approved. `ref`: the person at the application, null: not there yet. */
  approve?(change: PlannedChange, ref: string | null, members?: string): void | Promise<void>;
  /** Of a group in a dry run: which members would have to be sent. */
  members?(isLinked: boolean): Promise<MemberChange>;
  /** Of a person's part in a plan: those of these groups that the plan goes on with by itself. */
  groupsToCome?(groupKeys: string[]): Promise<string[]>;
  /** Of a group: takes back what a run did to its members, before they are sent. Throws `stale`. */
  revert?(): Promise<void>;
  /** Brings this state of the application back, whatever the rules say; null: not there. */
  restore?: { state: Resource | null };
  /** The application is asked what it holds, instead of believing that it has what was written. `held`: somebody has asked just now; null: not there. */
  verify?: { held?: DirectoryEntry | null };
  /** Of real-time deliveries. */
  guard?: ((context: PipelineContext) => PipelineGuard) | undefined;
}

/** How it went, and whom it was about at the application. */
export type PushResult = PipelineResult & {
  objectName: string | null;
  remoteId: string | null;
  /** The application had the person already, and was not linked. */
  isMatch: boolean;
  /** Nothing is sent, but something has to be remembered: a tie, a sentence, the end of a grace period. */
  hasToSettle: boolean;
  /** What was changed at the application, where it was asked. */
  drift?: AttributeChange[];
  /** Linked until now, and not there any more. */
  isGone?: boolean;
  /** Of a person in a dry run. */
  memberships?: MembershipChanges;
};

/**
 * Brings one user of the target up to what Strapi holds now. Idempotent: run again after any interruption it ends in
 * the same state and makes no second object, because a missing link is searched at the target before anything is created.
 */
export async function pushUser(job: PushJob, given: PushDeps): Promise<PushResult> {
  const { connection, marker } = job;
  const deps: PushDeps = job.groupsToCome === undefined ? given : { ...given, groupsToCome: job.groupsToCome };
  const rules = rulesOf(connection);
  const { source, participation, word } = await readSource(job, deps);
  /** What a person approved for exactly this one. */
  const approved = word?.isOpen === true ? word : null;
  const leaving = job.restore === undefined ? participation.leaving : null;
  const name = nameIn(source.resource) ?? nameIn(source.link?.snapshot ?? null);
  let mapping: Mapping = { resource: { schemas: [USER_URN] }, results: [] };
  let joined: Target | null = null;
  let groups: DirectoryEntry[] = [];
  /** What the application holds after it was written. */
  let answer: Resource | null = null;
  const policy = driftPolicyOf(connection);
  const noted = (target: Target, change: PlannedChange): DriftNote =>
    noteDrift({ policy, link: source.link, target, change, written: mapping.resource, isVerified: job.verify !== undefined }, answer);

  const saveLink = (remoteId: string | null, state: LinkState, snapshot: Resource = mapping.resource, drift?: KnownDrift | null): Promise<void> =>
    deps.links.save({
      connectionId: connection.id,
      objectType: 'User',
      localId: marker.objectId,
      remoteId,
      // What the person's own system calls them is how they are found there, until the application's id is known.
      externalId: state === 'assumed' ? (source.link?.externalId ?? null) : null,
      kept: null,
      snapshot,
      hash: state === 'writing' ? null : hashOf(snapshot),
      state,
      ...(drift === undefined ? {} : { drift }),
    });
  const removeLink = (): Promise<void> => deps.links.remove(connection.id, 'User', marker.objectId);

  const context: PipelineContext = {
    connection,
    objectType: 'User',
    trigger: job.run?.trigger ?? (approved === null ? 'real-time' : 'on-demand'),
    runId: job.run?.id ?? null,
    actor: job.run?.actor ?? approved?.actor ?? (marker.origin === null ? 'Strapi' : `Strapi, after a change from ${marker.origin}`),
    correlationId: approved?.correlationId ?? deps.ids.uuid(),
    intent: source.resource === null ? 'delete' : source.link === null ? 'create' : 'update',
    objectId: marker.objectId,
    objectName: name,
    attempts: marker.attempts + 1,
  };

  const result = await runPipeline<Source, Target>(
    context,
    {
      read: () => ({ value: source, message: source.resource === null ? 'The account no longer exists in Strapi.' : 'Read from Strapi as it is now.' }),
      scope: () => (job.restore === undefined ? participation.scope() : { value: true, message: 'What a run did is taken back.' }),
      join: async () => {
        const report = await joinTarget(job, rules, source, deps);
        joined = report.value;
        if (joined.kind === 'match') context.intent = 'link';
        if (leaving?.action === 'remove-groups' && joined.ref !== null) groups = await groupsAt(await job.target(), joined.ref);
        return report;
      },
      map: async ({ resource }, target) => {
        if (job.restore !== undefined) {
          const { state } = job.restore;
          if (state !== null) mapping = { resource: state, results: [] };
          return { value: { known: target.known, desired: state }, message: 'As it was before.' };
        }
        if (leaving !== null) {
          const leaver = leaverAt(target.known, leaving.action, groups);
          if (leaver.mapped !== null) mapping = { resource: leaver.mapped, results: [] };
          return { value: leaver.change, message: `By the rule of the connection: ${leaving.action}.` };
        }
        // Not met: who is gone leaves, or was never known.
        if (resource === null) return { value: { known: target.known, desired: null }, message: 'Nothing is to remain.' };
        mapping = mapResource(rules, resource, target.known);
        const mapped = mapping.resource;
        if (target.kind === 'echo') return { value: { known: mapped, desired: mapped }, message: 'The change came from this system: remembered, not sent.' };
        if (target.ref === null && resource.active === false) return { value: { known: mapped, desired: mapped }, message: INACTIVE };
        // What the application holds and this connection never wrote is left alone.
        const theirs = target.kind === 'match' || target.kind === 'reread' ? subtractResource(target.known, source.link?.snapshot ?? null) : null;
        await chooseUnique(job, mapping, target.ref);
        const states = await withOthersElements(job, rules, target, mergeResources(theirs, mapped));
        return { value: states, message: `Mapped by ${tellRules(connection)}.` };
      },
      guard: (change) => participation.guard(change),
      apply: async (change, _source, { ref }) => {
        if (leaving?.action === 'remove-groups' && ref !== null) {
          const { left, http } = await leaveGroups(await job.target(), ref);
          return { value: { objectId: marker.objectId, objectName: name, remoteId: ref, http, message: `Taken out of ${left} groups. ${leaving.reason}` }, message: `Taken out of ${left} groups.` };
        }
        // Remembered ahead: if the answer is lost or the process dies, it is asked what arrived. Of somebody who is gone
        // nothing else can be sent than the same again.
        const writeAhead = async (): Promise<void> => {
          if (source.resource !== null) await saveLink(ref, 'writing', mergeResources(source.link?.snapshot ?? null, mapping.resource));
        };
        for (;;) {
          try {
            const report = await apply(job, change, ref, name, writeAhead, (held) => {
              answer = held;
            });
            if (leaving !== null) report.value.message += ` ${leaving.reason}`;
            return report;
          } catch (error) {
            const isTaken = error instanceof ProvisioningError && error.code === 'uniqueness';
            if (!isTaken || ref !== null || !(await chooseAnother(job, mapping, change))) throw error;
          }
        }
      },
      settle: async (change, applied, target) => {
        const { remember, told } = noted(target, change);
        await (change.desired === null || leaving?.event === 'deleted' ? removeLink() : saveLink(applied.remoteId, 'linked', mapping.resource, remember));
        if (told !== '') applied.message += ` ${told}`;
        await participation.settle();
        await settleWord(word, marker.objectId, { remoteId: applied.remoteId, message: applied.message, isThere: change.desired !== null, held: null }, deps);
        await participation.followMemberships(deps);
        await job.settleMarker();
      },
      settleUnchanged: async (change) => {
        let told: string | Told | undefined = await participation.settle();
        if (leaving?.action === 'unlink' || (leaving?.event === 'deleted' && !participation.isHeld)) await removeLink();
        else if (change !== null && joined !== null && !participation.isHeld) {
          if (joined.kind === 'echo') await saveLink(joined.ref, joined.ref === null ? 'assumed' : 'linked');
          else if (joined.kind === 'match' || joined.kind === 'reread') await saveLink(joined.ref, 'linked');
          else if (joined.ref === null) await removeLink();
          else if (joined.drift !== undefined && leaving === null) {
            const note = noted(joined, change);
            if (joined.drift.length > 0 || note.remember !== undefined) await saveLink(joined.ref, 'linked', mapping.resource, note.remember);
            if (note.told !== '') told = { message: note.told, changes: joined.drift, operation: 'read' };
          }
        }
        const at = joinedOf(joined);
        const isThere = change !== null && at !== null && (at.ref !== null || at.kind === 'echo');
        const message = (typeof told === 'object' ? told.message : told) ?? (word?.step === 'out' && source.link === null ? NOT_KNOWN : isThere ? 'It was so already.' : participation.scope().message);
        await settleWord(word, marker.objectId, { remoteId: at?.ref ?? source.link?.remoteId ?? null, message, isThere, held: participation.heldBecause }, deps);
        await participation.followMemberships(deps);
        await job.settleMarker();
        return told;
      },
    },
    {
      transactional: false,
      dryRun: job.dryRun ?? false,
      approve: (change) => job.approve?.(change, joined?.ref ?? null),
      guard: approved === null ? job.guard?.(context) : undefined,
      logUnchanged: () => participation.isNews || (!participation.isHeld && (joined?.kind === 'match' || joined?.kind === 'reread')),
    },
    deps
  ).catch(async (error: unknown) => {
    // An attribute that the application does not take must not keep anybody in a group.
    const isTheirs = error instanceof ProvisioningError && !isTargetWide(error.code);
    if (isTheirs && job.dryRun !== true && job.restore === undefined) await deps.unitOfWork.run(() => participation.followMemberships(deps));
    throw error;
  });
  const at = joinedOf(joined);
  const plannedId = result.outcome === 'planned' && result.change.kind === 'create' ? NEW_ID : at === null ? (source.link?.remoteId ?? null) : at.ref;
  const memberships = job.dryRun === true && job.restore === undefined ? await participation.membershipChanges(plannedId, deps) : SAME_GROUPS;
  const tie = result.outcome === 'unchanged' && at !== null && (at.kind === 'echo' || at.kind === 'match' || at.kind === 'reread' || (at.ref === null && source.link !== null));
  return {
    ...result,
    objectName: name,
    remoteId: at === null ? (source.link?.remoteId ?? null) : at.ref,
    isMatch: at?.kind === 'match',
    memberships,
    ...(at?.drift === undefined ? {} : { drift: at.drift }),
    ...(at?.isGone === true ? { isGone: true } : {}),
    hasToSettle: result.outcome !== 'done' && (tie || (memberships.differs && result.outcome !== 'planned') || participation.wouldRemember || leaving?.action === 'unlink'),
  };
}

/** It is set within a step, which the compiler does not follow. */
const joinedOf = (joined: Target | null): Target | null => joined;

/** Of somebody who was to leave. */
const NOT_KNOWN = 'The application does not know the person.';

const nameIn = (resource: Resource | null): string | null => (typeof resource?.userName === 'string' ? resource.userName : null);

/** The account as it is now, what is remembered of it, and whether the person takes part. */
async function readSource({ connection, marker, person: given, restore }: PushJob, deps: PushDeps): Promise<{ source: Source; participation: Participation; word: Word | null }> {
  const [person] = given === undefined ? await readPeople(connection, [marker.objectId], deps) : [given];
  if (person === undefined) throw new ProvisioningError('internal', 'The person was not read.');
  const { canonical: resource, link, received } = person;
  if (restore !== undefined && person.word?.step === 'out') throw new ProvisioningError('stale', `${tellWord(person.word)} No run that is taken back brings them in again.`);
  const participation = await Participation.of(connection, person, deps);
  const source: Source = { resource, link, received, leaves: restore === undefined && participation.leaving !== null, ...(restore === undefined ? {} : { restore: restore.state }) };
  return { source, participation, word: person.word };
}

/** What the application is to hold of somebody who leaves; what it does not know cannot be changed there. */
function leaverAt(known: Resource | null, action: LeavingAction, groups: DirectoryEntry[]): { change: { known: Resource | null; desired: Resource | null }; mapped: Resource | null } {
  if (known === null || action === 'delete') return { change: { known, desired: null }, mapped: null };
  if (action === 'disable') return both(known, { ...known, active: false });
  const memberships = groups.map(({ ref, resource }) => ({ value: ref, display: resource.displayName }));
  // Not `groups`, which is derived and never compared.
  return both(memberships.length === 0 ? known : { ...known, memberOf: memberships }, known);
}

const both = (known: Resource, desired: Resource) => ({ change: { known, desired }, mapped: desired });

async function apply(
  job: PushJob,
  change: PlannedChange,
  ref: string | null,
  name: string | null,
  writeAhead: () => Promise<void>,
  answered: (held: Resource) => void
): Promise<StepReport<Applied>> {
  const target = await job.target();
  const applied = (remoteId: string | null, http: HttpExchange | null = null): Applied => ({
    objectId: job.marker.objectId,
    objectName: name,
    remoteId,
    http,
    message: tellChange(change),
  });
  if (change.desired === null) {
    if (ref !== null) await target.delete('User', ref);
    return { value: applied(ref), message: 'Deleted, or already gone.' };
  }
  await writeAhead();
  if (ref !== null) {
    const entry = await target.update('User', ref, change.desired, change.changes);
    // What it says it took and what it keeps may differ.
    answered((job.verify === undefined ? null : await target.read('User', ref))?.resource ?? entry.resource);
    return { value: applied(entry.ref, entry.exchange), message: change.changes.length === 1 ? 'Sent one changed attribute.' : `Sent ${change.changes.length} changed attributes.` };
  }
  const entry = await target.create('User', change.desired);
  answered(entry.resource);
  return { value: applied(entry.ref, entry.exchange), message: `Created as ${entry.ref}.` };
}
