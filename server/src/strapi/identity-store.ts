import { randomUUID } from 'node:crypto';
import type { Population } from '../contracts/connection';
import { ProvisioningError } from '../domain/errors';
import { hashOf } from '../domain/diff/canonical';
import { normaliseName } from '../domain/identity/normalise';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { Account } from './accounts/account-adapter';
import { isUniqueViolation, toNumber, toNumberOrNull, type Database } from './database';

export interface Identity {
  id: number;
  accountId: number | null;
  scimId: string;
  userNameNorm: string | null;
  emailNorm: string | null;
  appliedRoleId: number | null;
  fingerprint: string | null;
  version: number;
  createdAt: number;
  updatedAt: number;
}

interface IdentityRow {
  id: number;
  account_id: number | null;
  scim_id: string;
  user_name_norm: string | null;
  email_norm: string | null;
  applied_role_id: number | null;
  fingerprint: string | null;
  version: number;
  created_at: number | string;
  updated_at: number | string;
}

const toIdentity = (row: IdentityRow): Identity => ({
  id: row.id,
  accountId: row.account_id,
  scimId: row.scim_id,
  userNameNorm: row.user_name_norm,
  emailNorm: row.email_norm,
  appliedRoleId: toNumberOrNull(row.applied_role_id),
  fingerprint: row.fingerprint,
  version: row.version,
  createdAt: toNumber(row.created_at),
  updatedAt: toNumber(row.updated_at),
});

/** What the sweep compares: everything of an account that a target may have to hear of. */
export const fingerprintOf = (account: Account): string =>
  hashOf([account.userName, account.email, account.resource.active, account.resource.name ?? null, [...account.roleIds].sort()]);

/** Rows of one population's identities: SCIM id and the unique keys that Strapi's tables lack. */
export class IdentityStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly population: Population
  ) {}

  async byScimIds(scimIds: string[]): Promise<Identity[]> {
    return this.rows((query) => query.whereIn('scim_id', scimIds));
  }

  async byAccountIds(accountIds: number[]): Promise<Identity[]> {
    return this.rows((query) => query.whereIn('account_id', accountIds));
  }

  async byUserName(userNameNorm: string): Promise<Identity[]> {
    return this.rows((query) => query.where('user_name_norm', userNameNorm));
  }

  async byEmail(emailNorm: string): Promise<Identity[]> {
    return this.rows((query) => query.where('email_norm', emailNorm).limit(100));
  }

  async page(offset: number, limit: number): Promise<Identity[]> {
    return this.rows((query) => query.whereNotNull('account_id').orderBy('id').offset(offset).limit(limit));
  }

  async count(): Promise<number> {
    const row = await this.database.query<{ total: number | string } | undefined>(async (tables) =>
      tables(TABLES.identities).where({ population: this.population }).whereNotNull('account_id').count({ total: '*' }).first()
    );
    return toNumber(row?.total ?? 0);
  }

  /**
   * The row of an account that provisioning makes. Throws `uniqueness` when the userName is taken: the unique key
   * decides, also between two requests at the same moment.
   */
  async create(account: Account, appliedRoleId: number | null): Promise<Identity> {
    try {
      await this.insert(account, normaliseName(account.userName), appliedRoleId);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw taken(account.userName, error);
    }
    return this.ofAccount(account.id);
  }

  /** The row of an account that Strapi made. A name that another account has in another case stays without key. */
  async ensure(account: Account): Promise<{ identity: Identity; isNew: boolean }> {
    const [present] = await this.byAccountIds([account.id]);
    if (present) return { identity: present, isNew: false };
    const norm = normaliseName(account.userName);
    const holder = await this.byUserName(norm);
    await this.insert(account, holder.length === 0 ? norm : null, null);
    return { identity: await this.ofAccount(account.id), isNew: true };
  }

  /** Whether an account that had to do without its name's key, because another one held it, can have it now. */
  async canClaimName(identity: Identity, account: Account): Promise<boolean> {
    return identity.userNameNorm === null && (await this.byUserName(normaliseName(account.userName))).length === 0;
  }

  /** Follows a change that was made to the account. Throws `uniqueness` only for provisioned changes (`strict`). */
  async follow(identity: Identity, account: Account, strict: boolean, fields: { appliedRoleId?: number } = {}): Promise<void> {
    const norm = normaliseName(account.userName);
    const free = strict || norm === identity.userNameNorm || (await this.byUserName(norm)).length === 0;
    try {
      const followed = await this.database.query<number>(async (tables) =>
        tables(TABLES.identities)
          .where({ id: identity.id, version: identity.version })
          .update({
            user_name: account.userName,
            user_name_norm: free ? norm : null,
            email_norm: normaliseName(account.email),
            fingerprint: fingerprintOf(account),
            version: identity.version + 1,
            updated_at: this.clock.now(),
            ...(fields.appliedRoleId === undefined ? {} : { applied_role_id: fields.appliedRoleId }),
          })
      );
      // Two requests read the same state: the later one starts over from what the earlier one wrote.
      if (followed === 0) throw new ProvisioningError('conflict', 'The user was changed by another request at the same moment.');
    } catch (error) {
      if (!strict || !isUniqueViolation(error)) throw error;
      throw taken(account.userName, error);
    }
  }

  /** The account is gone: the SCIM id stays taken, the names become free. */
  async retire(identity: Identity): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.identities)
        .where({ id: identity.id })
        .update({ account_id: null, user_name_norm: null, email_norm: null, fingerprint: null, updated_at: this.clock.now() })
    );
  }

  private async ofAccount(accountId: number): Promise<Identity> {
    const [identity] = await this.byAccountIds([accountId]);
    if (!identity) throw new ProvisioningError('internal', 'The identity was not stored.');
    return identity;
  }

  private async insert(account: Account, userNameNorm: string | null, appliedRoleId: number | null): Promise<void> {
    const now = this.clock.now();
    await this.database.query(async (tables) =>
      tables(TABLES.identities).insert({
        population: this.population,
        account_id: account.id,
        scim_id: randomUUID(),
        user_name: account.userName,
        user_name_norm: userNameNorm,
        email_norm: normaliseName(account.email),
        applied_role_id: appliedRoleId,
        fingerprint: fingerprintOf(account),
        version: 1,
        created_at: account.createdAt,
        updated_at: now,
      })
    );
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

const taken = (userName: string, cause: unknown): ProvisioningError =>
  new ProvisioningError('uniqueness', `The userName ${userName} is already taken.`, { attribute: 'userName', cause });
