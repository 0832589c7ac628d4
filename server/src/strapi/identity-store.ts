import { randomUUID } from 'node:crypto';
import type { Population } from '../contracts/connection';
import { ProvisioningError } from '../domain/errors';
import { hashOf } from '../domain/diff/canonical';
import { normaliseName } from '../domain/identity/normalise';
import { STRAPI_USER_URN } from '../scim/schema/urns';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { Account } from './accounts/account-adapter';
import { isUniqueViolation, toNumber, toNumberOrNull, type Database } from './database';
import { SignInNames, type Claiming, type NamesOfAccount } from './sign-in-names';

export interface Identity {
  id: number;
  accountId: number | null;
  scimId: string;
  userNameNorm: string | null;
  emailNorm: string | null;
  appliedRoleId: number | null;
  fingerprint: string | null;
  /** The account is kept, its person left: no user for anybody. */
  departed: boolean;
  version: number;
  /** Version of the index of values it is in; null: in none. */
  indexed: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface IdentityRow {
  id: number;
  population: string;
  account_id: number | null;
  scim_id: string;
  user_name_norm: string | null;
  email_norm: string | null;
  applied_role_id: number | null;
  fingerprint: string | null;
  state: string | null;
  version: number;
  indexed: number | null;
  created_at: number | string;
  updated_at: number | string;
}

const DEPARTED = 'departed';

export const toIdentity = (row: IdentityRow): Identity => ({
  id: row.id,
  accountId: row.account_id,
  scimId: row.scim_id,
  userNameNorm: row.user_name_norm,
  emailNorm: row.email_norm,
  appliedRoleId: toNumberOrNull(row.applied_role_id),
  fingerprint: row.fingerprint,
  departed: row.state === DEPARTED,
  version: row.version,
  indexed: row.indexed,
  createdAt: toNumber(row.created_at),
  updatedAt: toNumber(row.updated_at),
});

/**
 * What the sweep compares: everything of an account that a target or a reader may have to hear of. The extension is part
 * of it only where it has values, so that the accounts of a site without own fields do not all look changed.
 */
export function fingerprintOf({ userName, email, resource, roleIds, signIn }: Account): string {
  const extension = resource[STRAPI_USER_URN] as object | undefined;
  const own = extension === undefined || Object.keys(extension).length === 0 ? [] : [extension];
  // As new accounts are: left out, for the same reason.
  const usual = signIn === null || (signIn.provider === 'local' && signIn.confirmed);
  return hashOf([userName, email, resource.active, resource.name ?? null, [...roleIds].sort(), ...own, ...(usual ? [] : [signIn.provider, signIn.confirmed])]);
}

/** Rows of one population's identities: SCIM id and the unique keys that Strapi's tables lack. */
export class IdentityStore {
  private readonly names: SignInNames;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly population: Population,
    /** Of the index that new identities are put into with their first write. */
    private readonly indexVersion: number
  ) {
    this.names = new SignInNames(database, population);
  }

  now(): number {
    return this.clock.now();
  }

  async byScimIds(scimIds: string[]): Promise<Identity[]> {
    // Population and state are looked at here: SQLite would take an index that begins with them and read everybody.
    const rows = await this.database.query<IdentityRow[]>(async (tables) => tables(TABLES.identities).whereIn('scim_id', scimIds));
    return rows.filter((row) => row.population === this.population && row.state === null).map(toIdentity);
  }

  async departed(scimId: string): Promise<Identity | null> {
    const [row] = await this.database.query<IdentityRow[]>(async (tables) => tables(TABLES.identities).where({ scim_id: scimId }));
    return row?.population === this.population && row.state === DEPARTED && row.account_id !== null ? toIdentity(row) : null;
  }

  async byAccountIds(accountIds: number[]): Promise<Identity[]> {
    return this.rows((query) => query.whereIn('account_id', accountIds));
  }

  async byUserName(userNameNorm: string): Promise<Identity[]> {
    return this.rows((query) => query.where('user_name_norm', userNameNorm));
  }

  async page(offset: number, limit: number): Promise<Identity[]> {
    return this.rows((query) => query.whereNotNull('account_id').whereNull('state').orderBy('id').offset(offset).limit(limit));
  }

  async withAppliedRole(roleId: number, after: number, limit: number): Promise<Identity[]> {
    return this.rows((query) => query.where('applied_role_id', roleId).where('id', '>', after).whereNotNull('account_id').whereNull('state').orderBy('id').limit(limit));
  }

  /**
   * The row of an account that provisioning makes. Throws `uniqueness` when a name is taken: the unique keys decide,
   * also between two requests at the same moment.
   */
  async create(account: Account, appliedRoleId: number | null, claiming: Claiming, predecessor: string | null = null): Promise<Identity> {
    try {
      const identity = await this.insert(account, normaliseName(account.userName), appliedRoleId, predecessor);
      await this.names.move(account.id, NO_NAMES, identity, claiming);
      return identity;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw taken(account.userName, error);
    }
  }

  /** Makes the rows of accounts that Strapi made and answers those that were made. A name that another account has in another case stays without key. */
  async ensureMany(accounts: Account[]): Promise<{ identity: Identity; account: Account }[]> {
    if (accounts.length === 0) return [];
    const taken = await this.takenNames(accounts);
    const rows = accounts.map((account) => {
      const norm = keyOf(account.userName);
      const free = norm !== null && !taken.has(norm);
      if (free) taken.add(norm);
      return this.rowOf(account, free ? norm : null, null);
    });
    await this.database.query(async (tables) => {
      for (let start = 0; start < rows.length; start += CHUNK) {
        // Somebody else may have the account or the name since this was read.
        await tables(TABLES.identities).insert(rows.slice(start, start + CHUNK)).onConflict().ignore();
      }
    });
    const ours = new Set(rows.map((row) => row.scim_id));
    const present = (await this.byAccountIds(accounts.map(({ id }) => id))).filter(({ scimId }) => ours.has(scimId));
    await this.names.ensure(present);
    const stored = new Map(present.map((identity) => [identity.accountId, identity]));
    return accounts.flatMap((account) => {
      const identity = stored.get(account.id);
      return identity ? [{ identity, account }] : [];
    });
  }

  /** Of identities that had to do without their name's key, because another account held it, those that can have it now. */
  async claimable(users: { identity: Identity; account: Account }[]): Promise<Set<number>> {
    if (users.length === 0) return new Set();
    const taken = await this.takenNames(users.map(({ account }) => account));
    return new Set(
      users.flatMap(({ identity, account }) => {
        const norm = keyOf(account.userName);
        if (norm === null || taken.has(norm)) return [];
        taken.add(norm);
        return [identity.id];
      })
    );
  }

  /** Claims the names of accounts that were there before there were claims, or lost a name that is free by now. */
  async claimNames(ids: number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.names.ensure(await this.rows((query) => query.whereIn('id', ids)));
  }

  async markIndexed(ids: number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.query(async (tables) => tables(TABLES.identities).whereIn('id', ids).update({ indexed: this.indexVersion }));
  }

  /** Whether there are accounts that the index of values does not hold, or holds in an older form. */
  async hasUnindexed(): Promise<boolean> {
    const rows = await this.rows((query) =>
      query.whereNotNull('account_id').whereNull('state').where((stale) => stale.whereNull('indexed').orWhereNot('indexed', this.indexVersion)).limit(1)
    );
    return rows.length > 0;
  }

  private async takenNames(accounts: Account[]): Promise<Set<string>> {
    const norms = accounts.flatMap((account) => keyOf(account.userName) ?? []);
    const holders = await this.rows((query) => query.whereIn('user_name_norm', norms));
    return new Set(holders.flatMap((identity) => identity.userNameNorm ?? []));
  }

  /** Follows a change that was made to the account. Throws `uniqueness` only for provisioned changes, which claim more than `best-effort`. */
  async follow(identity: Identity, account: Account, claiming: Claiming, fields: { appliedRoleId?: number } = {}): Promise<Identity> {
    const strict = claiming !== 'best-effort';
    const norm = keyOf(account.userName);
    const free = strict || norm === identity.userNameNorm || (norm !== null && (await this.byUserName(norm)).length === 0);
    const next = { userNameNorm: free ? norm : null, emailNorm: keyOf(account.email), fingerprint: fingerprintOf(account) };
    let written: { version: number; updatedAt: number };
    try {
      written = await this.write(identity, {
        user_name: account.userName,
        user_name_norm: next.userNameNorm,
        email_norm: next.emailNorm,
        fingerprint: next.fingerprint,
        ...(fields.appliedRoleId === undefined ? {} : { applied_role_id: fields.appliedRoleId }),
      });
      await this.names.move(account.id, identity, next, claiming);
    } catch (error) {
      if (!strict || !isUniqueViolation(error)) throw error;
      throw taken(account.userName, error);
    }
    return { ...identity, ...next, ...written, appliedRoleId: fields.appliedRoleId ?? identity.appliedRoleId };
  }

  /** The account is kept without its person: the names become free, and nobody finds it any more. */
  async depart(identity: Identity, account: Account): Promise<void> {
    if (!identity.departed) await this.names.release(account.id);
    await this.write(identity, {
      state: DEPARTED,
      user_name: account.userName,
      user_name_norm: null,
      email_norm: null,
      applied_role_id: null,
      fingerprint: fingerprintOf(account),
    });
  }

  /** Keeps the row as it was read until the transaction ends. Throws `conflict` where somebody changed it meanwhile. */
  async hold({ id, version }: Identity): Promise<void> {
    const row: unknown = await this.database.query(async (tables) =>
      tables(TABLES.identities).where({ id, version }).whereNotNull('account_id').forUpdate().first('id')
    );
    if (row === undefined) throw changedMeanwhile();
  }

  /** The account goes on under another SCIM id; the old one stays taken. Log rows of the old id are found by the chain. */
  async replace(identity: Identity, account: Account, appliedRoleId: number | null, claiming: Claiming): Promise<Identity> {
    await this.retire(identity);
    if (claiming !== 'best-effort') return this.create(account, appliedRoleId, claiming, identity.scimId);
    const norm = keyOf(account.userName);
    const free = norm !== null && (await this.byUserName(norm)).length === 0;
    const fresh = await this.insert(account, free ? norm : null, appliedRoleId, identity.scimId);
    await this.names.move(account.id, NO_NAMES, fresh, claiming);
    return fresh;
  }

  /** SCIM ids that an account had before this one, newest first. */
  async predecessors(scimId: string): Promise<string[]> {
    const found: string[] = [];
    for (let id: string | null = scimId; id !== null; ) {
      const row: { predecessor: string | null } | undefined = await this.database.query(async (tables) =>
        tables(TABLES.identities).where({ scim_id: id }).first('predecessor')
      );
      id = row?.predecessor ?? null;
      if (id !== null) found.push(id);
    }
    return found;
  }

  /** The account is gone: the SCIM id stays taken, the names become free. */
  async retire(identity: Identity): Promise<void> {
    if (identity.accountId !== null && !identity.departed) await this.names.release(identity.accountId);
    await this.write(identity, { account_id: null, user_name_norm: null, email_norm: null, fingerprint: null });
  }

  /** Two requests read the same state: the later one starts over from what the earlier one wrote. */
  private async write(identity: Identity, columns: Partial<IdentityRow> & { user_name?: string }): Promise<{ version: number; updatedAt: number }> {
    const { id, version } = identity;
    const written = { version: version + 1, updatedAt: this.clock.now() };
    const changes = { ...columns, version: written.version, updated_at: written.updatedAt };
    const count = await this.database.query<number>(async (tables) => tables(TABLES.identities).where({ id, version }).update(changes));
    if (count === 0) throw changedMeanwhile();
    return written;
  }

  private async insert(account: Account, userNameNorm: string | null, appliedRoleId: number | null, predecessor: string | null = null): Promise<Identity> {
    const row = this.rowOf(account, userNameNorm, appliedRoleId, predecessor);
    return toIdentity({ ...row, id: await this.database.insertedId(TABLES.identities, row) });
  }

  private rowOf(account: Account, userNameNorm: string | null, appliedRoleId: number | null, predecessor: string | null = null) {
    return {
      population: this.population,
      account_id: account.id,
      scim_id: randomUUID() as string,
      predecessor,
      user_name: account.userName,
      user_name_norm: userNameNorm,
      email_norm: keyOf(account.email),
      applied_role_id: appliedRoleId,
      fingerprint: fingerprintOf(account),
      state: null,
      version: 1,
      indexed: this.indexVersion,
      created_at: account.createdAt,
      // RFC 7643 section 3.1: of what was never changed it is the same as created. Under another id the account begins anew.
      updated_at: predecessor === null ? account.updatedAt : this.clock.now(),
    };
  }

  /**
   * Who holds one of these names or addresses: one query for all that must be unique together. Two parts, each found by
   * its own index: with OR between them SQLite reads the whole population.
   */
  async holdersOf(norms: string[]): Promise<Identity[]> {
    const wanted = [...new Set(norms)];
    const rows = await this.database.query<IdentityRow[]>(async (tables) => {
      const ofPopulation = (): import('knex').Knex.QueryBuilder => tables(TABLES.identities).where({ population: this.population });
      // An address may be shared by many; who has the name must not be lost among them.
      const addressed = ofPopulation().whereIn('email_norm', wanted).limit(20).as('addressed');
      return ofPopulation().whereIn('user_name_norm', wanted).unionAll((part) => void part.select('*').from(addressed));
    });
    return rows.map(toIdentity);
  }

  private async rows(narrow: (query: import('knex').Knex.QueryBuilder) => unknown): Promise<Identity[]> {
    const rows = await this.database.query<IdentityRow[]>(async (tables) => {
      const query = tables(TABLES.identities).where({ population: this.population });
      narrow(query);
      return query;
    });
    return rows.map(toIdentity);
  }
}

/** Bound parameters per statement stay far below every database's limit. */
const CHUNK = 100;
const KEY_LIMIT = 255;

const NO_NAMES: NamesOfAccount = { userNameNorm: null, emailNorm: null };

/** Folding may lengthen a text: one that its column cannot hold has no key. */
function keyOf(text: string): string | null {
  const norm = normaliseName(text);
  return norm.length > KEY_LIMIT ? null : norm;
}

const changedMeanwhile = (): ProvisioningError => new ProvisioningError('conflict', 'The user was changed by another request at the same moment.');

const taken = (userName: string, cause: unknown): ProvisioningError =>
  new ProvisioningError('uniqueness', `The userName ${userName} is already taken.`, { attribute: 'userName', cause });
