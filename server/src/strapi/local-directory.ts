import type { AttributeChange, ObjectType } from '../contracts/operation';
import { ProvisioningError } from '../domain/errors';
import { normaliseName } from '../domain/identity/normalise';
import { accountEmail, isPlaceholderEmail } from '../domain/resource/emails';
import type { Resource } from '../domain/resource/resource';
import { TABLES } from '../models';
import type { ChangeMarker } from '../ports/change-marker';
import type { DirectoryEntry } from '../ports/directory';
import type { GrantStore } from '../ports/grant-store';
import type { LocalDirectory, LocalUser, NewUserOptions, UserKey } from '../ports/local-directory';
import type { Account, AccountAdapter } from './accounts/account-adapter';
import type { Database } from './database';
import type { Identity, IdentityStore } from './identity-store';
import type { WriteContext } from './write-context';

const NAME_LIMIT = 255;

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
    private readonly context: WriteContext
  ) {}

  async readUser(scimId: string): Promise<StrapiUser | null> {
    const [user] = await this.withAccounts(await this.identities.byScimIds([scimId]));
    return user ?? null;
  }

  async readUsers(scimIds: string[]): Promise<LocalUser[]> {
    return this.withAccounts(await this.identities.byScimIds(scimIds));
  }

  async findUsers(key: UserKey): Promise<LocalUser[]> {
    if (key.attribute === 'id') return this.readUsers([key.value]);
    const found = key.attribute === 'userName' ? this.identities.byUserName(key.value) : this.identities.byEmail(key.value);
    return this.withAccounts(await found);
  }

  async pageUsers(offset: number, limit: number): Promise<LocalUser[]> {
    return this.withAccounts(await this.identities.page(offset, limit));
  }

  countUsers(): Promise<number> {
    return this.identities.count();
  }

  async createUser(resource: Resource, { roleIds }: NewUserOptions): Promise<LocalUser> {
    const userName = String(resource.userName);
    // The placeholder needs a unique part before there is an id: the name itself is unique.
    const email = accountEmail(resource, userName, Buffer.from(normaliseName(userName)).toString('hex').slice(0, 60));
    await this.refuseTaken(userName, email, null);
    const id = await this.context.managed(() => this.accounts.create(resource, email, roleIds));
    const [account] = await this.accounts.load([id]);
    if (!account) throw new ProvisioningError('internal', 'The account was not stored.');
    const identity = await this.identities.create(account, roleIds[0] ?? null);
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
    return toUser(account, identity);
  }

  async updateUser(user: LocalUser, desired: Resource, _changes: AttributeChange[]): Promise<LocalUser> {
    const { account, identity } = await this.own(user);
    const userName = String(desired.userName);
    const keepsEmail = desired.emails === undefined && isPlaceholderEmail(account.email);
    const email = keepsEmail ? account.email : accountEmail(desired, userName, `user-${identity.scimId}`);
    await this.refuseTaken(userName, email, identity);
    const written = await this.context.managed(() => this.accounts.update(account, desired, email));
    const [updated] = written ? await this.accounts.load([account.id]) : [account];
    if (!updated) throw new ProvisioningError('conflict', 'The account was deleted while it was being changed.');
    // Also without a change of the row: what is kept with the link changed, and targets have to hear of it.
    await this.identities.follow(identity, updated, true);
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
    return (await this.readUser(identity.scimId)) ?? toUser(updated, identity);
  }

  async setRoles(user: LocalUser, roleIds: number[]): Promise<void> {
    const { account, identity } = await this.own(user);
    await this.context.managed(() => this.accounts.setRoles(account, roleIds));
    await this.identities.follow(identity, { ...account, roleIds }, true, roleIds[0] === undefined ? {} : { appliedRoleId: roleIds[0] });
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
  }

  async removeUser(user: LocalUser): Promise<void> {
    const { account, identity } = await this.own(user);
    await this.context.managed(() => this.accounts.remove(account));
    await this.retire(identity);
  }

  /** What follows from an account being gone, whoever deleted it. */
  async retire(identity: Identity): Promise<void> {
    await this.identities.retire(identity);
    await this.grants.removeUser(identity.scimId);
    await this.database.query(async (tables) => {
      await tables(TABLES.members).where({ member_type: 'User', member_id: identity.scimId }).delete();
      // Links of providers hold what they wrote about the person. Links of targets stay until the target was told.
      await tables(TABLES.links).where({ object_type: 'User', local_id: identity.scimId }).whereNotNull('kept').delete();
    });
    await this.changes.usersChanged(this.accounts.population, [identity.scimId]);
  }

  defaultRoleId(): Promise<number | null> {
    return this.accounts.defaultRoleId();
  }

  protectedRoleIds(): Promise<number[]> {
    return this.accounts.protectedRoleIds();
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

  /** Strapi signs in by user name or e-mail: neither may be another account's, in either role. */
  private async refuseTaken(userName: string, email: string, own: Identity | null): Promise<void> {
    const nameNorm = normaliseName(userName);
    // Folding may lengthen a name, and the key has to hold all of it.
    if (nameNorm.length > NAME_LIMIT) throw new ProvisioningError('invalid-value', `userName: longer than ${NAME_LIMIT} characters.`, { attribute: 'userName' });
    const emailNorm = normaliseName(email);
    const changedName = nameNorm !== own?.userNameNorm;
    const changedEmail = emailNorm !== own?.emailNorm;
    const isOther = (identity: Identity): boolean => identity.id !== own?.id;
    const refuse = (message: string, attribute: string): never => {
      throw new ProvisioningError('uniqueness', message, { attribute });
    };
    if (changedName) {
      if ((await this.identities.byUserName(nameNorm)).some(isOther)) refuse(`The userName ${userName} is already taken.`, 'userName');
      if ((await this.identities.byEmail(nameNorm)).some(isOther)) refuse(`The userName ${userName} is another account’s e-mail address.`, 'userName');
    }
    if (changedEmail && !isPlaceholderEmail(email)) {
      if ((await this.identities.byUserName(emailNorm)).some(isOther)) refuse(`The e-mail address ${email} is another account’s user name.`, 'emails');
      const holders = await this.identities.byEmail(emailNorm);
      if (holders.some(isOther) && (await this.accounts.emailIsUnique())) refuse(`The e-mail address ${email} is already taken.`, 'emails');
    }
  }

  private async own(user: LocalUser): Promise<StrapiUser> {
    const present = await this.readUser(user.ref);
    if (!present) throw new ProvisioningError('not-found', `There is no user with the id ${user.ref}.`);
    return present;
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

function toUser(account: Account, identity: Identity): StrapiUser {
  return {
    ref: identity.scimId,
    resource: account.resource,
    created: identity.createdAt,
    lastModified: identity.updatedAt,
    version: identity.version,
    roleIds: account.roleIds,
    appliedRoleId: identity.appliedRoleId,
    protection: account.protection,
    account,
    identity,
  };
}
