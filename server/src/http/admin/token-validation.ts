import { z } from 'zod';
import { TOKEN_SCOPES } from '../../contracts/connection';
import { parseRange } from '../scim/access/addresses';

const expiresAt = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'Give a time as ISO 8601, for example 2027-01-31T00:00:00Z, or null for none.')
  .nullable()
  .optional();

const scopes = z
  .array(z.enum(TOKEN_SCOPES, `Choose from: ${TOKEN_SCOPES.join(', ')}.`))
  .refine((words) => new Set(words).size === words.length, 'Name each scope once.');

const allowedIps = z
  .array(
    z
      .string('Enter an address or a range.')
      .trim()
      .refine((text) => parseRange(text) !== null, 'Enter an address or a range, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.')
  )
  .max(100, 'At most 100 addresses.');

/** Body of `POST /connections/:id/tokens`. */
export const tokenInput = z.strictObject({
  name: z.string('Give the token a name.').trim().min(1, 'Give the token a name.').max(100, 'At most 100 characters.'),
  kind: z.enum(['bearer', 'client'], 'Choose one of: bearer, client.').optional(),
  expiresAt,
  scopes: scopes.optional(),
  allowedIps: allowedIps.optional(),
});

const HOURS = 'Enter whole hours between 0 and 720.';

/** Body of `POST /connections/:id/rotate-token`; all of it may be left out. */
export const rotateInput = z.strictObject({
  tokenId: z.int('Give the id of a token.').positive('Give the id of a token.').optional(),
  overlapHours: z.int(HOURS).min(0, HOURS).max(720, HOURS).optional(),
  expiresAt,
});
