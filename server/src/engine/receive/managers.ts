import { hashOf } from '../../domain/diff/canonical';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { ScimRequestContext } from '../../ports/scim-service';
import { isObject, type PlainObject } from '../../scim/schema/json';
import { ENTERPRISE_USER_URN } from '../../scim/schema/urns';
import type { ReceiveDeps } from './deps';
import { linksOf } from './links-of';

const managerOf = (resource: Resource): PlainObject | null => {
  const enterprise = resource[ENTERPRISE_USER_URN];
  return isObject(enterprise) && isObject(enterprise.manager) ? enterprise.manager : null;
};

const withManager = (resource: Resource, manager: PlainObject): Resource => ({
  ...resource,
  [ENTERPRISE_USER_URN]: { ...(resource[ENTERPRISE_USER_URN] as PlainObject), manager },
});

/** Our own ids are UUIDs: what is none is the provider's word for somebody and is looked up nowhere. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Fills in what a manager's id stands for (RFC 7643 section 4.3): `$ref` and `displayName`, where it is a user that this
 * connection sees. Other ids stay as they were sent. Two look-ups per page, none where nobody has a manager.
 */
export async function withManagers(deps: ReceiveDeps, ctx: ScimRequestContext, views: Resource[]): Promise<Resource[]> {
  const { connection, baseUrl } = ctx;
  const ids = [...new Set(views.map((view) => managerOf(view)?.value).filter((id): id is string => typeof id === 'string' && UUID.test(id)))];
  if (ids.length === 0) return views;
  const users = await deps.directoryOf(connection.population).readUsers(ids, connection.id);
  const links = new Map((await linksOf(deps.links, connection, users)).map((link) => [link.localId, link]));
  const names = new Map<string, string>();
  for (const user of users) {
    const link = links.get(user.ref) ?? null;
    if (link === null && connection.policies.visibility === 'provisioned') continue;
    // Of an account that this connection does not manage it is told the userName, no more.
    names.set(user.ref, link === null ? String(user.resource.userName) : displayNameOf(presentUser(user.resource, link.kept, null)));
  }
  return views.map((view) => {
    const manager = managerOf(view);
    const id = String(manager?.value);
    const displayName = names.get(id);
    if (manager === null || displayName === undefined) return view;
    const filled = withManager(view, { ...manager, $ref: `${baseUrl}/Users/${id}`, displayName });
    // What is shown of somebody else is part of what is seen: their new name is a new version.
    return view.meta === undefined ? filled : { ...filled, meta: { ...view.meta, version: view.meta.version?.replace(/"$/, `-${hashOf(displayName).slice(0, 8)}"`) } };
  });
}

function displayNameOf(user: Resource): string {
  if (typeof user.displayName === 'string') return user.displayName;
  const name = isObject(user.name) ? user.name : {};
  if (typeof name.formatted === 'string') return name.formatted;
  const parts = [name.givenName, name.familyName].filter((part) => typeof part === 'string');
  return parts.length > 0 ? parts.join(' ') : String(user.userName);
}

/** A client that writes back what it read: the `$ref` we derived says nothing new and is not kept. */
export function withoutDerivedRef(resource: Resource): Resource {
  const manager = managerOf(resource);
  if (manager === null || typeof manager.$ref !== 'string' || !manager.$ref.endsWith(`/Users/${String(manager.value)}`)) return resource;
  const { $ref: _derived, ...rest } = manager;
  return withManager(resource, rest);
}
