import type { Resource } from './resource';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import { emailsOf, mainEmail, overlayEmail } from './emails';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * A user as one connection sees it: what its provider wrote, under what the account holds now. Strapi's own fields
 * win, so that a change made in Strapi is seen; what Strapi has no field for comes back as it was written.
 * `suspended`: the provider deactivated the person where the connection leaves such accounts usable in Strapi.
 */
export function presentUser(account: Resource, kept: Resource | null, externalId: string | null, suspended = false): Resource {
  const isOwn = isObject(account[STRAPI_USER_URN]);
  const { [STRAPI_USER_URN]: extension, ...rest }: Resource = { ...kept, ...account };
  const view: Resource = { ...rest, schemas: schemasOf(kept, account) };
  // The account is the truth of it, also where it has no value. A population without such a schema keeps it like any other.
  if (isObject(extension) && (!isOwn || Object.keys(extension).length > 0)) view[STRAPI_USER_URN] = extension;
  if (suspended) view.active = false;
  if (isObject(kept?.name) && isObject(account.name)) view.name = { ...kept.name, ...account.name };
  const emails = overlayEmail(kept === null ? [] : emailsOf(kept), mainEmail(account));
  if (emails.length > 0) view.emails = emails;
  else delete view.emails;
  if (externalId === null) delete view.externalId;
  else view.externalId = externalId;
  return view;
}

function schemasOf(kept: Resource | null, account: Resource): string[] {
  const isOwn = Object.hasOwn(account, STRAPI_USER_URN);
  const others = (kept?.schemas ?? []).filter((urn) => !isOwn || urn !== STRAPI_USER_URN);
  return [...new Set([...account.schemas, ...others])];
}

/** What is stored with the link: everything but what the server derives. */
export function keepOf(resource: Resource): Resource {
  const kept: Resource = { ...resource };
  delete kept.id;
  delete kept.meta;
  delete kept.groups;
  delete kept.password;
  return kept;
}
