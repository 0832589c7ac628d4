import { hashOf } from '../../domain/diff/canonical';
import { minimalView, unlinkedView } from '../../domain/resource/minimal';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { Group, ShownMember } from '../../ports/group-store';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext, ScimRequestContext } from '../../ports/scim-service';
import { GROUP_URN } from '../../scim/schema/urns';
import type { Belonging } from './nested-groups';

const iso = (time: number): string => new Date(time).toISOString();

const meta = (ctx: ScimRequestContext, type: 'User' | 'Group', id: string, created: number, modified: number, version: string) => ({
  resourceType: type,
  created: iso(created),
  lastModified: iso(modified),
  location: `${ctx.baseUrl}/${type}s/${id}`,
  version,
});

/** Weak: what a connection sees of an object depends on the connection. */
export const versionOf = ({ version }: { version: number }): string => `W/"${version}"`;

/** Of a user also the groups are part of what is seen: joining one is a new version. */
export function userVersion({ version }: LocalUser, groups: Belonging[]): string {
  if (groups.length === 0) return versionOf({ version });
  return `W/"${version}-${groupsHash(groups)}"`;
}

/** By list: the members of a page share few. */
const GROUP_HASHES = new WeakMap<Belonging[], string>();

function groupsHash(groups: Belonging[]): string {
  const known = GROUP_HASHES.get(groups);
  if (known !== undefined) return known;
  const hash = hashOf(groups.map(({ group, direct }) => `${group.scimId} ${group.displayName} ${direct}`).sort()).slice(0, 8);
  GROUP_HASHES.set(groups, hash);
  return hash;
}

/** What else a connection knows of a user. */
export interface UserSurroundings {
  link: Link | null;
  groups: Belonging[];
  /** Protected from this connection: it sees next to nothing. */
  guarded: boolean;
}

/** A user as this connection may see it. What another connection wrote is not part of it. */
export function userView(ctx: ScimRequestContext, user: LocalUser, { link, groups, guarded }: UserSurroundings): Resource {
  const account = link === null ? unlinkedView(user.resource) : user.resource;
  const view = presentUser(account, link?.kept ?? null, link?.externalId ?? null, link?.state === 'suspended');
  const result: Resource = {
    ...view,
    id: user.ref,
    meta: meta(ctx, 'User', user.ref, user.created, user.lastModified, userVersion(user, guarded ? [] : groups)),
  };
  if (guarded) return minimalView(result);
  if (groups.length > 0) {
    result.groups = groups.map(({ group, direct }) => ({
      value: group.scimId,
      $ref: `${ctx.baseUrl}/Groups/${group.scimId}`,
      display: group.displayName,
      type: direct ? 'direct' : 'indirect',
    }));
  }
  return result;
}

/** An element of a group's `members`. */
export const memberView = ({ baseUrl }: ActorContext, { type, id, display }: ShownMember) => ({
  value: id,
  $ref: `${baseUrl}/${type}s/${id}`,
  type,
  ...(display === null ? {} : { display }),
});

/** `members` null: not asked for, not read. */
export function groupView(
  ctx: ScimRequestContext,
  group: Group,
  members: ShownMember[] | null
): Resource {
  const view: Resource = {
    ...group.kept,
    schemas: [...new Set([GROUP_URN, ...(group.kept?.schemas ?? [])])],
    id: group.scimId,
    displayName: group.displayName,
    meta: meta(ctx, 'Group', group.scimId, group.created, group.lastModified, versionOf(group)),
  };
  if (group.externalId !== null) view.externalId = group.externalId;
  if (members !== null) {
    view.members = members.map((member) => memberView(ctx, member));
  }
  return view;
}
