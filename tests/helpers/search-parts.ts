/** The parts of the plugin that search, on a booted Strapi's database, with a resource type of one's own. */
import type { Core } from '@strapi/types';
import { TABLES } from '../../server/src/models';
import type { ResourceTypeDefinition } from '../../server/src/scim/schema/resource-types';
import { PasswordHasher } from '../../server/src/strapi/accounts/password-hasher';
import { ExtensionSchema } from '../../server/src/strapi/extension/schema';
import { EndUsers } from '../../server/src/strapi/accounts/end-users';
import { Database } from '../../server/src/strapi/database';
import { SqlGrantStore } from '../../server/src/strapi/grant-store';
import { SqlGroupStore } from '../../server/src/strapi/group-store';
import { IdentityStore } from '../../server/src/strapi/identity-store';
import { SqlLinkStore } from '../../server/src/strapi/link-store';
import { StrapiDirectory } from '../../server/src/strapi/local-directory';
import { AccountIndex } from '../../server/src/strapi/search/account-index';
import { LiveCounts } from '../../server/src/strapi/search/live-counts';
import { SqlResourceSearch } from '../../server/src/strapi/search/resource-search';
import { SqlSearchIndex } from '../../server/src/strapi/search/value-index';
import { WriteContext } from '../../server/src/strapi/write-context';

export type SearchParts = ReturnType<typeof searchParts>;

export function searchParts(strapi: Core.Strapi, userType: ResourceTypeDefinition) {
  const clock = { now: () => Date.now() };
  const database = new Database(strapi);
  const links = new SqlLinkStore(database, clock);
  const groups = new SqlGroupStore(database, clock);
  const counts = new LiveCounts(database, clock);
  const values = new SqlSearchIndex(database);
  const index = new AccountIndex('end-users', userType, values, links, counts);
  const accounts = new EndUsers(strapi, database, new Set());
  const identities = new IdentityStore(database, clock, 'end-users', index.version);
  const changes = { usersChanged: async () => undefined, groupsChanged: async () => undefined };
  const directory = new StrapiDirectory(accounts, identities, changes, new SqlGrantStore(database), database, new WriteContext(), new PasswordHasher(strapi), index);
  return {
    clock,
    database,
    links,
    groups,
    counts,
    index: values,
    population: { accounts, identities, directory, index, changes, schema: new ExtensionSchema(accounts.extension.fields) },
    directoryOf: () => directory,
    search: new SqlResourceSearch(database, counts, { timeLimitMs: 2_000 }),
    /** Looks for the pages of wide filters as on a large site. */
    walkingSearch: new SqlResourceSearch(database, counts, { timeLimitMs: 2_000, walkAbove: 1 }),
    /** Makes the index anew, as the sweep does when attributes compare otherwise than before. */
    async reindex(): Promise<void> {
      const rows = (await strapi.db.connection(TABLES.identities).whereNotNull('account_id').where({ population: 'end-users' }).select('account_id')) as { account_id: number }[];
      const found = await identities.byAccountIds(rows.map((row) => row.account_id));
      const loaded = new Map((await accounts.load(rows.map((row) => row.account_id))).map((account) => [account.id, account]));
      await database.run(() =>
        index.changedForAll(
          found.flatMap((identity) => {
            const account = loaded.get(Number(identity.accountId));
            return account ? [{ identity, account }] : [];
          })
        )
      );
    },
  };
}
