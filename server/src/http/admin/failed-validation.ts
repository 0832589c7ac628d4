import { z } from 'zod';

const id = z.int('Name failed changes by their ids.').positive('Name failed changes by their ids.');

/** Which failed changes: some, or all on purpose. */
export const failedSelection = z.union(
  [
    z.strictObject({ ids: z.array(id).min(1, 'Name at least one failed change.').max(1_000, 'At most 1,000 at a time.') }),
    z.strictObject({ all: z.literal(true) }),
  ],
  'Say which: { "ids": [..] } with 1 to 1,000 ids, or { "all": true }.'
);

export const failedQuery = z.object({
  cursor: z.string().regex(/^\d{1,15}$/, 'This page link is not valid; start again.').transform(Number).optional(),
  pageSize: z.string().regex(/^\d{1,3}$/, 'Give a whole number.').transform(Number).refine((size) => size >= 1 && size <= 100, 'Between 1 and 100.').optional(),
});
