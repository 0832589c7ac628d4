/**
 * Stable error codes of operations. Each has a cause, a way out and whether a retry helps; the log, the admin API and
 * the docs show the same text. Codes are never reused for another meaning.
 */
import type { ErrorAdvice } from './operation';

const advice = <const C extends string>(code: C, cause: string, whatToDo: string, retryHelps: boolean) =>
  ({ code, cause, whatToDo, retryHelps }) satisfies ErrorAdvice & { code: C };

const ENTRIES = [
  advice('invalid-value', 'An attribute has a value that is not allowed.', 'Correct the value or the mapping at the system that sent it; the message names the attribute.', false),
  advice('invalid-syntax', 'The request could not be read.', 'Check the request body that the provider sends; the message says where it breaks.', false),
  advice('invalid-filter', 'The filter could not be read or is not supported.', 'Use attributes that the schema lists, and check the quotes.', false),
  advice('uniqueness', 'Another account or group already has this user name, e-mail address or externalId.', 'Let the provider look up and match the account, or rename one of the two.', false),
  advice('not-found', 'The object does not exist, or not for this connection.', 'Nothing to do if it was deleted. Otherwise run an import at the provider so that it learns the present ids.', false),
  advice('protected', 'The account or role is protected from provisioning.', 'Change it by hand in Strapi. Break-glass accounts and the last active super admin are never touched by provisioning, other super admins only where the connection may grant that role.', false),
  advice('not-adoptable', 'The account existed before and this connection may not take it over.', 'Let a super admin approve the person on the connection’s page; for end users the connection’s rules can also be changed. Or leave the person out of the provider’s assignment.', false),
  advice('linked-elsewhere', 'Another connection already manages this account.', 'Remove the person from one of the two connections.', false),
  advice('too-large', 'The request or value is larger than the limit.', 'Send the change in smaller parts.', false),
  advice('conflict', 'The object changed while the request was being processed.', 'The sender repeats the request; nothing to do.', true),
  advice('version-mismatch', 'The sender named a version of the object that is not the present one.', 'Nothing to do: the provider reads the object again and repeats the change.', true),
  advice('not-permitted', 'The token may not do this.', 'Give the token the scope the message names, or use another token of the connection.', false),
  advice('disputed', 'More than one object at the target matches this person.', 'Remove the duplicate at the target, or correct its userName or externalId, then change the person once more.', false),
  advice('guard-held', 'More would change than the connection’s limits allow without approval.', 'Look at what is waiting. If it is meant, approve it; if not, correct the scope, the mapping or the source first.', false),
  advice('stale', 'The object changed since the plan was made.', 'Make a new plan: only what it shows is done.', false),
  advice('mapping-failed', 'A rule of the mapping could not be worked out for this person.', 'Correct the rule or the person’s data; the message names both, and the preview of the mapping shows the result. Afterwards retry.', false),
  advice('target-auth', 'The application refused the credentials.', 'Enter a valid token in the connection; the changes wait and are sent afterwards.', true),
  advice('target-rejected', 'The application refused the data.', 'Read the answer in this entry, correct the value in Strapi or the application’s requirements; it is sent again when the person changes.', false),
  advice('target-rate-limited', 'The application asked to slow down.', 'Nothing to do: the change is sent again after the time the application asked for.', true),
  advice('target-unavailable', 'The application did not answer or answered with a server error.', 'Check that the address is right and the application runs; the change is sent again by itself.', true),
  advice('target-unexpected', 'The application answered with something that is not SCIM.', 'Check the base URL: it usually ends in /scim/v2.', true),
  advice('credential-unreadable', 'The stored credential cannot be decrypted.', 'Strapi’s ENCRYPTION_KEY is missing or was changed. Restore it or enter the credential again.', false),
  advice('internal', 'The plugin or the database failed.', 'Look into Strapi’s log at the time of this entry; the provider repeats the request by itself.', true),
] as const;

export type ErrorCode = (typeof ENTRIES)[number]['code'];

export const ERROR_CATALOGUE: ReadonlyMap<string, ErrorAdvice> = new Map(ENTRIES.map((entry) => [entry.code, entry]));
