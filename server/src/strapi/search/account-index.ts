import { hashOf } from '../../domain/diff/canonical';
import { searchableUser } from '../../domain/resource/searchable';
import type { Population } from '../../contracts/connection';
import type { LinkStore } from '../../ports/link-store';
import type { IndexedObject, SearchIndex } from '../../ports/search';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { typeDefinition, type TypeRef } from '../../scim/schema/resource-types';
import type { Account } from '../accounts/account-adapter';
import type { Identity } from '../identity-store';
import type { LiveCounts } from './live-counts';

/** Raised when the rows of the index mean something else, or the sweep has to visit every account for another reason (3: sign-in names). */
const FORMAT = 3;

/** How attributes compare decides what the index holds: another answer is another index. Fits an integer column. */
export function indexVersion(type: TypeRef): number {
  const { core, extensions } = typeDefinition(type);
  const rules = (attributes: readonly AttributeDefinition[] = []): unknown[] =>
    attributes.map((item) => [item.name, item.type, item.multiValued, item.caseExact, rules(item.subAttributes)]);
  const text = hashOf([FORMAT, [core, ...extensions].map((schema) => [schema.id, rules(schema.attributes)])]);
  return Number.parseInt(text.slice(0, 7), 16) + 1;
}

export interface IndexedAccount {
  identity: Identity;
  account: Account;
}

/** Keeps searches and counts of one population in step with its accounts. Joins the ambient transaction. */
export class AccountIndex {
  readonly version: number;

  constructor(
    private readonly population: Population,
    private readonly type: TypeRef,
    private readonly index: SearchIndex,
    private readonly links: LinkStore,
    private readonly counts: LiveCounts
  ) {
    this.version = indexVersion(type);
  }

  async added(users: IndexedAccount[]): Promise<void> {
    await this.index.put(users.map((user) => this.ofAccount(user)), { isNew: true });
    const lastId = Math.max(...users.map(({ identity }) => identity.id));
    if (users.length > 0) await this.counts.added(this.population, users.length, lastId);
  }

  /** What connections see that are not linked to them. */
  async changed(user: IndexedAccount, before: Account): Promise<void> {
    await this.index.put([{ ...this.ofAccount(user), before: this.ofAccount({ ...user, account: before }).resource }]);
  }

  /** Also what linked connections see of them: for changes that no connection made. */
  async changedForAll(users: IndexedAccount[]): Promise<void> {
    const byId = new Map(users.map((user) => [user.identity.scimId, user]));
    const links = await this.links.inboundOf('User', [...byId.keys()]);
    const linked = links.flatMap(({ connectionId, localId, kept, state }): IndexedObject[] => {
      const user = byId.get(localId);
      return user ? [{ type: this.type, key: user.identity.id, connectionId, resource: searchableUser(user.account.resource, user.account.protection !== null, { kept, state }) }] : [];
    });
    await this.index.put([...users.map((user) => this.ofAccount(user)), ...linked]);
  }

  async removed(identity: Identity): Promise<void> {
    await this.index.remove('User', identity.id);
    await this.counts.removed(this.population);
  }

  private ofAccount({ identity, account }: IndexedAccount): IndexedObject {
    return { type: this.type, key: identity.id, connectionId: 0, resource: searchableUser(account.resource, account.protection !== null, null) };
  }
}
