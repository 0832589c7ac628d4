import type { AttributeChange, ObjectType } from '../contracts/operation';
import { ProvisioningError } from '../domain/errors';
import { hashOf } from '../domain/diff/canonical';
import { isTombstone, type Tombstone } from '../domain/departure/tombstone';
import { normaliseName } from '../domain/identity/normalise';
import { unseenIn } from '../domain/identity/unseen';
import { accountEmail, isPlaceholderEmail, mainEmail } from '../domain/resource/emails';
import type { Resource } from '../domain/resource/resource';
import { TABLES } from '../models';
import type { ChangeMarker } from '../ports/change-marker';
import type { DirectoryEntry } from '../ports/directory';
import type { GrantStore } from '../ports/grant-store';
import type { LocalDirectory, LocalUser, NewUserOptions, UserKey, WriteOptions } from '../ports/local-directory';
import type { Account, AccountAdapter } from './accounts/account-adapter';
import type { PasswordHasher } from './accounts/password-hasher';
import type { Database } from './database';
import { toIdentity, type Identity, type IdentityRow, type IdentityStore } from './identity-store';
import { joinedLink, joinUserLink, type LinkColumns } from './joined-link';
import type { AccountIndex } from './search/account-index';
import type { Claiming } from './sign-in-names';
import type { WriteContext } from './write-context';

const NAME_LIMIT = 255;

/** Accounts that may share an address and are still told apart. */
const FOUND_LIMIT = 100;

interface StrapiUser extends LocalUser {
  account: Account;
  identity: Identity;
}

/** Users of one population as a directory: accounts joined with their identities. */
export class StrapiDirectory implements LocalDirectory {
  constructor(
    private readonly accounts: AccountAdapter,
    private readonly identities: IdentityStore,
    private readonly changes: ChangeMarker,
    private readonly grants: GrantStore,
    private readonly database: Database,
    private readonly context: WriteContext,
    private readonly passwords: PasswordHasher,
    private readonly index: AccountIndex
  ) {}

  async readUser(scimId: string, linkedTo?: number): Promise<StrapiUser | null> {
    const [user] = await this.users((identities, column) => identities.where(column('scim_id'), scimId), linkedTo);
    return user ?? null;
  }

  async readUsers(scimIds: string[], linkedTo?: number): Promise<LocalUser[]> {
    if (scimIds.length === 0) return [];
    return this.users((identities, column) => identities.whereIn(column('scim_id'), scimIds), linkedTo);
  }

  async findUsers(key: UserKey): Promise<LocalUser[]> {
    if (key.attribute === 'id') return this.readUsers([key.value]);
    const name = key.attribute === 'userName' ? 'user_name_norm' : 'email_norm';
    return this.users((identities, column) =>
      identities.where(column('population'), this.accounts.population).where(column(name), key.value).orderBy(column('id')).limit(FOUND_LIMIT)
    );
  }

  async pageUsers(offset: number, limit: number): Promise<LocalUser[]> {
    return this.withAccounts(await this.identities.page(offset, limit));
  }

  async createUser(resource: Resource, options: NewUserOptions): Promise<LocalUser> {
    const userName = String(resource.userName);
    // The placeholder needs a unique part before there is an id: the name itself is unique.
    const email = accountEmail(resource, userName, hashOf(normaliseName(userName)).slice(0, 40));
    refusePlaceholder(resource);
    await this.refuseName(userName, email, null, options.sharedEmail);
    const account = await this.context.managed(() => this.accounts.create(resource, email, options));
    refuseBreakGlass(account);
    const identity = await this.identities.create(account, options.roleIds[0] ?? null, await this.claimingOf(options));
    await this.index.added([{ identity, account }]);
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
    return toUser(account, identity);
  }

  async updateUser(user: LocalUser, desired: Resource, _changes: AttributeChange[], options: WriteOptions = {}): Promise<LocalUser> {
    const { account, identity } = await this.held(user);
    const userName = String(desired.userName);
    const wanted = accountEmail(desired, userName, `user-${identity.scimId}`);
    const email = isPlaceholderEmail(wanted) && isPlaceholderEmail(account.email) ? account.email : wanted;
    refusePlaceholder(desired);
    await this.refuseName(userName, email, identity, options.sharedEmail);
    const updated = (await this.context.managed(() => this.accounts.update(account, desired, email, options))) ?? account;
    refuseBreakGlass(updated);
    // Also without a change of the row: what is kept with the link changed, and targets have to hear of it.
    const followed = await this.identities.follow(identity, updated, await this.claimingOf(options));
    if (updated !== account) await this.index.changed({ identity, account: updated }, account);
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
    return toUser(updated, followed);
  }

  async hashPassword(password: string, ref: string | null): Promise<string | null> {
    const [identity] = ref === null ? [] : await this.identities.byScimIds([ref]);
    const present = identity?.accountId == null ? null : await this.accounts.passwordHashOf(identity.accountId);
    return this.passwords.hash(this.accounts.uid, password, present);
  }

  async setRoles(user: LocalUser, roleIds: number[]): Promise<void> {
    const { account, identity } = await this.held(user);
    await this.context.managed(() => this.accounts.setRoles(account, roleIds));
    if (identity.departed) return this.identities.depart(identity, { ...account, roleIds });
    await this.identities.follow(identity, { ...account, roleIds }, 'user-name', roleIds[0] === undefined ? {} : { appliedRoleId: roleIds[0] });
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
  }

  async hold(user: LocalUser): Promise<void> {
    await this.identities.hold((await this.held(user)).identity);
  }

  async removeUser(user: LocalUser): Promise<void> {
    const { account, identity } = await this.held(user);
    await this.context.managed(() => this.accounts.remove(account));
    await this.retire(identity);
  }

  async departUser(user: LocalUser, { userName, email }: Tombstone): Promise<void> {
    const { account, identity } = await this.held(user);
    await this.context.managed(async () => {
      await this.accounts.update(account, { ...account.resource, userName, active: false }, email, {});
      // Also of an account that was blocked by other means, whose refresh tokens may still wait.
      await this.accounts.endSessions(account);
    });
    const [blocked] = await this.accounts.load([account.id]);
    await this.identities.depart(identity, blocked ?? account);
    await this.index.removed(identity);
    await this.forget(identity);
  }

  async releaseUser(user: LocalUser): Promise<LocalUser> {
    const { account, identity } = await this.held(user);
    const fresh = await this.identities.replace(identity, account, identity.appliedRoleId, 'best-effort');
    await this.index.removed(identity);
    await this.index.added([{ identity: fresh, account }]);
    await this.forget(identity, fresh);
    return toUser(account, fresh);
  }

  async readDeparted(scimId: string): Promise<StrapiUser | null> {
    const identity = await this.identities.departed(scimId);
    const [user] = identity === null ? [] : await this.withAccounts([identity]);
    return user ?? null;
  }

  async reviveUser(departed: LocalUser, resource: Resource, options: NewUserOptions): Promise<LocalUser> {
    const { account, identity } = await this.held(departed);
    const { roleIds } = options;
    const userName = String(resource.userName);
    const email = accountEmail(resource, userName, hashOf(normaliseName(userName)).slice(0, 40));
    refusePlaceholder(resource);
    await this.refuseName(userName, email, identity, options.sharedEmail);
    await this.context.managed(async () => {
      await this.accounts.update(account, resource, email, options);
      await this.accounts.setRoles(account, roleIds);
    });
    const [revived] = await this.accounts.load([account.id]);
    if (!revived) throw new ProvisioningError('conflict', 'The account was deleted while its person came back.');
    const fresh = await this.identities.replace(identity, revived, roleIds[0] ?? null, await this.claimingOf(options));
    await this.index.added([{ identity: fresh, account: revived }]);
    await this.changes.usersChanged(this.accounts.population, [fresh.scimId]);
    return toUser(revived, fresh);
  }

  async anonymiseUser(departed: LocalUser): Promise<void> {
    const { account, identity } = await this.held(departed);
    await this.context.managed(() => this.accounts.anonymise(account));
    const [left] = await this.accounts.load([account.id]);
    await this.identities.depart(identity, left ?? account);
  }

  /** Somebody lets a departed account in again by hand: from now on it is an account nobody provisioned. */
  async takeBack(identity: Identity, account: Account): Promise<Identity> {
    const fresh = await this.identities.replace(identity, account, null, 'best-effort');
    await this.index.added([{ identity: fresh, account }]);
    await this.database.query(async (tables) =>
      tables(TABLES.departures).where({ population: this.accounts.population, account_id: account.id }).delete()
    );
    return fresh;
  }

  /** What follows from an account being gone, whoever deleted it. */
  async retire(identity: Identity): Promise<void> {
    await this.identities.retire(identity);
    // One that left before is in no index any more.
    if (!identity.departed) await this.index.removed(identity);
    if (identity.accountId !== null) {
      await this.database.query(async (tables) =>
        tables(TABLES.departures).where({ population: this.accounts.population, account_id: identity.accountId }).delete()
      );
    }
    await this.forget(identity);
  }

  /** What a SCIM id leaves behind ends with it. `heir`: the id under which targets know the person from now on. */
  private async forget({ scimId }: Identity, heir: Identity | null = null): Promise<void> {
    await this.grants.removeUser(scimId);
    await this.database.query(async (tables) => {
      const membership = { member_type: 'User', member_id: scimId };
      // Locked: MySQL would answer from before this transaction waited for one that was adding the user.
      const groups = (await tables(TABLES.members).where(membership).select('group_id').forUpdate()) as { group_id: number }[];
      if (groups.length > 0) {
        await tables(TABLES.groups)
          .whereIn('id', groups.map((row) => row.group_id))
          .increment('version', 1)
          .update({ updated_at: this.identities.now() });
        await tables(TABLES.members).where(membership).delete();
      }
      // Links of providers hold what they wrote about the person. Links of targets stay until the target was told.
      await tables(TABLES.links).where({ object_type: 'User', local_id: scimId }).whereNotNull('kept').delete();
      if (heir === null) await tables(TABLES.assignments).where({ local_id: scimId }).delete();
      else {
        await tables(TABLES.links).where({ object_type: 'User', local_id: scimId }).update({ local_id: heir.scimId });
        for (const table of [TABLES.assignments, TABLES.standings, TABLES.pushedMembers]) await tables(table).where({ local_id: scimId }).update({ local_id: heir.scimId });
      }
    });
    // Also with an heir: a delivery that is on its way may still write what it learnt under the old id.
    await this.changes.usersChanged(this.accounts.population, heir === null ? [scimId] : [scimId, heir.scimId]);
  }

  defaultRoleId(): Promise<number | null> {
    return this.accounts.defaultRoleId();
  }

  async usersGiven(roleId: number, after: number, limit: number): Promise<{ users: LocalUser[]; next: number | null }> {
    const identities = await this.identities.withAppliedRole(roleId, after, limit);
    return { users: await this.withAccounts(identities), next: identities.length < limit ? null : (identities.at(-1)?.id ?? null) };
  }

  fallbackRoleId(): Promise<number | null> {
    return this.accounts.fallbackRoleId();
  }

  protectedRoleIds(): Promise<number[]> {
    return this.accounts.protectedRoleIds();
  }

  existingRoleIds(roleIds: number[]): Promise<number[]> {
    return this.accounts.existingRoleIds(roleIds);
  }

  async isLastSuperAdmin(user: LocalUser): Promise<boolean> {
    const { account } = await this.held(user);
    return account.resource.active !== false && (await this.accounts.isLastSuperAdmin(account));
  }

  // The same directory as any other sees it.

  async read(type: ObjectType, ref: string): Promise<DirectoryEntry | null> {
    return type === 'User' ? this.readUser(ref) : null;
  }

  async find(type: ObjectType, attribute: string, value: string): Promise<DirectoryEntry[]> {
    if (type !== 'User') return [];
    if (attribute === 'userName') return this.findUsers({ attribute, value: normaliseName(value) });
    if (attribute === 'emails.value') return this.findUsers({ attribute: 'email', value: normaliseName(value) });
    throw new ProvisioningError('invalid-filter', `Users of Strapi cannot be joined by ${attribute}.`, { attribute });
  }

  async create(type: ObjectType, resource: Resource): Promise<DirectoryEntry> {
    this.usersOnly(type);
    const roleId = await this.defaultRoleId();
    return this.createUser(resource, { roleIds: roleId === null ? [] : [roleId] });
  }

  async update(type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<DirectoryEntry> {
    this.usersOnly(type);
    const user = await this.readUser(ref);
    if (!user) throw new ProvisioningError('not-found', `There is no user with the id ${ref}.`);
    return this.updateUser(user, desired, changes);
  }

  async delete(type: ObjectType, ref: string): Promise<void> {
    this.usersOnly(type);
    const user = await this.readUser(ref);
    if (user) await this.removeUser(user);
  }

  private usersOnly(type: ObjectType): void {
    if (type !== 'User') throw new ProvisioningError('invalid-value', 'Strapi’s roles are not written as groups.');
  }

  /** Where accounts may share an address, nobody claims it. */
  private async claimingOf({ sharedEmail = 'as-strapi' }: WriteOptions): Promise<Claiming> {
    return (await this.accounts.emailIsUnique(sharedEmail)) ? 'all' : 'user-name';
  }

  /**
   * Names that look like others, and names that are taken: Strapi signs in by user name or e-mail, so that neither may be
   * another account's, in either role. Says exactly what is in the way; between requests at the same moment the claims of
   * IdentityStore decide.
   */
  private async refuseName(
    userName: string,
    email: string,
    own: Identity | null,
    sharedEmail: NonNullable<WriteOptions['sharedEmail']> = 'as-strapi'
  ): Promise<void> {
    const nameNorm = normaliseName(userName);
    // Folding may lengthen a name, and the key has to hold all of it.
    if (nameNorm.length > NAME_LIMIT) throw new ProvisioningError('invalid-value', `userName: longer than ${NAME_LIMIT} characters.`, { attribute: 'userName' });
    const emailNorm = normaliseName(email);
    const changedName = nameNorm !== own?.userNameNorm;
    // Of an account that is there already the name may stay.
    if (changedName && isTombstone(nameNorm)) throw reserved('userName', userName);
    const unseen = changedName ? unseenIn(userName) : null;
    if (unseen !== null) throw new ProvisioningError('invalid-value', `userName: ${unseen} is a character that cannot be seen; names that look alike would be different people.`, { attribute: 'userName' });
    const changedEmail = emailNorm !== own?.emailNorm && !isPlaceholderEmail(email);
    if (!changedName && !changedEmail) return;
    const others = (await this.identities.holdersOf([nameNorm, emailNorm])).filter((identity) => identity.id !== own?.id);
    const isNamed = (norm: string): boolean => others.some((identity) => identity.userNameNorm === norm);
    const isAddressed = (norm: string): boolean => others.some((identity) => identity.emailNorm === norm);
    const refuse = (message: string, attribute: string): never => {
      throw new ProvisioningError('uniqueness', message, { attribute });
    };
    if (changedName && isNamed(nameNorm)) refuse(`The userName ${userName} is already taken.`, 'userName');
    if (changedName && isAddressed(nameNorm)) refuse(`The userName ${userName} is another account’s e-mail address.`, 'userName');
    if (changedEmail && isNamed(emailNorm)) refuse(`The e-mail address ${email} is another account’s user name.`, 'emails');
    if (changedEmail && isAddressed(emailNorm) && (await this.accounts.emailIsUnique(sharedEmail))) refuse(`The e-mail address ${email} is already taken.`, 'emails');
  }

  /** What this directory read itself it need not read again: the identity's version finds out if it is out of date. */
  private async held(user: LocalUser): Promise<StrapiUser> {
    if ('account' in user && 'identity' in user) return user as StrapiUser;
    const present = (await this.readUser(user.ref)) ?? (await this.readDeparted(user.ref));
    if (!present) throw new ProvisioningError('not-found', `There is no user with the id ${user.ref}.`);
    return present;
  }

  /** Population and state are looked at here: SQLite would take an index that begins with them and read everybody. */
  private async users(narrow: Parameters<AccountAdapter['rows']['find']>[0], linkedTo?: number): Promise<StrapiUser[]> {
    const { rows, population } = this.accounts;
    const narrowed: typeof narrow = (identities, column) => {
      if (linkedTo !== undefined) joinUserLink(identities, linkedTo, column('scim_id'));
      return narrow(identities, column);
    };
    return (await rows.find(narrowed)).flatMap(({ identity, account }) => {
      const row = identity as unknown as IdentityRow & LinkColumns;
      if (row.population !== population || row.state !== null) return [];
      const user = toUser(this.accounts.accountOf(account), toIdentity(row));
      return linkedTo === undefined ? [user] : [{ ...user, link: joinedLink(row, linkedTo, user.ref) }];
    });
  }

  private async withAccounts(identities: Identity[]): Promise<StrapiUser[]> {
    const ids = identities.flatMap((identity) => (identity.accountId === null ? [] : [identity.accountId]));
    if (ids.length === 0) return [];
    const accounts = new Map((await this.accounts.load(ids)).map((account) => [account.id, account]));
    return identities.flatMap((identity) => {
      const account = identity.accountId === null ? undefined : accounts.get(identity.accountId);
      return account ? [toUser(account, identity)] : [];
    });
  }
}

const reserved = (attribute: string, name: string): ProvisioningError =>
  new ProvisioningError('invalid-value', `${attribute}: ${name} is reserved for accounts whose people left.`, { attribute });

/** Placeholders are made here and never shown: one that is sent would be another account's. */
function refusePlaceholder(resource: Resource): void {
  const email = mainEmail(resource);
  if (email !== null && isTombstone(email)) throw reserved('emails', email);
}

/** Nobody becomes a break-glass account by a provider: nothing could take it away again. */
function refuseBreakGlass({ protection }: Account): void {
  if (protection?.reason === 'break-glass') throw new ProvisioningError('protected', protection.message, { attribute: 'userName' });
}

function toUser(account: Account, identity: Identity): StrapiUser {
  return {
    ref: identity.scimId,
    key: identity.id,
    accountId: account.id,
    resource: account.resource,
    created: identity.createdAt,
    lastModified: identity.updatedAt,
    version: identity.version,
    roleIds: account.roleIds,
    signIn: account.signIn,
    appliedRoleId: identity.appliedRoleId,
    protection: account.protection,
    account,
    identity,
  };
}
