import type { InboundPolicies } from '../../contracts/connection';

/** What a new inbound connection does until an admin says otherwise. */
export const DEFAULT_POLICIES: InboundPolicies = {
  strict: false,
  visibility: 'all',
  joinBy: ['userName', 'email'],
  sharedEmail: 'as-strapi',
  uniqueGroupNames: false,
  acceptPassword: false,
  userPatchAnswer: 'resource',
  groupPatchAnswer: 'no-content',
  onDeactivate: { action: 'block', graceDays: 0 },
  onDelete: { action: 'delete', graceDays: 0 },
  allowSuperAdmin: false,
  writableAttributes: [],
  signInProvider: 'local',
  confirmed: true,
  requestsPerMinute: null,
};

/** What is stored is what differs; defaults fill the rest, also for policies that are newer than the connection. */
export const withDefaults = (stored: Partial<InboundPolicies> | null): InboundPolicies => ({ ...DEFAULT_POLICIES, ...stored });
