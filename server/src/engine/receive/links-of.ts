import type { Connection } from '../../domain/connection/connection';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';

/** The connection's links of users it read: those that came with them are not asked for again. */
export async function linksOf(links: LinkStore, { id }: Connection, users: LocalUser[]): Promise<Link[]> {
  if (users.some((user) => user.link === undefined)) return links.getMany(id, 'User', users.map((user) => user.ref));
  return users.flatMap(({ link }) => link ?? []);
}
