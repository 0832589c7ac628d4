import type { InboundPolicies } from '../../contracts/connection';
import type { NewUserOptions, WriteOptions } from '../../ports/local-directory';

/** What the connection's policies say about writing an account. */
export const writeOptions = ({ writableAttributes, sharedEmail }: InboundPolicies): WriteOptions => ({ writable: writableAttributes, sharedEmail });

export const newUserOptions = (policies: InboundPolicies, roleIds: number[]): NewUserOptions => ({
  ...writeOptions(policies),
  roleIds,
  signInProvider: policies.signInProvider,
  confirmed: policies.confirmed,
});
