import { fingerprintOf } from './identity-store';
import type { PopulationParts } from './population';
import type { IndexedAccount } from './search/account-index';

/**
 * Brings identities and the index of values up to what the accounts are now and marks what changed: the one reaction to
 * a change of an account that somebody else made, whether a lifecycle or the sweep noticed it. Inside a transaction.
 * Idempotent. Accounts that are new are written together, so that the first sweep of a large site ends soon.
 */
export async function followAccounts(parts: PopulationParts, accountIds: number[]): Promise<number> {
  const { accounts, identities, directory, index, changes } = parts;
  const present = await accounts.load(accountIds);
  const known = new Map((await identities.byAccountIds(accountIds)).map((identity) => [identity.accountId, identity]));
  const added = await identities.ensureMany(present.filter((account) => !known.has(account.id)));
  await index.added(added);

  const pairs = present.flatMap((account): IndexedAccount[] => {
    const identity = known.get(account.id);
    return identity === undefined ? [] : [{ identity, account }];
  });
  // Blocked, it stays no user for anybody; a person who unblocks it takes it back.
  const unblocked = pairs.filter(({ identity, account }) => identity.departed && account.resource.active !== false);
  const back: IndexedAccount[] = [];
  for (const { identity, account } of unblocked) back.push({ identity: await directory.takeBack(identity, account), account });

  const held = pairs.filter(({ identity }) => !identity.departed);
  const nameless = held.filter(({ identity }) => identity.userNameNorm === null);
  const claimable = await identities.claimable(nameless);
  const changed = held.filter(({ identity, account }) => identity.fingerprint !== fingerprintOf(account) || claimable.has(identity.id));
  for (const { identity, account } of changed) await identities.follow(identity, account, 'best-effort');
  const stale = held.filter(({ identity }) => identity.indexed !== index.version);
  await index.changedForAll([...new Set([...changed, ...stale])]);
  await identities.claimNames(stale.map(({ identity }) => identity.id));
  await identities.markIndexed(stale.map(({ identity }) => identity.id));

  const living = new Set(present.map((account) => account.id));
  const gone = accountIds.flatMap((id) => (living.has(id) ? [] : (known.get(id) ?? [])));
  for (const identity of gone) await directory.retire(identity);

  await changes.usersChanged(accounts.population, [...added, ...changed, ...back].map(({ identity }) => identity.scimId));
  return added.length + changed.length + back.length + gone.length;
}
