import { ProvisioningError } from '../../domain/errors';
import type { Resource } from '../../domain/resource/resource';
import type { DirectoryEntry } from '../../ports/directory';
import type { Link, LinkStore } from '../../ports/link-store';
import { presetOf } from '../../providers';
import type { StepReport } from '../step-recorder';
import type { PushJob } from './push-user';

/** The group at the application. */
export interface GroupTarget {
  /** Null: not there. */
  ref: string | null;
  /** What it holds of what is written; attributes that nobody knows are left out. */
  known: Resource | null;
  /** `match`: found there just now, not linked before. */
  kind: 'linked' | 'match' | 'absent';
  /** Ids of its members as far as the search that found it told them. */
  members: string[];
}

const ABSENT: GroupTarget = { ref: null, known: null, kind: 'absent', members: [] };

function membersIn({ members }: Resource): string[] {
  if (!Array.isArray(members)) return [];
  return [...new Set(members.flatMap((member: { value?: unknown } | null) => (typeof member?.value === 'string' ? member.value : [])))];
}

/**
 * Finds the group at the application: by link, else by our id on it or its name. Nothing is created beside a match, and a
 * group that belongs to another role or group of this Strapi is never taken. `wanted` null: it is to go.
 */
export async function joinGroup(job: PushJob, link: Link | null, wanted: Resource | null, links: LinkStore): Promise<StepReport<GroupTarget>> {
  if (link !== null && link.remoteId !== null) {
    // After a write whose answer was lost nobody knows what is there: the same is sent again.
    const known = link.state === 'writing' ? { schemas: [] } : (link.snapshot ?? { schemas: [] });
    return { value: { ref: link.remoteId, known, kind: 'linked', members: [] }, message: `Linked to ${link.remoteId}.` };
  }
  // One that is to go is recognised by our own id only: the name may be another's.
  const attributes = wanted === null ? ['externalId'] : (presetOf(job.connection.preset).outbound.groups?.join ?? ['externalId', 'displayName']);
  for (const attribute of attributes) {
    const value = (wanted ?? link?.snapshot)?.[attribute];
    if (typeof value !== 'string') continue;
    const [hit, ...others] = await find(job, attribute, value);
    if (hit === undefined) continue;
    if (others.length > 0) throw new ProvisioningError('disputed', `Several groups at the application have the ${attribute} ${value}.`, { attribute });
    if (await belongsToAnother(hit, job, links)) {
      throw new ProvisioningError('conflict', `The group ${value} at the application is the counterpart of another role or group. Rename one of the two, or leave one out of the connection’s groups.`, { attribute });
    }
    return { value: { ref: hit.ref, known: hit.resource, kind: 'match', members: membersIn(hit.resource) }, message: `Matched to ${hit.ref} by ${attribute}.` };
  }
  return { value: ABSENT, message: `No match by ${attributes.join(' or ')}.` };
}

/** Many applications know no externalId of groups and refuse to search by it. */
async function find(job: PushJob, attribute: string, value: string): Promise<DirectoryEntry[]> {
  try {
    return await (await job.target()).find('Group', attribute, value);
  } catch (error) {
    if (attribute === 'externalId' && error instanceof ProvisioningError && error.code === 'target-rejected') return [];
    throw error;
  }
}

async function belongsToAnother({ ref, resource }: DirectoryEntry, { connection, marker }: PushJob, links: LinkStore): Promise<boolean> {
  const owner = await links.findByRemoteId(connection.id, 'Group', ref);
  if (owner !== null) return owner.localId !== marker.objectId;
  const { externalId } = resource;
  if (typeof externalId !== 'string' || externalId === marker.objectId) return false;
  return (await links.get(connection.id, 'Group', externalId)) !== null;
}
