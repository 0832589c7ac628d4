import type { GuardPolicy } from '../../server/src/contracts/guard';

const NONE = { count: null, percent: null };

/** For tests that are about something else and change many people within a moment. */
export const NO_LIMITS: GuardPolicy = { limits: { create: NONE, update: NONE, deactivate: NONE, delete: NONE, 'role-grant': NONE, 'member-remove': NONE }, freeFirstLoad: true };
