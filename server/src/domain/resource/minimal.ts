import { USER_URN } from '../../scim/schema/urns';
import type { Resource } from './resource';

/**
 * What a provider sees of a protected account: that it exists and what it is called, as Keycloak answers for its
 * administrators. Filters must select by this view as well, or they would tell what it leaves out.
 */
export function minimalView({ schemas, id, userName, meta }: Resource): Resource {
  return {
    schemas: schemas.slice(0, 1),
    userName,
    ...(id === undefined ? {} : { id }),
    ...(meta === undefined ? {} : { meta }),
  };
}

/** What a connection sees of an account before its first write to it: enough to find and match the person, no more. */
export function unlinkedView({ userName, active, emails }: Resource): Resource {
  return { schemas: [USER_URN], userName, active, ...(emails === undefined ? {} : { emails }) };
}
