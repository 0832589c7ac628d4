import { USER_URN } from '../../scim/schema/urns';
import { unlinkedView } from './minimal';
import { presentUser } from './present';
import type { Resource } from './resource';

/**
 * What filters may know of a user: no more than the connection would be shown. externalId is searched in the links
 * themselves. A protected account is searched by its name alone, also by a connection that may manage it.
 */
export function searchableUser(account: Resource, isProtected: boolean, link: { kept: Resource | null; state: string } | null): Resource {
  if (isProtected) return { schemas: [USER_URN], userName: account.userName };
  return link === null ? unlinkedView(account) : presentUser(account, link.kept, null, link.state === 'suspended');
}
