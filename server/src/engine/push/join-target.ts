import type { Population } from '../../contracts/connection';
import type { AttributeChange } from '../../contracts/operation';
import type { MappingRule } from '../../contracts/mapping';
import { driftPolicyOf } from '../../domain/connection/outbound';
import { driftOf, NO_DRIFT, withDrift } from '../../domain/drift/drift';
import { asWritten } from '../../domain/drift/spelling';
import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import { mapResource, reduceResource, type Mapping } from '../../domain/mapping/mapping';
import { planChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { ConnectionStore } from '../../ports/connection-store';
import type { DirectoryEntry } from '../../ports/directory';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory } from '../../ports/local-directory';
import { presetOf } from '../../providers';
import type { StepReport } from '../step-recorder';
import type { PushJob } from './push-user';

/** A person as Strapi has them now, with what is remembered of them in this connection. */
export interface Source {
  /** Null: the account is gone. */
  resource: Resource | null;
  link: Link | null;
  /** What the connection's own system wrote last, if it provisions this person. */
  received: Resource | null;
  /** The person leaves the application: whatever system caused it, it has to be told. */
  leaves: boolean;
  /** A run is taken back: as what the person is looked for. Left out: it is not. */
  restore?: Resource | null;
}

/** The person at the application. */
export interface Target {
  /** Null: not there, as far as can be told. */
  ref: string | null;
  /** What the application holds, reduced to what the mapping writes. */
  known: Resource | null;
  /** All of what it holds, where it was asked just now. */
  held: Resource | null;
  /**
   * `echo`: the system itself made the change. `match`: found there just now, not linked before. `reread`: linked, and
   * asked what it holds because nobody knows whether the last write arrived.
   */
  kind: 'linked' | 'match' | 'reread' | 'echo' | 'absent';
  /** What was changed there since it was written. Left out: nobody looked. */
  drift?: AttributeChange[];
  /** Linked until now, and not there any more: said to be so just now. */
  isGone?: boolean;
}

export interface JoinDeps {
  links: LinkStore;
  connections: Pick<ConnectionStore, 'sendsHere'>;
  directoryOf(population: Population): LocalDirectory;
}

const ABSENT: Target = { ref: null, known: null, held: null, kind: 'absent' };

/**
 * Finds the person at the application: by link, else by the preset's join attributes. Nothing is ever created beside a
 * match, and an object that belongs to another account is never taken.
 */
export async function joinTarget(job: PushJob, rules: MappingRule[], source: Source, deps: JoinDeps): Promise<StepReport<Target>> {
  const { connection } = job;
  const { resource, link } = source;
  if (source.restore === undefined && !source.leaves && isEcho(job, rules, source)) {
    return { value: { ref: link?.remoteId ?? null, known: null, held: null, kind: 'echo' }, message: 'The system has this from itself: nothing to look for.' };
  }
  let isGone = false;
  if (link !== null && link.remoteId !== null) {
    const isCut = link.state === 'writing';
    if (resource === null || (!isCut && job.verify === undefined)) {
      const known = reduceResource(rules, link.snapshot ?? { schemas: [] });
      return { value: { ref: link.remoteId, known, held: null, kind: 'linked' }, message: `Linked to ${link.remoteId}.` };
    }
    const held = await heldBy(job, link.remoteId);
    if (held !== null) return isCut ? reread(rules, link, held) : compared(job, rules, link, held);
    // Said to be gone: looked for all the same before another one is made.
    isGone = !isCut;
  }
  // Who leaves is not mapped, because a rule that fails must not keep anybody in, and so is looked for as last sent only: the
  // name in Strapi may be somebody else's at an application whose rules make other names.
  const wanted = source.restore !== undefined ? asWanted(source.restore) : resource === null || source.leaves ? null : mapResource(rules, resource, null);
  const join = joinAttributes(job, source, wanted);
  // What was last sent or received is what the application knows; what Strapi holds now may be new to it.
  const same = await readByOwnId(job, link);
  const hit = same ?? (await search(job, join, link?.snapshot ?? null)) ?? (await search(job, join, wanted?.resource ?? null));
  const wasThere = link !== null && (link.state === 'assumed' || link.remoteId !== null);
  if (hit === null && resource !== null && wasThere && (await deps.connections.sendsHere(connection))) throw goneThere();
  if (hit === null) return { value: isGone ? { ...ABSENT, isGone } : ABSENT, message: `${isGone ? 'Gone at the application. ' : ''}No match by ${join.join(' or ')}.` };
  if (resource === null && same === null && (await isSomebodyElse(hit, job, deps))) {
    return { value: ABSENT, message: `${hit.ref} has the name now, but is somebody else.` };
  }
  if (await belongsToAnother(hit, job, deps)) {
    throw new ProvisioningError('conflict', `${hit.ref} at the application belongs to another account, whose own change is still on its way.`);
  }
  return { value: { ref: hit.ref, known: reduceResource(rules, hit.resource), held: hit.resource, kind: 'match', ...(isGone ? { isGone } : {}) }, message: `Matched to ${hit.ref}.` };
}

/**
 * A system that sends its people here and has one of them no more deleted or renamed them, and is about to say so. Made again,
 * whoever left there would be back.
 */
export const goneThere = (): ProvisioningError =>
  new ProvisioningError('conflict', 'The system that this person is shared with does not have them any more, or under another name. What it did is expected from it; nobody is made again.');

const asWanted = (resource: Resource | null): Mapping | null => (resource === null ? null : { resource, results: [] });

/**
 * Whom the system sent here it may call by the externalId that it sent, as another Strapi does: then they are found whatever their
 * name has become there. Only a UUID is surely nobody else's.
 */
async function readByOwnId(job: PushJob, link: Link | null): Promise<DirectoryEntry | null> {
  if (link?.state !== 'assumed' || link.externalId === null || !UUID.test(link.externalId)) return null;
  return (await job.target()).read('User', link.externalId);
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Null: not there any more, it says. */
async function heldBy({ verify, target }: PushJob, ref: string): Promise<DirectoryEntry | null> {
  return verify?.held === undefined ? (await target()).read('User', ref) : verify.held;
}

/** After a write whose outcome is unknown, only the application knows what it holds. */
function reread(rules: MappingRule[], { snapshot }: Link, { ref, resource }: DirectoryEntry): StepReport<Target> {
  const known = asWritten(snapshot ?? { schemas: [] }, reduceResource(rules, resource));
  return { value: { ref, known, held: resource, kind: 'reread' }, message: `Linked to ${ref}; read again, because the last write was cut short.` };
}

/** What was written there, and what of it somebody changed since. Whether that counts is the connection's policy. */
function compared({ connection }: PushJob, rules: MappingRule[], link: Link, { ref, resource }: DirectoryEntry): StepReport<Target> {
  const snapshot = link.snapshot ?? { schemas: [] };
  // What is only given to new people is theirs afterwards.
  const kept = rules.filter(({ when }) => when === 'always');
  const drift = driftOf(reduceResource(kept, snapshot), reduceResource(kept, resource), link.drift ?? NO_DRIFT);
  const written = reduceResource(rules, snapshot);
  const known = driftPolicyOf(connection) === 'overwrite' ? withDrift(written, drift) : written;
  const found = drift.length === 0 ? 'holds what was written' : `was changed there: ${drift.map(({ path }) => path).join(', ')}`;
  return { value: { ref, known, held: resource, kind: 'linked', drift }, message: `Linked to ${ref}; ${found}.` };
}

/**
 * A person who is gone and whose creation was cut short is recognised by our own id only: the name may be another's now.
 * So may one that was made up to be unique.
 */
function joinAttributes({ connection }: PushJob, { resource, link }: Source, wanted: Mapping | null): string[] {
  if (resource === null && link?.state === 'writing') return ['externalId'];
  const madeUp = wanted?.results.filter((result) => result.candidates !== undefined).map((result) => result.target) ?? [];
  return presetOf(connection.preset).outbound.join.filter((attribute) => !madeUp.includes(attribute));
}

/** Linked to another account, or just being written for it: then it carries that account's id, which we gave it. */
async function belongsToAnother(hit: DirectoryEntry, { connection, marker }: PushJob, { links }: JoinDeps): Promise<boolean> {
  const owner = await links.findByRemoteId(connection.id, 'User', hit.ref);
  if (owner !== null) return owner.localId !== marker.objectId;
  const { externalId } = hit.resource;
  if (typeof externalId !== 'string' || externalId === marker.objectId) return false;
  return (await links.get(connection.id, 'User', externalId)) !== null;
}

/** Nothing is deleted because of a name that is another's by now: there by our id on the object, here by the account. */
async function isSomebodyElse(hit: DirectoryEntry, job: PushJob, deps: JoinDeps): Promise<boolean> {
  const { externalId, userName } = hit.resource;
  if (typeof externalId === 'string') return externalId !== job.marker.objectId;
  if (typeof userName !== 'string') return false;
  const holders = await deps.directoryOf(job.connection.population).findUsers({ attribute: 'userName', value: normaliseName(userName) });
  return holders.length > 0;
}

async function search(job: PushJob, join: string[], person: Resource | null): Promise<DirectoryEntry | null> {
  if (person === null) return null;
  const target = await job.target();
  for (const attribute of join) {
    const value = person[attribute];
    if (typeof value !== 'string') continue;
    const hits = await target.find('User', attribute, value);
    if (hits.length > 1) {
      throw new ProvisioningError('disputed', `${hits.length} users at the application have the ${attribute} ${value}.`, { attribute, refs: hits.map(({ ref }) => ref) });
    }
    const [hit] = hits;
    if (hit) return hit;
  }
  return null;
}

/**
 * Whether everything the system wrote is still as it wrote it: then sending it back would be an echo. What Strapi added
 * by itself to the system's own change is no reason to send.
 */
function isEcho({ marker, connection }: PushJob, rules: MappingRule[], { resource, link, received }: Source): boolean {
  const isAssumed = link?.state === 'assumed';
  const isAnswer = marker.origin === connection.system && received !== null;
  if (resource === null || !(isAssumed || isAnswer)) return false;
  const ours = mapResource(rules, resource, null).resource;
  if (isAssumed && planChange(reduceResource(rules, link.snapshot ?? { schemas: [] }), ours).kind === 'none') return true;
  if (!isAnswer) return false;
  const theirs = reduceResource(rules, received);
  return planChange(theirs, { ...ours, externalId: theirs.externalId }).changes.every((change) => change.before === null);
}
