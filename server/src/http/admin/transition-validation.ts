import { z } from 'zod';
import { POPULATIONS } from '../../contracts/connection';
import { ACCOUNT_ACTIONS, OFFBOARDING_ACTIONS, TRANSITION_ITEM_STATES } from '../../contracts/transition';

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, `Choose one of: ${values.join(', ')}.`);
const userId = z.union([z.uuid(), z.int().positive()], 'Give a SCIM id or the id of an account.');
const comment = z.string('Enter a text.').trim().max(1_000, 'At most 1,000 characters.').default('');
const userIds = (most: number) => z.array(userId, 'List the users.').min(1, 'Name at least one user.').max(most, `At most ${most} users at a time.`);

export const offboardingInput = z.strictObject({
  population: oneOf(POPULATIONS),
  userIds: userIds(100),
  action: oneOf(OFFBOARDING_ACTIONS).optional(),
  account: oneOf(ACCOUNT_ACTIONS).default('block'),
  comment,
});

const connectionId = z.int('Give the id of a connection.').positive('Give the id of a connection.');

export const moveInput = z
  .strictObject({
    from: connectionId,
    to: connectionId,
    group: z.uuid('Give the SCIM id of a group.').optional(),
    role: z.int('Give the id of a role.').positive('Give the id of a role.').optional(),
    action: oneOf(OFFBOARDING_ACTIONS).optional(),
    comment,
  })
  .refine(({ group, role }) => (group === undefined) !== (role === undefined), { path: ['group'], message: 'Name a group or a role.' })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'Name another connection than the one they leave.' });

export const excludedInput = z.strictObject({ userIds: userIds(1_000) });

const digits = z.string().regex(/^\d{1,15}$/, 'Give a whole number.').transform(Number);
const pageSize = digits.refine((value) => value >= 1 && value <= 1_000, 'Between 1 and 1,000.').optional();

export const transitionQuery = z.object({ cursor: digits.optional(), pageSize });
export const receiptQuery = z.object({
  cursor: digits.optional(),
  pageSize,
  state: z
    .string()
    .transform((text) => text.split(',').filter((item) => item !== ''))
    .pipe(z.array(oneOf(TRANSITION_ITEM_STATES)))
    .optional(),
  format: oneOf(['json', 'csv', 'text']).default('json'),
});
