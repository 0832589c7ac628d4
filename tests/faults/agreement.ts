/** Whether an application holds exactly what Strapi holds, and Strapi's own books agree with it. */
import type { ConnectionInfo, Population } from '../../server/src/contracts/connection';
import { TABLES } from '../../server/src/models';
import type { TargetApp, TargetUser } from '../helpers/target-app';
import type { AccountUid } from './commands';
import type { Site } from './site';

export interface AccountRow {
  id: number;
  documentId: string | null;
  username: string | null;
  email: string;
  blocked: boolean | null;
  isActive?: boolean | null;
  firstname?: string | null;
  lastname?: string | null;
}

export interface IdentityRow {
  population: Population;
  account_id: number | null;
  scim_id: string;
  user_name_norm: string | null;
}

export interface LinkRow {
  connection_id: number;
  local_id: string;
  remote_id: string | null;
}

/** One person, as both sides can tell it. */
interface Person {
  externalId: string | undefined;
  userName: string;
  active: boolean;
  email: string | undefined;
  name: { givenName: string | undefined; familyName: string | undefined };
}

const UIDS: Record<Population, AccountUid> = { 'end-users': 'plugin::users-permissions.user', 'admin-users': 'admin::user' };

export const accountsOf = (site: Site, population: Population): Promise<AccountRow[]> =>
  site.command<AccountRow[]>({ do: 'query', uid: UIDS[population], method: 'findMany', params: {} });

export const identitiesOf = (site: Site, population: Population): Promise<IdentityRow[]> =>
  site.command<IdentityRow[]>({ do: 'rows', table: TABLES.identities, where: { population } });

export const linksOf = (site: Site, connection: ConnectionInfo): Promise<LinkRow[]> =>
  site.command<LinkRow[]>({ do: 'rows', table: TABLES.links, where: { connection_id: connection.id } });

const personOfAccount = (population: Population, account: AccountRow, scimId: string | undefined): Person => ({
  externalId: scimId,
  userName: account.username ?? account.email,
  active: account.blocked !== true && (population === 'end-users' || account.isActive === true),
  email: account.email,
  name: { givenName: account.firstname ?? undefined, familyName: account.lastname ?? undefined },
});

const personAtTarget = (user: TargetUser): Person => {
  const name = user.name as { givenName?: string; familyName?: string } | undefined;
  return {
    externalId: user.externalId,
    userName: user.userName,
    active: user.active === true,
    email: user.emails?.map((email) => email.value).join(' '),
    name: { givenName: name?.givenName, familyName: name?.familyName },
  };
};

const sorted = (people: Person[]): Person[] =>
  [...people].sort((one, other) => `${one.externalId} ${one.userName}`.localeCompare(`${other.externalId} ${other.userName}`));

/** Accounts that are inactive and never reached the application are rightly not there. */
export async function expectAgreement(site: Site, connection: ConnectionInfo, target: TargetApp): Promise<void> {
  const { population } = connection;
  const [accounts, identities, links, remote] = await Promise.all([
    accountsOf(site, population),
    identitiesOf(site, population),
    linksOf(site, connection),
    target.users(),
  ]);
  const living = identities.filter((identity) => identity.account_id !== null);
  expect(living.map((identity) => identity.account_id).sort()).toEqual(accounts.map((account) => account.id).sort());

  const scimIds = new Map(living.map((identity) => [identity.account_id, identity.scim_id]));
  const linked = new Set(links.map((link) => link.local_id));
  const expected = accounts
    .map((account) => personOfAccount(population, account, scimIds.get(account.id)))
    .filter((person) => person.active || linked.has(person.externalId ?? ''));
  expect(sorted(remote.map(personAtTarget))).toEqual(sorted(expected));
  // Compared as a list above; said once more, so that a duplicate is called one.
  for (const names of [remote.map((user) => user.userName.toLowerCase()), remote.map((user) => user.externalId)]) {
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
  }
  const pairs = (list: { local: string | undefined; remote: string | null }[]) => list.map((pair) => `${pair.local} ${pair.remote}`).sort();
  expect(pairs(links.map((link) => ({ local: link.local_id, remote: link.remote_id })))).toEqual(
    pairs(remote.map((user) => ({ local: user.externalId, remote: user.id })))
  );
  expect(await site.command({ do: 'rows', table: TABLES.outbox, where: { connection_id: connection.id } })).toEqual([]);
}
