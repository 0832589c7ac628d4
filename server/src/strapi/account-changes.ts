import { fingerprintOf } from './identity-store';
import type { PopulationParts } from './population';

/**
 * Brings identities up to what the accounts are now and marks what changed: the one reaction to a change of an account
 * that somebody else made, whether a lifecycle or the sweep noticed it. Inside a transaction. Idempotent.
 */
export async function followAccounts(parts: PopulationParts, accountIds: number[]): Promise<number> {
  const { accounts, identities, directory, changes } = parts;
  const present = new Map((await accounts.load(accountIds)).map((account) => [account.id, account]));
  const known = new Map((await identities.byAccountIds(accountIds)).map((identity) => [identity.accountId, identity]));
  const changed: string[] = [];
  let retired = 0;
  for (const accountId of accountIds) {
    const account = present.get(accountId);
    const identity = known.get(accountId);
    if (!account) {
      if (!identity) continue;
      await directory.retire(identity);
      retired += 1;
    } else if (!identity) {
      changed.push((await identities.ensure(account)).identity.scimId);
    } else if (identity.fingerprint !== fingerprintOf(account) || (await identities.canClaimName(identity, account))) {
      await identities.follow(identity, account, false);
      changed.push(identity.scimId);
    }
  }
  await changes.usersChanged(accounts.population, changed);
  return changed.length + retired;
}
