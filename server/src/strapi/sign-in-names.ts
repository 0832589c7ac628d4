import type { Population } from '../contracts/connection';
import { ProvisioningError } from '../domain/errors';
import { isPlaceholderEmail } from '../domain/resource/emails';
import { TABLES } from '../models';
import type { Database } from './database';

/** Names an account signs in by, normalised; null: it has none that a unique key could hold. */
export interface NamesOfAccount {
  userNameNorm: string | null;
  emailNorm: string | null;
}

/**
 * What must be an account's own. `best-effort`: nothing, the account is there already and stays. `user-name`: others may
 * share its address. `all`: its address too.
 */
export type Claiming = 'best-effort' | 'user-name' | 'all';

/** Bound parameters per statement stay below every database's limit. */
const CHUNK = 200;

/**
 * Strapi signs in by user name or e-mail: one unique key over both, which two requests at the same moment cannot pass.
 * Each account holds its names in it, so far as they are not somebody else's. Joins the ambient transaction.
 */
export class SignInNames {
  constructor(
    private readonly database: Database,
    private readonly population: Population
  ) {}

  /**
   * Moves an account's claims from the names it had to those it has; without a change it asks the database nothing.
   * Throws `uniqueness` for a name that is new and another account's.
   */
  async move(accountId: number, before: NamesOfAccount, after: NamesOfAccount, claiming: Claiming): Promise<void> {
    const kept = namesOf(after);
    const left = namesOf(before).filter((norm) => !kept.includes(norm));
    const name = after.userNameNorm === before.userNameNorm ? null : after.userNameNorm;
    const email = after.emailNorm === before.emailNorm || claiming === 'user-name' ? null : after.emailNorm;
    if (left.length > 0) {
      await this.database.query(async (tables) =>
        tables(TABLES.signInNames).where({ population: this.population, account_id: accountId }).whereIn('norm', left).delete()
      );
    }
    const wanted = namesOf({ userNameNorm: name, emailNorm: email });
    if (wanted.length === 0) return;
    const inserted = await this.insert(wanted.map((norm) => this.rowOf(accountId, norm)));
    if (inserted === wanted.length || claiming === 'best-effort') return;
    // A name that was the address before is held already.
    const held = await this.heldBy(accountId);
    const lost = wanted.filter((norm) => !held.has(norm));
    if (lost.length === 0) return;
    const isName = name !== null && lost.includes(name);
    throw new ProvisioningError('uniqueness', `The ${isName ? 'userName' : 'e-mail address'} ${isName ? name : email} is already another account’s user name or e-mail address.`, {
      attribute: isName ? 'userName' : 'emails',
    });
  }

  /** Claims of accounts that are there already, many at once: what is free becomes theirs. */
  async ensure(accounts: (NamesOfAccount & { accountId: number | null })[]): Promise<void> {
    const rows = accounts.flatMap((account) => (account.accountId === null ? [] : namesOf(account).map((norm) => this.rowOf(Number(account.accountId), norm))));
    // In one order for all who claim, so that they wait for each other instead of locking each other out.
    rows.sort((one, other) => (one.norm < other.norm ? -1 : 1));
    for (let start = 0; start < rows.length; start += CHUNK) await this.insert(rows.slice(start, start + CHUNK));
  }

  /** The account is gone, or nobody signs in with it any more. */
  async release(accountId: number): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.signInNames).where({ population: this.population, account_id: accountId }).delete());
  }

  private rowOf(accountId: number, norm: string) {
    return { population: this.population, norm, account_id: accountId };
  }

  /**
   * Inserts what is free and answers how many rows that were. Ignoring conflicts, not catching them: on PostgreSQL a
   * failed statement ends the transaction, and nobody could tell any more which name it was.
   */
  private async insert(rows: { norm: string }[]): Promise<number> {
    return this.database.query(async (tables, knex) => {
      const insert = tables(TABLES.signInNames).insert(rows).onConflict(['population', 'norm']).ignore();
      if (this.database.client !== 'mysql') return ((await insert.returning('norm')) as unknown[]).length;
      // knex answers an id, which says nothing about several rows.
      const { sql, bindings } = insert.toSQL().toNative();
      const [result] = (await knex.raw(sql, bindings as string[])) as [{ affectedRows: number }];
      return result.affectedRows;
    });
  }

  private async heldBy(accountId: number): Promise<Set<string>> {
    const rows = await this.database.query<{ norm: string }[]>(async (tables) =>
      tables(TABLES.signInNames).where({ population: this.population, account_id: accountId }).select('norm')
    );
    return new Set(rows.map((row) => row.norm));
  }
}

/** In one order for all who claim; a placeholder is nobody's address. */
function namesOf({ userNameNorm, emailNorm }: NamesOfAccount): string[] {
  const email = emailNorm === null || isPlaceholderEmail(emailNorm) ? null : emailNorm;
  return [...new Set([userNameNorm, email])].filter((norm): norm is string => norm !== null && norm !== '').sort();
}
