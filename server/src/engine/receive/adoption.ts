import { ProvisioningError } from '../../domain/errors';
import type { Connection } from '../../domain/connection/connection';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';

export interface JoinedUser {
  user: LocalUser;
  link: Link;
  /** True when this write is the connection's first to an account that existed before. */
  adopted: boolean;
}

export const newLink = (connection: Connection, localId: string): Link => ({
  connectionId: connection.id,
  objectType: 'User',
  localId,
  remoteId: null,
  externalId: null,
  kept: null,
  snapshot: null,
  hash: null,
  state: 'linked',
});

/**
 * The connection's tie to an account it is about to write. An account without one is taken over ("adopted") only if it
 * is an end user that no other provider manages: taking over an admin user is a person's decision.
 */
export async function joinUser(connection: Connection, user: LocalUser, links: LinkStore): Promise<JoinedUser> {
  const own = await links.get(connection.id, 'User', user.ref);
  if (own) return { user, link: own, adopted: false };
  const others = await links.ofObject('User', user.ref);
  // Only inbound links keep what a provider wrote.
  if (others.some((link) => link.kept !== null)) {
    throw new ProvisioningError('linked-elsewhere', `${String(user.resource.userName)} is managed by another connection.`);
  }
  if (connection.population === 'admin-users') {
    throw new ProvisioningError('not-adoptable', `${String(user.resource.userName)} existed before; an admin user is taken over only after a super admin approved it.`);
  }
  return { user, link: newLink(connection, user.ref), adopted: true };
}
