import type { Resource } from './resource';
import { emailsOf, mainEmail, overlayEmail } from './emails';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * A user as one connection sees it: what its provider wrote, under what the account holds now. Strapi's own fields
 * win, so that a change made in Strapi is seen; what Strapi has no field for comes back as it was written.
 */
export function presentUser(account: Resource, kept: Resource | null, externalId: string | null): Resource {
  const view: Resource = { ...kept, ...account, schemas: schemasOf(kept, account) };
  if (isObject(kept?.name) && isObject(account.name)) view.name = { ...kept.name, ...account.name };
  const emails = overlayEmail(kept === null ? [] : emailsOf(kept), mainEmail(account));
  if (emails.length > 0) view.emails = emails;
  else delete view.emails;
  if (externalId === null) delete view.externalId;
  else view.externalId = externalId;
  return view;
}

function schemasOf(kept: Resource | null, account: Resource): string[] {
  return [...new Set([...account.schemas, ...(kept?.schemas ?? [])])];
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
