import { z } from 'zod';
import { GUARDED_KINDS, type GuardPolicyInput } from '../../contracts/guard';

const limit = z.strictObject({
  count: z.int('Enter a whole number, or none.').min(0, 'At least 0.').max(10_000_000, 'At most 10,000,000.').nullable(),
  percent: z.number('Enter a number, or none.').min(0, 'Between 0 and 100.').max(100, 'Between 0 and 100.').nullable(),
});

const parts = z.strictObject({
  limits: z.partialRecord(z.enum(GUARDED_KINDS, `Limits are of: ${GUARDED_KINDS.join(', ')}.`), limit).optional(),
  freeFirstLoad: z.boolean('Choose true or false.').optional(),
});

export const guardPolicy = parts.transform(({ limits, freeFirstLoad }): GuardPolicyInput => ({
  ...(limits === undefined ? {} : { limits }),
  ...(freeFirstLoad === undefined ? {} : { freeFirstLoad }),
}));
