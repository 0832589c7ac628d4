import type { Connection } from '../../domain/connection/connection';
import { isSelective, outboundOf } from '../../domain/connection/outbound';
import type { Resource } from '../../domain/resource/resource';
import type { Word } from '../../domain/transition/transition';
import type { Standing } from '../../domain/scope/leaving';
import type { ConnectionStore } from '../../ports/connection-store';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';
import type { TransitionWords } from '../../ports/transition-store';
import { canonicalUser, subjectsOf, type Subject } from '../scope-subject';
import type { KnownMemberships } from './memberships';
import type { ParticipationDeps } from './participation';

export interface PeopleDeps extends ParticipationDeps {
  links: LinkStore;
  connections: ConnectionStore;
  transitions: TransitionWords;
  directoryOf(population: Connection['population']): LocalDirectory;
}

/** All that is known in Strapi of a person whom a connection may have to be told about. */
export interface KnownPerson {
  id: string;
  /** Null: the account is gone. */
  user: LocalUser | null;
  canonical: Resource | null;
  /** Of this connection. */
  link: Link | null;
  /** What the connection's own system wrote last, if it provisions this person. */
  received: Resource | null;
  standing: Standing | null;
  subject?: Subject | undefined;
  /** What holds for the person here because somebody said so. */
  word: Word | null;
  /** Read by those who look at many and only compare. */
  memberships?: KnownMemberships | undefined;
}

/** People by SCIM id, in as many queries as one costs. */
export async function readPeople(connection: Connection, ids: string[], deps: PeopleDeps): Promise<KnownPerson[]> {
  const users = new Map((await deps.directoryOf(connection.population).readUsers(ids)).map((user) => [user.ref, user]));
  const links = new Map((await deps.links.getMany(connection.id, 'User', ids)).map((link) => [link.localId, link]));
  const inbound = new Map<string, Link>();
  // Oldest first: the first provider is who the person is seen by.
  for (const link of await deps.links.inboundOf('User', ids)) if (!inbound.has(link.localId)) inbound.set(link.localId, link);
  const words = await deps.transitions.words(connection.id, ids);
  const standings = isSelective(outboundOf(connection)) || words.size > 0 ? await deps.standings.getMany(connection.id, ids) : new Map<string, Standing>();
  const present = [...users.values()].map((user) => ({ user, canonical: canonicalUser(user, inbound.get(user.ref)) }));
  const subjects = new Map((await subjectsOf(connection, present, deps)).map((subject) => [subject.user.ref, subject]));
  const canonicals = new Map(present.map(({ user, canonical }) => [user.ref, canonical]));
  return Promise.all(
    ids.map(async (id): Promise<KnownPerson> => {
      const user = users.get(id) ?? null;
      const from = inbound.get(id);
      const provider = from === undefined || user === null ? null : await deps.connections.get(from.connectionId);
      return {
        id,
        user,
        canonical: canonicals.get(id) ?? null,
        link: links.get(id) ?? null,
        received: provider?.system === connection.system ? (from?.kept ?? null) : null,
        standing: standings.get(id) ?? null,
        subject: subjects.get(id),
        word: words.get(id) ?? null,
      };
    })
  );
}
