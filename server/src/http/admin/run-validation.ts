import { z } from 'zod';
import { ITEM_STATES, PAIRINGS, PLANNED_KINDS } from '../../contracts/run';

const userId = z.union([z.string().trim().min(1, 'Name the user.').max(255, 'At most 255 characters.'), z.int().positive()], 'Name the user by their SCIM id or the number of their account.');
const flag = z.boolean('Choose true or false.');

export const runInput = z
  .strictObject({
    cycle: z.enum(['full', 'incremental', 'reconcile'], 'Choose one of: full, incremental, reconcile.').optional(),
    userIds: z.array(userId, 'List the users.').min(1, 'Name at least one user.').max(1_000, 'At most 1,000 users.').optional(),
    dryRun: flag.default(false),
  })
  .refine((input) => input.cycle === undefined || input.userIds === undefined, { path: ['cycle'], message: 'Send either cycle or userIds.' });

export const provisionInput = z.strictObject({ userId, dryRun: flag.default(false) });

const digits = z
  .string()
  .regex(/^\d{1,15}$/, 'Give a whole number.')
  .transform(Number);
const pageSize = digits.refine((value) => value >= 1 && value <= 100, 'Between 1 and 100.').optional();

const listOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(',').filter((item) => item !== ''))
    .pipe(z.array(z.enum(values, `Choose of: ${values.join(', ')}.`)));

export const runQuery = z.object({ connectionId: digits.optional(), cursor: digits.optional(), pageSize });
export const itemQuery = z.object({ state: listOf(ITEM_STATES).optional(), kind: listOf(PLANNED_KINDS).optional(), pairing: listOf(PAIRINGS).optional(), cursor: digits.optional(), pageSize });
