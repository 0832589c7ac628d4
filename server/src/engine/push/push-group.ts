import type { GroupEnding } from '../../contracts/scope';
import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { hashOf } from '../../domain/diff/canonical';
import { isChosen } from '../../domain/groups/choice';
import type { PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { Link, LinkState } from '../../ports/link-store';
import type { SourceGroup, SourceGroups } from '../../ports/source-groups';
import { presetOf } from '../../providers';
import { GROUP_URN } from '../../scim/schema/urns';
import { runPipeline, type Applied, type PipelineContext, type WantedState } from '../pipeline';
import type { StepReport } from '../step-recorder';
import { joinGroup, type GroupTarget } from './join-group';
import { memberChange, type MemberChange } from './member-digest';
import { isOwn, type MembershipDeps } from './memberships';
import { SWITCH_OF, SWITCHED_OFF } from './participation';
import type { PushDeps, PushJob, PushResult } from './push-user';
import { addedIds, sendMembers, type SentMembers } from './send-members';

export interface GroupPushDeps extends PushDeps, MembershipDeps {
  sourceGroups: SourceGroups;
}

/** Members in a request, where the preset names no other number. */
const MAX_MEMBERS = 1_000;
/** Requests of one pass: a large group is sent in several, so that others get their turn and no lease runs out. */
const MAX_REQUESTS = 20;
const PASS_MS = 20_000;

interface Source {
  group: SourceGroup | null;
  link: Link | null;
  /** What becomes of the group at the application; null: it is kept there. */
  ending: { action: GroupEnding; reason: string } | null;
}

/**
 * Brings one group of the target up to what Strapi holds now: its name, and the members that changed since they were sent, never
 * the others. Idempotent, as `pushUser`. A large group takes several passes; each leaves a row in the log.
 */
export async function pushGroup(job: PushJob, deps: GroupPushDeps): Promise<PushResult> {
  const { connection, marker } = job;
  const key = marker.objectId;
  const source = await readSource(job, deps);
  const { group, link, ending } = source;
  const wanted = wantedOf(job, source);
  /** Of a group that was deleted by a run which is taken back. */
  const formerMembers = Array.isArray(job.restore?.state?.members) ? (job.restore.state.members as { value: string }[]) : [];
  const name = group?.displayName ?? (typeof link?.snapshot?.displayName === 'string' ? link.snapshot.displayName : null);
  const most = Math.max(1, presetOf(connection.preset).outbound.groups?.maxMembers ?? MAX_MEMBERS);
  const sum: SentMembers = { added: 0, removed: 0, refused: [], http: null };
  let joined: GroupTarget | null = null;
  let members: MemberChange | null = null;
  let isHeld = false;
  let isUnfinished = false;

  const saveLink = (remoteId: string | null, state: LinkState): Promise<void> => {
    const snapshot = wanted ?? link?.snapshot ?? null;
    const hash = state === 'writing' ? null : hashOf(snapshot);
    return deps.links.save({ connectionId: connection.id, objectType: 'Group', localId: key, remoteId, externalId: null, kept: null, snapshot, hash, state });
  };
  const forget = async (): Promise<void> => {
    await deps.links.remove(connection.id, 'Group', key);
    await deps.pushedMembers.forgetGroup(connection.id, key);
  };

  /** Everybody who still has to be sent, in pages; stops when the pass is long enough. */
  const sendPending = async (ref: string): Promise<void> => {
    const until = deps.clock.now() + PASS_MS;
    for (let request = 0, after = 0; ; request += 1) {
      const page = await deps.pushedMembers.pending(connection.id, key, after, most);
      const last = page.at(-1);
      if (last === undefined) return;
      isUnfinished = request >= MAX_REQUESTS || deps.clock.now() >= until;
      if (isUnfinished) return;
      await sendMembers(await job.target(), ref, page, sum, deps);
      after = last.id;
    }
  };

  const create = async (resource: Resource): Promise<string> => {
    await saveLink(null, 'writing');
    const first = await deps.pushedMembers.pending(connection.id, key, 0, most);
    const values = [...new Set([...addedIds(first), ...formerMembers.map(({ value }) => value)])];
    const entry = await (await job.target()).create('Group', { ...resource, ...(values.length === 0 ? {} : { members: values.map((value) => ({ value })) }) });
    sum.http = entry.exchange ?? null;
    sum.added += values.length;
    await deps.unitOfWork.run(async () => {
      await saveLink(entry.ref, 'linked');
      await deps.pushedMembers.sent(first);
    });
    return entry.ref;
  };

  const context: PipelineContext = {
    connection,
    objectType: 'Group',
    trigger: job.run?.trigger ?? 'real-time',
    runId: job.run?.id ?? null,
    actor: job.run?.actor ?? (marker.origin === null ? 'Strapi' : `Strapi, after a change from ${marker.origin}`),
    correlationId: deps.ids.uuid(),
    intent: ending?.action === 'delete' ? 'delete' : link === null ? 'create' : 'update',
    objectId: key,
    objectName: name,
    attempts: marker.attempts + 1,
  };

  const result = await runPipeline<Source, GroupTarget>(
    context,
    {
      read: () => ({ value: source, message: group === null ? 'It no longer exists in Strapi.' : 'Read from Strapi as it is now.' }),
      scope: () => scopeOf(source),
      join: async () => {
        // What is taken back has to be known before it is counted.
        if (job.dryRun !== true) await job.revert?.();
        const report = await joinGroup(job, link, wanted, deps.links);
        joined = report.value;
        if (joined.kind === 'match' && wanted !== null) context.intent = 'link';
        return report;
      },
      map: async (_source, target): Promise<StepReport<WantedState>> => {
        if (wanted === null) return { value: { known: target.known, desired: null }, message: 'Nothing is to remain.' };
        const isLinked = target.kind === 'linked';
        if (job.members !== undefined) members = await job.members(isLinked);
        else if (job.approve !== undefined) members = await memberChange(deps.pushedMembers, connection.id, key, isLinked);
        const counts = members ?? (isLinked ? await deps.pushedMembers.count(connection.id, key) : { add: await deps.pushedMembers.countWanted(connection.id, key), remove: 0 });
        return { value: statesOf(wanted, target, counts), message: 'A role or group has its name and its members.' };
      },
      guard: (change) => {
        const held = switchedOff(connection, change);
        isHeld = held !== null;
        return held === null ? { value: undefined, message: 'Within what this connection may do.' } : { value: undefined, outcome: 'skipped', message: held };
      },
      apply: async (change, _source, target) => {
        const applied = (remoteId: string | null, message: string): StepReport<Applied> => ({ value: { objectId: key, objectName: name, remoteId, http: sum.http, message }, message });
        if (wanted === null) {
          if (target.ref !== null) await (await job.target()).delete('Group', target.ref);
          return applied(target.ref, `Deleted. ${ending?.reason ?? ''}`.trim());
        }
        if (target.kind !== 'linked') await deps.unitOfWork.run(() => deps.pushedMembers.restart(connection.id, key, target.members));
        const attributes = change.changes.filter(({ path }) => !path.startsWith('members.'));
        let { ref } = target;
        if (ref === null) ref = await create(wanted);
        else {
          if (target.kind === 'match' || attributes.length > 0) await saveLink(ref, 'writing');
          if (attributes.length > 0) sum.http = (await (await job.target()).update('Group', ref, wanted, attributes)).exchange ?? null;
        }
        await sendPending(ref);
        return applied(ref, tell(target, attributes.length > 0, sum, isUnfinished));
      },
      settle: async (_change, applied) => {
        if (wanted === null) await forget();
        else {
          await saveLink(applied.remoteId, 'linked');
          await deps.pushedMembers.refused(sum.refused);
          // Raises the marker: it is not removed, and what is left is sent in the next pass.
          if (isUnfinished) await deps.outbox.mark([connection.id], 'Group', [key], marker.origin);
        }
        await job.settleMarker();
      },
      settleUnchanged: async (change) => {
        let told: string | undefined;
        if (change === null || (wanted === null && !isHeld)) {
          if (link !== null && ending?.action === 'leave') told = `${ending.reason} It is left as it is and no longer linked.`;
          await forget();
        } else if (!isHeld && joined?.kind === 'match') {
          await deps.pushedMembers.restart(connection.id, key, joined.members);
          await saveLink(joined.ref, 'linked');
        }
        await job.settleMarker();
        return told;
      },
    },
    {
      transactional: false,
      dryRun: job.dryRun ?? false,
      approve: (change) => job.approve?.(change, joined?.ref ?? null, members?.digest),
      logUnchanged: () => isHeld || joined?.kind === 'match',
    },
    deps
  );
  const isTie = result.outcome === 'unchanged' && context.intent === 'link';
  return {
    ...result,
    objectName: name,
    remoteId: result.outcome === 'done' ? result.applied.remoteId : (refOf(joined) ?? link?.remoteId ?? null),
    isMatch: result.outcome !== 'out-of-scope' && context.intent === 'link',
    hasToSettle: job.dryRun === true && (isTie || (result.outcome === 'out-of-scope' && link !== null)),
  };
}

/** It is set within a step, which the compiler does not follow. */
const refOf = (joined: GroupTarget | null): string | null => joined?.ref ?? null;

/** What the group is to be at the application; null: not there. */
function wantedOf({ restore, marker }: PushJob, { group, ending }: Source): Resource | null {
  if (ending !== null) return null;
  const name = restore?.state == null ? group?.displayName : restore.state.displayName;
  return typeof name === 'string' ? { schemas: [GROUP_URN], displayName: name, externalId: marker.objectId } : null;
}

async function readSource({ connection, marker, restore }: PushJob, deps: GroupPushDeps): Promise<Source> {
  const group = await deps.sourceGroups.read(connection.population, marker.objectId);
  const link = await deps.links.get(connection.id, 'Group', marker.objectId);
  return { group, link, ending: restore === undefined ? await endingOf(connection, marker.objectId, group, deps) : restore.state === null ? UNDONE : null };
}

const UNDONE: Source['ending'] = { action: 'delete', reason: 'What a run did is taken back.' };

async function endingOf(connection: Connection, key: string, group: SourceGroup | null, deps: GroupPushDeps): Promise<Source['ending']> {
  const { whenDeleted, whenNotChosen } = outboundOf(connection).groups;
  if (group === null) return { action: whenDeleted, reason: 'It no longer exists in Strapi.' };
  if (!isChosen(connection, key)) return { action: whenNotChosen, reason: 'It is not among the groups of this connection.' };
  if (group.connectionId !== null && (await isOwn(connection, group.connectionId, deps))) return { action: 'leave', reason: 'The application’s own system pushed it.' };
  return null;
}

function scopeOf({ link, ending }: Source): StepReport<boolean> {
  if (ending === null) return { value: true, message: 'One of the groups of this connection.' };
  return { value: link !== null && ending.action === 'delete', message: ending.reason };
}

/** Members stand in numbers: a group may have a hundred thousand. */
function statesOf(wanted: Resource, { known, kind }: GroupTarget, { add, remove }: { add: number; remove: number }): WantedState {
  const members = { ...(add > 0 ? { added: add } : {}), ...(remove > 0 ? { removed: remove } : {}) };
  const desired = { ...wanted, ...(add + remove > 0 ? { members } : {}) };
  if (known === null) return { known, desired };
  const { displayName, externalId } = known;
  // What another system noted on a group that was there before is left alone.
  const kept = kind === 'match' && typeof externalId === 'string' && externalId !== '' ? { externalId: desired.externalId } : { externalId };
  return { known: { schemas: wanted.schemas, displayName, ...kept }, desired };
}

function switchedOff(connection: Connection, { kind }: PlannedChange): string | null {
  if (kind === 'none') return null;
  const operation = SWITCH_OF[kind];
  return outboundOf(connection).switches[operation] ? null : SWITCHED_OFF[operation];
}

function tell({ kind }: GroupTarget, isWritten: boolean, { added, removed, refused }: SentMembers, isUnfinished: boolean): string {
  const people = (count: number): string => `${count} ${count === 1 ? 'member' : 'members'}`;
  const parts = [
    kind === 'absent' ? 'Created.' : kind === 'match' ? 'Linked to the group of this name.' : isWritten ? 'Renamed.' : '',
    added > 0 ? `Added ${people(added)}.` : '',
    removed > 0 ? `Removed ${people(removed)}.` : '',
    refused.length > 0 ? `The application refused ${people(refused.length)}: ${refused.map(({ localId }) => localId).join(', ')}.` : '',
    isUnfinished ? 'The rest follows.' : '',
  ];
  return parts.filter((part) => part !== '').join(' ') || 'Sent again.';
}
