import type { Core } from '@strapi/types';
import { isPlaceholderEmail } from '../../domain/resource/emails';
import { ProvisioningError } from '../../domain/errors';
import type { Resource } from '../../domain/resource/resource';
import { protectionOf } from '../../domain/roles/protection';
import { USER_URN } from '../../scim/schema/urns';
import type { NewUserOptions, WriteOptions } from '../../ports/local-directory';
import type { Database } from '../database';
import { AccountExtension } from '../extension/account-extension';
import type { Account, AccountAdapter } from './account-adapter';
import { AccountRows, type AccountRow } from './account-rows';
import { EntryEvents } from './entry-events';
import { passwordFields, storedPassword } from './passwords';
import { PersonalFields } from './personal-fields';
import { RoleLinks } from './role-links';
import { endSessions } from './sessions';
import { EntryValidation } from './validation';

const UID = 'admin::user';
const SUPER_ADMIN_CODE = 'strapi-super-admin';

interface AdminUserRow extends Record<string, unknown> {
  id: number;
  username: string | null;
  email: string;
  firstname: string | null;
  lastname: string | null;
  isActive: boolean | null;
  blocked: boolean | null;
  createdAt: string | number | Date;
  updatedAt: string | number | Date | null;
  roles: { id: number; code: string }[];
}

/**
 * `admin::user`: many roles each, signs in by e-mail. Provisioned accounts have no password and no invitation: they
 * sign in by single sign-on, or by asking for a new password.
 */
export class AdminUsers implements AccountAdapter {
  readonly population = 'admin-users';
  readonly uid = UID;
  private readonly roles: RoleLinks;
  private readonly events: EntryEvents;
  private readonly validation: EntryValidation;
  readonly extension: AccountExtension;
  readonly rows: AccountRows;

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database,
    private readonly breakGlass: ReadonlySet<string>
  ) {
    this.roles = new RoleLinks(strapi, database, UID, 'roles');
    this.events = new EntryEvents(strapi, database);
    this.extension = new AccountExtension(strapi, UID);
    this.validation = new EntryValidation(strapi, UID, this.extension.fields);
    this.rows = new AccountRows(strapi, database, UID, ['username', 'email', 'firstname', 'lastname', 'isActive', 'blocked', 'createdAt', 'updatedAt'], this.extension);
  }

  accountOf(row: AccountRow): Account {
    return toAccount(row as unknown as AdminUserRow, this.extension, this.breakGlass);
  }

  async load(ids: number[]): Promise<Account[]> {
    const populate = { roles: { select: ['id', 'code'] }, ...this.extension.populate };
    const rows = (await this.strapi.db.query(UID).findMany({ where: { id: { $in: ids } }, populate })) as AdminUserRow[];
    return rows.map((row) => toAccount(row, this.extension, this.breakGlass));
  }

  async create(resource: Resource, email: string, options: NewUserOptions): Promise<Account> {
    const data = await this.validation.forCreation({
      ...namesOf(resource),
      username: userNameField(resource, email),
      email,
      isActive: resource.active !== false,
      blocked: false,
      registrationToken: null,
      ...this.extension.changes(null, resource, options.writable ?? []),
      ...passwordFields(options),
    });
    const linked = await this.extension.link(data, null);
    const created = (await this.strapi.db.query(UID).create({ data: linked })) as AdminUserRow;
    await this.roles.add(created.id, options.roleIds);
    await this.events.announce('user.create', UID, created);
    return this.one(created.id);
  }

  async update(present: Account, desired: Resource, email: string, options: WriteOptions): Promise<Account | null> {
    const wanted: Record<string, unknown> = { ...namesOf(desired), username: userNameField(desired, email), email };
    const current: Record<string, unknown> = { ...namesOf(present.resource), username: userNameField(present.resource, present.email), email: present.email };
    const data: Record<string, unknown> = {
      ...Object.fromEntries(Object.entries(wanted).filter(([field, value]) => value !== current[field])),
      ...this.extension.changes(present.resource, desired, options.writable ?? []),
      ...passwordFields(options),
    };
    const active = desired.active !== false;
    if (active !== (present.resource.active !== false)) Object.assign(data, active ? { isActive: true, blocked: false } : { isActive: false });
    if (Object.keys(data).length === 0) return null;
    const valid = await this.validation.forUpdate(data, { id: present.id });
    const linked = await this.extension.link(valid, present.id);
    const updated = (await this.strapi.db.query(UID).update({ where: { id: present.id }, data: linked })) as AdminUserRow | null;
    if (!updated) throw new ProvisioningError('conflict', 'The account was deleted while it was being changed.');
    if (data.isActive === false || data.password !== undefined) await endSessions(this.strapi, 'admin', present.id);
    await this.events.announce('user.update', UID, updated);
    return this.one(present.id);
  }

  /** Read again: the codes of the roles decide who is protected. */
  private async one(id: number): Promise<Account> {
    const [account] = await this.load([id]);
    if (!account) throw new ProvisioningError('internal', 'The account was not stored.');
    return account;
  }

  async setRoles(account: Account, roleIds: number[]): Promise<void> {
    await this.roles.replace(account.id, roleIds);
    const updated = (await this.strapi.db.query(UID).update({ where: { id: account.id }, data: {} })) as AdminUserRow;
    await this.events.announce('user.update', UID, updated);
  }

  async remove(account: Account): Promise<void> {
    await endSessions(this.strapi, 'admin', account.id);
    await this.roles.clear(account.id);
    await this.extension.removeComponents(account.id);
    const deleted = (await this.strapi.db.query(UID).delete({ where: { id: account.id } })) as AdminUserRow | null;
    if (deleted) await this.events.announce('user.delete', UID, deleted);
  }

  async endSessions(account: Account): Promise<void> {
    await endSessions(this.strapi, 'admin', account.id);
  }

  async anonymise(account: Account): Promise<void> {
    const updated = await new PersonalFields(this.strapi, UID).clear(account.id);
    await this.events.announce('user.update', UID, updated);
  }

  /** Admin users get roles from groups only, unless the connection names one. */
  async defaultRoleId(): Promise<number | null> {
    return null;
  }

  /** Strapi deletes no role of the panel that somebody has. */
  async fallbackRoleId(): Promise<number | null> {
    return null;
  }

  async protectedRoleIds(): Promise<number[]> {
    const roles = (await this.strapi.db.query('admin::role').findMany({ where: { code: SUPER_ADMIN_CODE }, select: ['id'] })) as { id: number }[];
    return roles.map((role) => role.id);
  }

  async existingRoleIds(roleIds: number[]): Promise<number[]> {
    return this.roles.existing(roleIds);
  }

  async isLastSuperAdmin(account: Account): Promise<boolean> {
    const roleIds = await this.protectedRoleIds();
    const accounts = this.strapi.db.metadata.get(UID).tableName;
    const roles = this.strapi.db.metadata.get('admin::role').tableName;
    const links = this.roles.columns();
    const active = await this.database.query<{ id: number }[]>(async (tables) => {
      // The role is the lock: two requests that each spare the other's super admin would leave none.
      await tables(roles).whereIn('id', roleIds).select('id').forUpdate();
      return tables(accounts)
        .join(links.table, `${links.table}.${links.account}`, `${accounts}.id`)
        .whereIn(`${links.table}.${links.role}`, roleIds)
        .where(`${accounts}.is_active`, true)
        .where((any) => any.whereNull(`${accounts}.blocked`).orWhere(`${accounts}.blocked`, false))
        .select(`${accounts}.id as id`)
        .forUpdate();
    });
    return active.every((row) => Number(row.id) === account.id);
  }

  /** Strapi finds an admin user by the address at sign-in: no policy changes that. */
  async emailIsUnique(): Promise<boolean> {
    return true;
  }

  passwordHashOf(accountId: number): Promise<string | null> {
    return storedPassword(this.strapi, UID, accountId);
  }
}

function namesOf(resource: Resource): { firstname: string | null; lastname: string | null } {
  const name = resource.name as { givenName?: unknown; familyName?: unknown } | undefined;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  return { firstname: text(name?.givenName), lastname: text(name?.familyName) };
}

/** Kept only where it says more than the address. */
function userNameField(resource: Resource, email: string): string | null {
  const userName = String(resource.userName);
  return userName.toLowerCase() === email.toLowerCase() ? null : userName;
}

function toAccount(row: AdminUserRow, extension: AccountExtension, breakGlass: ReadonlySet<string>): Account {
  const userName = row.username ?? row.email;
  const resource: Resource = { schemas: [USER_URN], userName, active: row.isActive === true && row.blocked !== true };
  if (!isPlaceholderEmail(row.email)) resource.emails = [{ value: row.email, type: 'work', primary: true }];
  const name = { ...(row.firstname ? { givenName: row.firstname } : {}), ...(row.lastname ? { familyName: row.lastname } : {}) };
  if (Object.keys(name).length > 0) resource.name = name;
  extension.show(resource, row);
  return {
    id: row.id,
    userName,
    email: row.email,
    resource,
    roleIds: row.roles.map((role) => role.id),
    signIn: null,
    protection: protectionOf({ userName, email: row.email, isSuperAdmin: row.roles.some((role) => role.code === SUPER_ADMIN_CODE) }, breakGlass),
    createdAt: new Date(row.createdAt).getTime(),
    updatedAt: new Date(row.updatedAt ?? row.createdAt).getTime(),
  };
}
