import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import { hashOf } from '../../domain/diff/canonical';
import { direct, mapResource, type MappingRule } from '../../domain/mapping/mapping';
import { planChange, type PlannedChange } from '../../domain/plan/change';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { Connection } from '../../domain/connection/connection';
import type { Directory, DirectoryEntry } from '../../ports/directory';
import type { IdSource } from '../../ports/clock';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory } from '../../ports/local-directory';
import type { Marker } from '../../ports/outbox';
import { presetOf } from '../../providers';
import { USER_URN } from '../../scim/schema/urns';
import { runPipeline, type Applied, type PipelineDeps, type PipelineResult } from '../pipeline';
import type { StepReport } from '../step-recorder';

export interface PushDeps extends PipelineDeps {
  ids: IdSource;
  links: LinkStore;
  directoryOf(population: Connection['population']): LocalDirectory;
}

export interface PushJob {
  connection: Connection;
  /** Opened within a step, so that unreadable credentials are an operation in the log. */
  target(): Promise<Directory>;
  marker: Marker;
  /** Takes the marker away, in the transaction that remembers the new state. */
  settleMarker(): Promise<void>;
}

/** A person as Strapi has them now, with what their provider wrote beside it. */
interface Source {
  resource: Resource | null;
  link: Link | null;
  /** What the provider wrote last, if one provisions this person. */
  received: Resource | null;
}

interface Target {
  link: Link | null;
  /** A match found at the target, not linked yet. */
  found: DirectoryEntry | null;
}

/**
 * Brings one user of the target up to what Strapi holds now. Idempotent: run again after any interruption it ends in
 * the same state and makes no second object, because a missing link is searched at the target before anything is created.
 */
export async function pushUser(job: PushJob, deps: PushDeps): Promise<PipelineResult> {
  const { connection, marker } = job;
  const preset = presetOf(connection.preset);
  const rules = preset.outbound.mapping;
  const source = await readSource(job, deps);
  const name = typeof source.resource?.userName === 'string' ? source.resource.userName : nameIn(source.link?.snapshot);

  const saveLink = (desired: Resource, remoteId: string | null): Promise<void> =>
    deps.links.save({
      connectionId: connection.id,
      objectType: 'User',
      localId: marker.objectId,
      remoteId,
      externalId: null,
      kept: null,
      snapshot: desired,
      hash: hashOf(desired),
      state: remoteId === null ? 'assumed' : 'linked',
    });

  const fromTarget = marker.origin === connection.system;
  let echo = false;
  let matched: string | null = null;

  return runPipeline<Source, Target>(
    {
      connection,
      objectType: 'User',
      trigger: 'real-time',
      actor: marker.origin === null ? 'Strapi' : `Strapi, after a change from ${marker.origin}`,
      correlationId: deps.ids.uuid(),
      intent: source.resource === null ? 'delete' : source.link === null ? 'create' : 'update',
      objectId: marker.objectId,
      objectName: name,
      attempts: marker.attempts + 1,
    },
    {
      read: () => ({ value: source, message: source.resource === null ? 'The account no longer exists in Strapi.' : 'Read from Strapi as it is now.' }),
      scope: ({ resource, link }) => scopeOf(resource, link),
      join: async ({ resource, link }) => {
        // What the system deleted itself needs no search there.
        if (resource === null && fromTarget) return { value: { link: null, found: null }, message: 'Deleted by this system itself.' };
        const report = await joinTarget(job, preset.outbound.join, resource, link);
        matched = report.value.found?.ref ?? null;
        return report;
      },
      map: ({ resource, received }, { link, found }) => {
        const known = found ? knownOf(rules, found.resource) : (link?.snapshot ?? null);
        if (resource === null) return { value: { known, desired: null }, message: 'Nothing is to remain.' };
        const desired = mapResource(rules, resource, [USER_URN], known);
        if (fromTarget && received !== null && unaltered(mapResource(rules, received, [USER_URN], null), desired)) {
          echo = true;
          return { value: { known: desired, desired }, message: 'The change came from this system: remembered, not sent.' };
        }
        // On the first write to an object that was there before, values Strapi does not have are left alone.
        return { value: { known, desired: found ? { ...known, ...desired } : desired }, message: `Mapped by the preset ${preset.id}.` };
      },
      guard: () => ({ value: undefined, message: 'Within what this connection may do.' }),
      apply: (change, _source, { link, found }) => apply(job, change, link?.remoteId ?? found?.ref ?? null, name),
      settle: async (change, applied) => {
        if (change.desired === null) await deps.links.remove(connection.id, 'User', marker.objectId);
        else await saveLink(change.desired, applied.remoteId);
        await job.settleMarker();
      },
      settleUnchanged: async (change) => {
        if (source.resource === null) await deps.links.remove(connection.id, 'User', marker.objectId);
        else if (change?.desired && (echo || matched !== null)) await saveLink(change.desired, source.link?.remoteId ?? matched);
        await job.settleMarker();
      },
    },
    { transactional: false, logUnchanged: () => matched !== null },
    deps
  );
}

const nameIn = (snapshot: Resource | null | undefined): string | null =>
  typeof snapshot?.userName === 'string' ? snapshot.userName : null;

async function readSource({ connection, marker }: PushJob, deps: PushDeps): Promise<Source> {
  const user = await deps.directoryOf(connection.population).readUser(marker.objectId);
  const links = await deps.links.ofObject('User', marker.objectId);
  const link = links.find((item) => item.connectionId === connection.id) ?? null;
  if (!user) return { resource: null, link, received: null };
  const kept = links.find((item) => item.kept !== null)?.kept ?? null;
  return { resource: presentUser(user.resource, kept, marker.objectId), link, received: kept };
}

function scopeOf(resource: Resource | null, link: Link | null): StepReport<boolean> {
  if (link !== null) return { value: true, message: 'Known to this connection.' };
  if (resource === null) return { value: false, message: 'Deleted before the application ever knew the account.' };
  if (resource.active === false) return { value: false, message: 'Inactive accounts are not created in the application.' };
  return { value: true, message: 'Every active account of the population is in scope.' };
}

async function joinTarget(job: PushJob, join: string[], resource: Resource | null, link: Link | null): Promise<StepReport<Target>> {
  if (link !== null && link.remoteId !== null) return { value: { link, found: null }, message: `Linked to ${link.remoteId}.` };
  if (resource === null) return { value: { link, found: null }, message: 'Never created in the application.' };
  const target = await job.target();
  for (const attribute of join) {
    const value = resource[attribute];
    if (typeof value !== 'string') continue;
    const hits = await target.find('User', attribute, value);
    if (hits.length > 1) {
      throw new ProvisioningError('disputed', `${hits.length} users at the application have the ${attribute} ${value}.`, { attribute });
    }
    const [hit] = hits;
    if (hit) return { value: { link, found: hit }, message: `Matched by ${attribute} to ${hit.ref}.` };
  }
  return { value: { link, found: null }, message: `No match by ${join.join(' or ')}.` };
}

/** What the target holds, reduced to what the mapping writes: the rest of the target's object is not ours to compare. */
function knownOf(rules: MappingRule[], remote: Resource): Resource {
  return mapResource(
    rules.map((rule) => direct(rule.target)),
    remote,
    [USER_URN],
    null
  );
}

/** Whether everything the system wrote is still as it wrote it; what Strapi added by itself is no reason to send. */
function unaltered(received: Resource, desired: Resource): boolean {
  return planChange(received, { ...desired, externalId: received.externalId }).changes.every((change) => change.before === null);
}

async function apply(job: PushJob, change: PlannedChange, remoteId: string | null, name: string | null): Promise<StepReport<Applied>> {
  const { marker } = job;
  const target = await job.target();
  const person = name ?? 'The user';
  const applied = (ref: string | null, message: string, http: HttpExchange | null = null): Applied => ({
    objectId: marker.objectId,
    objectName: name,
    remoteId: ref,
    http,
    message,
  });
  if (change.desired === null) {
    if (remoteId !== null) await target.delete('User', remoteId);
    return { value: applied(remoteId, `${person} was deleted at the application.`), message: 'Deleted, or already gone.' };
  }
  if (remoteId !== null) {
    const entry = await target.update('User', remoteId, change.desired, change.changes);
    const verb = change.kind === 'deactivate' ? 'deactivated' : change.kind === 'reactivate' ? 'reactivated' : 'updated';
    return { value: applied(entry.ref, `${person} was ${verb} at the application.`, entry.exchange), message: `Sent ${change.changes.length} changed attributes.` };
  }
  const entry = await target.create('User', change.desired);
  return { value: applied(entry.ref, `${person} was created at the application.`, entry.exchange), message: `Created as ${entry.ref}.` };
}
