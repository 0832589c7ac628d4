import { searchableUser } from '../../domain/resource/searchable';
import type { Resource } from '../../domain/resource/resource';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import type { WrittenUser } from './written-user';

const seen = (user: LocalUser, link: Link): Resource => searchableUser(user.resource, user.protection !== null, link);

/** What the connection sees of a user it writes, for its searches. `before` null: nothing until now. */
export function indexLinked(deps: ReceiveDeps, ctx: ScimRequestContext, { user, link }: WrittenUser, before: WrittenUser | null): Promise<void> {
  const object = { type: ctx.types.User, key: user.key, connectionId: ctx.connection.id, resource: seen(user, link) };
  return deps.index.put([before === null ? object : { ...object, before: seen(before.user, before.link) }], { isNew: before === null });
}
