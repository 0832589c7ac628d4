import type { HttpExchange } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import { hashOf } from '../../domain/diff/canonical';
import { ProvisioningError } from '../../domain/errors';
import { mapResource, type Mapping } from '../../domain/mapping/mapping';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import { mergeResources, subtractResource } from '../../domain/resource/merge';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { IdSource } from '../../ports/clock';
import type { ConnectionStore } from '../../ports/connection-store';
import type { Directory } from '../../ports/directory';
import type { LinkState, LinkStore } from '../../ports/link-store';
import type { LocalDirectory } from '../../ports/local-directory';
import type { Marker } from '../../ports/outbox';
import { rulesOf } from '../../providers';
import { USER_URN } from '../../scim/schema/urns';
import { runPipeline, type Applied, type PipelineContext, type PipelineDeps, type PipelineResult } from '../pipeline';
import type { StepReport } from '../step-recorder';
import { joinTarget, type Source, type Target } from './join-target';
import { chooseAnother, chooseUnique, tellRules, withOthersElements } from './wanted-state';

export interface PushDeps extends PipelineDeps {
  ids: IdSource;
  links: LinkStore;
  connections: ConnectionStore;
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

/**
 * Brings one user of the target up to what Strapi holds now. Idempotent: run again after any interruption it ends in
 * the same state and makes no second object, because a missing link is searched at the target before anything is created.
 */
export async function pushUser(job: PushJob, deps: PushDeps): Promise<PipelineResult> {
  const { connection, marker } = job;
  const rules = rulesOf(connection);
  const source = await readSource(job, deps);
  const name = nameIn(source.resource) ?? nameIn(source.link?.snapshot ?? null);
  let mapping: Mapping = { resource: { schemas: [USER_URN] }, results: [] };
  let joined: Target | null = null;

  const saveLink = (remoteId: string | null, state: LinkState, snapshot: Resource = mapping.resource): Promise<void> =>
    deps.links.save({
      connectionId: connection.id,
      objectType: 'User',
      localId: marker.objectId,
      remoteId,
      externalId: null,
      kept: null,
      snapshot,
      hash: state === 'writing' ? null : hashOf(snapshot),
      state,
    });
  const removeLink = (): Promise<void> => deps.links.remove(connection.id, 'User', marker.objectId);

  const context: PipelineContext = {
    connection,
    objectType: 'User',
    trigger: 'real-time',
    actor: marker.origin === null ? 'Strapi' : `Strapi, after a change from ${marker.origin}`,
    correlationId: deps.ids.uuid(),
    intent: source.resource === null ? 'delete' : source.link === null ? 'create' : 'update',
    objectId: marker.objectId,
    objectName: name,
    attempts: marker.attempts + 1,
  };

  return runPipeline<Source, Target>(
    context,
    {
      read: () => ({ value: source, message: source.resource === null ? 'The account no longer exists in Strapi.' : 'Read from Strapi as it is now.' }),
      scope: scopeOf,
      join: async () => {
        const report = await joinTarget(job, rules, source, deps);
        joined = report.value;
        if (joined.kind === 'match') context.intent = 'link';
        return report;
      },
      map: async ({ resource }, target) => {
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
      guard: () => ({ value: undefined, message: 'Within what this connection may do.' }),
      apply: async (change, _source, { ref }) => {
        // Remembered ahead: if the answer is lost or the process dies, it is asked what arrived.
        const writeAhead = () => saveLink(ref, 'writing', mergeResources(source.link?.snapshot ?? null, mapping.resource));
        for (;;) {
          try {
            return await apply(job, change, ref, name, writeAhead);
          } catch (error) {
            const isTaken = error instanceof ProvisioningError && error.code === 'uniqueness';
            if (!isTaken || ref !== null || !(await chooseAnother(job, mapping, change))) throw error;
          }
        }
      },
      settle: async (change, applied) => {
        await (change.desired === null ? removeLink() : saveLink(applied.remoteId, 'linked'));
        await job.settleMarker();
      },
      settleUnchanged: async (change) => {
        if (change !== null && joined !== null) {
          if (source.resource === null) await removeLink();
          else if (joined.kind === 'echo') await saveLink(joined.ref, joined.ref === null ? 'assumed' : 'linked');
          else if (joined.kind === 'match' || joined.kind === 'reread') await saveLink(joined.ref, 'linked');
          else if (joined.ref === null) await removeLink();
        }
        await job.settleMarker();
      },
    },
    { transactional: false, logUnchanged: () => joined?.kind === 'match' || joined?.kind === 'reread' },
    deps
  );
}

const INACTIVE = 'Inactive accounts are not created in the application.';

const nameIn = (resource: Resource | null): string | null => (typeof resource?.userName === 'string' ? resource.userName : null);

async function readSource({ connection, marker }: PushJob, deps: PushDeps): Promise<Source> {
  const user = await deps.directoryOf(connection.population).readUser(marker.objectId);
  const links = await deps.links.ofObject('User', marker.objectId);
  const link = links.find((item) => item.connectionId === connection.id) ?? null;
  if (!user) return { resource: null, link, received: null };
  const inbound = links.find((item) => item.kept !== null);
  const provider = inbound === undefined ? null : await deps.connections.get(inbound.connectionId);
  return {
    resource: presentUser(user.resource, inbound?.kept ?? null, marker.objectId),
    link,
    received: provider?.system === connection.system ? (inbound?.kept ?? null) : null,
  };
}

function scopeOf({ resource, link }: Source): StepReport<boolean> {
  if (link !== null) return { value: true, message: 'Known to this connection.' };
  if (resource === null) return { value: false, message: 'Deleted before the application ever knew the account.' };
  if (resource.active === false) return { value: false, message: INACTIVE };
  return { value: true, message: 'Every active account of the population is in scope.' };
}

async function apply(
  job: PushJob,
  change: PlannedChange,
  ref: string | null,
  name: string | null,
  writeAhead: () => Promise<void>
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
    return { value: applied(entry.ref, entry.exchange), message: change.changes.length === 1 ? 'Sent one changed attribute.' : `Sent ${change.changes.length} changed attributes.` };
  }
  const entry = await target.create('User', change.desired);
  return { value: applied(entry.ref, entry.exchange), message: `Created as ${entry.ref}.` };
}
