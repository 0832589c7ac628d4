import { attribute, type SchemaDefinition } from '../../scim/schema/definition';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import type { Resource } from '../resource/resource';

/** What clauses may ask besides the attributes of the canonical user. Never part of an answer to anybody. */
export const SCOPE_URN = 'urn:ietf:params:scim:schemas:extension:strapi:scope:2.0:User';

const schema: SchemaDefinition = {
  id: SCOPE_URN,
  name: 'Scope',
  description: 'What Strapi knows of a user besides attributes',
  attributes: [
    attribute('role', 'Id of a role.', { type: 'integer', multiValued: true }),
    attribute('group', 'SCIM id of a group that a provider pushed, direct or nested.', { multiValued: true, caseExact: true }),
    attribute('provider', 'How an end user signs in.', { caseExact: true }),
    attribute('confirmed', 'Whether an end user’s address is confirmed.', { type: 'boolean' }),
    attribute('created', 'When the account was first seen.', { type: 'dateTime' }),
  ],
};

export const VIRTUAL_ATTRIBUTES: ReadonlySet<string> = new Set(schema.attributes.map(({ name }) => name));

const TYPES = new WeakMap<ResourceTypeDefinition, ResourceTypeDefinition>();

/** The type of users of a population with what only clauses may ask. */
export function scopeType(users: ResourceTypeDefinition): ResourceTypeDefinition {
  const known = TYPES.get(users);
  if (known !== undefined) return known;
  const made = { ...users, extensions: [...users.extensions, schema] };
  TYPES.set(users, made);
  return made;
}

/** What the canonical user does not say. */
export interface SubjectFacts {
  created: number;
  roleIds: number[];
  /** SCIM ids, also of groups that the user is in through others. */
  groupIds: string[];
  /** End users only. */
  signIn: { provider: string | null; confirmed: boolean } | null;
}

/** A user as clauses see it. */
export const subjectOf = (canonical: Resource, { created, roleIds, groupIds, signIn }: SubjectFacts): Resource => ({
  ...canonical,
  [SCOPE_URN]: {
    role: roleIds,
    group: groupIds,
    created: new Date(created).toISOString(),
    ...(signIn === null ? {} : signIn),
  },
});
