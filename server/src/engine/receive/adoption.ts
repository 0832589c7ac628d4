import { ProvisioningError } from '../../domain/errors';
import type { Connection } from '../../domain/connection/connection';
import { normaliseName } from '../../domain/identity/normalise';
import { emailsOf } from '../../domain/resource/emails';
import type { Resource } from '../../domain/resource/resource';
import type { ConnectionStore } from '../../ports/connection-store';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';
import { linksOf } from './links-of';

export interface JoinedUser {
  user: LocalUser;
  link: Link;
  /** True when this write is the connection's first to an account that existed before. */
  adopted: boolean;
}

/** The first write of a connection to an account: the resource of a PUT, null for a PATCH. */
export interface FirstWrite {
  sent: Resource | null;
}

interface JoinDeps {
  links: LinkStore;
  connections: ConnectionStore;
  directoryOf(population: Connection['population']): LocalDirectory;
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
 * is an end user that no other provider manages and the connection's join rules match: taking over an admin user is a
 * person's decision. `write` null: nothing is to be adopted (DELETE), but an end user whom the connection's own system has from
 * here counts as its own.
 */
export async function joinUser(connection: Connection, user: LocalUser, deps: JoinDeps, write: FirstWrite | null): Promise<JoinedUser> {
  const [own] = await linksOf(deps.links, connection, [user]);
  if (own) return { user, link: own, adopted: false };
  // The link may be gone because the user was deleted since they were read: nobody takes over, or is refused, who is gone.
  await deps.directoryOf(connection.population).hold(user);
  const others = await deps.links.ofObject('User', user.ref);
  // Only inbound links keep what a provider wrote.
  if (others.some((link) => link.kept !== null)) {
    throw new ProvisioningError('linked-elsewhere', `${String(user.resource.userName)} is managed by another connection.`);
  }
  if (connection.population === 'admin-users') {
    throw new ProvisioningError('not-adoptable', `${String(user.resource.userName)} existed before; an admin user is taken over only after a super admin approved it.`);
  }
  // Its system was sent the person: what it says of them is no surprise, not even that they are gone.
  if (write === null && (await isAtOwnSystem(connection, others, deps))) return { user, link: newLink(connection, user.ref), adopted: false };
  if (write !== null && !matchesRule(connection, user, write)) {
    throw new ProvisioningError('not-adoptable', `${String(user.resource.userName)} existed before, and the connection’s join rules do not match it.`);
  }
  return { user, link: newLink(connection, user.ref), adopted: true };
}

async function isAtOwnSystem({ system }: Connection, links: Link[], { connections }: JoinDeps): Promise<boolean> {
  const owners = await Promise.all(links.map((link) => connections.get(link.connectionId)));
  return owners.some((owner) => owner?.direction === 'outbound' && owner.system === system);
}

/** A PATCH names the account by its id only, which the provider found by a filter: any rule will do. */
function matchesRule({ policies: { joinBy } }: Connection, user: LocalUser, { sent }: FirstWrite): boolean {
  if (sent === null) return joinBy.length > 0;
  const same = (a: unknown, b: unknown): boolean => typeof a === 'string' && typeof b === 'string' && normaliseName(a) === normaliseName(b);
  return joinBy.some((attribute) =>
    attribute === 'userName'
      ? same(sent.userName, user.resource.userName)
      : emailsOf(sent).some((email) => emailsOf(user.resource).some((own) => same(email.value, own.value)))
  );
}
