import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { Group } from '../../ports/group-store';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import { GROUP_URN } from '../../scim/schema/urns';

const iso = (time: number): string => new Date(time).toISOString();

const meta = (ctx: ScimRequestContext, type: 'User' | 'Group', id: string, created: number, modified: number, version: number) => ({
  resourceType: type,
  created: iso(created),
  lastModified: iso(modified),
  location: `${ctx.baseUrl}/${type}s/${id}`,
  version: `W/"${version}"`,
});

/** A user as this connection may see it. What another connection wrote is not part of it. */
export function userView(ctx: ScimRequestContext, user: LocalUser, link: Link | null, groups: Group[]): Resource {
  const view = presentUser(user.resource, link?.kept ?? null, link?.externalId ?? null);
  const result: Resource = {
    ...view,
    id: user.ref,
    meta: meta(ctx, 'User', user.ref, user.created, user.lastModified, user.version),
  };
  if (groups.length > 0) {
    result.groups = groups.map((group) => ({
      value: group.scimId,
      $ref: `${ctx.baseUrl}/Groups/${group.scimId}`,
      display: group.displayName,
      type: 'direct',
    }));
  }
  return result;
}

/** `members` null: not asked for, not read. */
export function groupView(
  ctx: ScimRequestContext,
  group: Group,
  members: { type: 'User' | 'Group'; id: string; display: string | null }[] | null
): Resource {
  const view: Resource = {
    ...group.kept,
    schemas: [...new Set([GROUP_URN, ...(group.kept?.schemas ?? [])])],
    id: group.scimId,
    displayName: group.displayName,
    meta: meta(ctx, 'Group', group.scimId, group.created, group.lastModified, group.version),
  };
  if (group.externalId !== null) view.externalId = group.externalId;
  if (members !== null) {
    view.members = members.map((member) => ({
      value: member.id,
      $ref: `${ctx.baseUrl}/${member.type}s/${member.id}`,
      type: member.type,
      ...(member.display === null ? {} : { display: member.display }),
    }));
  }
  return view;
}
