import type { Population } from '../contracts/connection';
import type { Connection } from '../domain/connection/connection';
import { asksGroups, outboundOf } from '../domain/connection/outbound';
import { presentUser } from '../domain/resource/present';
import type { Resource } from '../domain/resource/resource';
import { subjectOf } from '../domain/scope/subject';
import type { AssignmentStore } from '../ports/assignment-store';
import type { GroupStore } from '../ports/group-store';
import type { Link } from '../ports/link-store';
import type { LocalUser } from '../ports/local-directory';
import type { ResourceTypeDefinition } from '../scim/schema/resource-types';
import { belongings } from './receive/nested-groups';

export interface SubjectDeps {
  groups: GroupStore;
  assignments: AssignmentStore;
  /** Schemas of a population's users, with the site's own fields. */
  userType(population: Population): ResourceTypeDefinition;
}

/** The user between any two directories: the account, and what the first provider wrote of the person. */
export const canonicalUser = (user: LocalUser, inbound: Link | undefined): Resource => presentUser(user.resource, inbound?.kept ?? null, user.ref);

export interface Subject {
  user: LocalUser;
  resource: Resource;
  assigned: boolean;
}

/** Users as the clauses of a connection see them: one query for groups and one for assignments, only where they are asked for. */
export async function subjectsOf(connection: Connection, users: { user: LocalUser; canonical: Resource }[], deps: SubjectDeps): Promise<Subject[]> {
  const ids = users.map(({ user }) => user.ref);
  const groups = asksGroups(connection) ? await belongings(deps.groups, null, ids) : null;
  const assigned = outboundOf(connection).scope.assignment === 'assigned' ? await deps.assignments.assigned(connection.id, ids) : null;
  return users.map(({ user, canonical }) => ({
    user,
    resource: subjectOf(canonical, {
      created: user.created,
      roleIds: user.roleIds,
      groupIds: (groups?.get(user.ref) ?? []).map(({ group }) => group.scimId),
      signIn: user.signIn,
    }),
    assigned: assigned?.has(user.ref) ?? false,
  }));
}
