import type { Core } from '@strapi/types';
import { isPlaceholderEmail } from '../../domain/resource/emails';
import type { InboundPolicies } from '../../contracts/connection';
import { ProvisioningError } from '../../domain/errors';
import type { Resource } from '../../domain/resource/resource';
import { protectionOf } from '../../domain/roles/protection';
import { USER_URN } from '../../scim/schema/urns';
import type { NewUserOptions, WriteOptions } from '../../ports/local-directory';
import type { Database } from '../database';
import { AccountExtension } from '../extension/account-extension';
import type { Account, AccountAdapter } from './account-adapter';
import { AccountRows, type AccountRow } from './account-rows';
import { EndUserSettingsReader } from './end-user-settings';
import { EntryEvents } from './entry-events';
import { passwordFields, storedPassword } from './passwords';
import { PersonalFields } from './personal-fields';
import { RoleLinks } from './role-links';
import { endSessions } from './sessions';
import { EntryValidation } from './validation';

const UID = 'plugin::users-permissions.user';

interface EndUserRow extends Record<string, unknown> {
  id: number;
  username: string;
  email: string;
  blocked: boolean | null;
  provider: string | null;
  confirmed: boolean | null;
  createdAt: string | number | Date;
  updatedAt: string | number | Date | null;
  role: { id: number } | null;
}

/** `plugin::users-permissions.user`: one role each, `blocked` is the opposite of `active`. */
export class EndUsers implements AccountAdapter {
  readonly population = 'end-users';
  readonly uid = UID;
  private readonly roles: RoleLinks;
  private readonly events: EntryEvents;
  private readonly validation: EntryValidation;
  private readonly settings: EndUserSettingsReader;
  readonly extension: AccountExtension;
  readonly rows: AccountRows;

  constructor(
    private readonly strapi: Core.Strapi,
    database: Database,
    private readonly breakGlass: ReadonlySet<string>
  ) {
    this.roles = new RoleLinks(strapi, database, UID, 'role');
    this.events = new EntryEvents(strapi, database);
    this.settings = new EndUserSettingsReader(strapi);
    this.extension = new AccountExtension(strapi, UID);
    this.validation = new EntryValidation(strapi, UID, this.extension.fields);
    this.rows = new AccountRows(strapi, database, UID, ['username', 'email', 'blocked', 'createdAt', 'updatedAt', 'provider', 'confirmed'], this.extension);
  }

  accountOf(row: AccountRow): Account {
    return toAccount({ ...(row as unknown as EndUserRow), role: row.roles[0] ?? null }, this.extension, this.breakGlass);
  }

  async load(ids: number[]): Promise<Account[]> {
    const populate = { role: { select: ['id'] }, ...this.extension.populate };
    const rows = (await this.strapi.db.query(UID).findMany({ where: { id: { $in: ids } }, populate })) as EndUserRow[];
    return rows.map((row) => toAccount(row, this.extension, this.breakGlass));
  }

  async create(resource: Resource, email: string, options: NewUserOptions): Promise<Account> {
    const data = await this.validation.forCreation({
      username: resource.userName,
      email,
      provider: options.signInProvider ?? 'local',
      confirmed: options.confirmed ?? true,
      blocked: resource.active === false,
      ...this.extension.changes(null, resource, options.writable ?? []),
      ...passwordFields(options),
    });
    const linked = await this.extension.link(data, null);
    const created = (await this.strapi.db.query(UID).create({ data: { ...linked, publishedAt: new Date() } })) as EndUserRow;
    const [roleId] = options.roleIds;
    await this.roles.add(created.id, roleId === undefined ? [] : [roleId]);
    await this.events.announce('entry.create', UID, created);
    return this.written({ ...created, role: roleId === undefined ? null : { id: roleId } });
  }

  async update(present: Account, desired: Resource, email: string, options: WriteOptions): Promise<Account | null> {
    const data: Record<string, unknown> = { ...this.extension.changes(present.resource, desired, options.writable ?? []), ...passwordFields(options) };
    if (desired.userName !== present.userName) data.username = desired.userName;
    if (email !== present.email) data.email = email;
    const blocked = desired.active === false;
    if (blocked !== (present.resource.active === false)) data.blocked = blocked;
    if (Object.keys(data).length === 0) return null;
    const valid = await this.validation.forUpdate(data, { id: present.id });
    const linked = await this.extension.link(valid, present.id);
    const updated = (await this.strapi.db.query(UID).update({ where: { id: present.id }, data: linked })) as EndUserRow | null;
    if (!updated) throw new ProvisioningError('conflict', 'The account was deleted while it was being changed.');
    if (data.blocked === true || data.password !== undefined) await endSessions(this.strapi, 'users-permissions', present.id);
    await this.events.announce('entry.update', UID, updated);
    const [roleId] = present.roleIds;
    return this.written({ ...updated, role: roleId === undefined ? null : { id: roleId } });
  }

  async setRoles(account: Account, roleIds: number[]): Promise<void> {
    await this.roles.replace(account.id, roleIds.slice(0, 1));
    // Lifecycles and events of the user tell other code that the role changed.
    const updated = (await this.strapi.db.query(UID).update({ where: { id: account.id }, data: {} })) as EndUserRow;
    await this.events.announce('entry.update', UID, updated);
  }

  async remove(account: Account): Promise<void> {
    await endSessions(this.strapi, 'users-permissions', account.id);
    // Taken away first: Strapi's own clean-up of a relation renumbers the other users of the role.
    await this.roles.clear(account.id);
    await this.extension.removeComponents(account.id);
    const deleted = (await this.strapi.db.query(UID).delete({ where: { id: account.id } })) as EndUserRow | null;
    if (deleted) await this.events.announce('entry.delete', UID, deleted);
  }

  async endSessions(account: Account): Promise<void> {
    await endSessions(this.strapi, 'users-permissions', account.id);
  }

  async anonymise(account: Account): Promise<void> {
    const updated = await new PersonalFields(this.strapi, UID).clear(account.id);
    await this.events.announce('entry.update', UID, updated);
  }

  async defaultRoleId(): Promise<number | null> {
    return (await this.settings.read()).defaultRoleId;
  }

  async fallbackRoleId(): Promise<number | null> {
    const role = (await this.strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'public' }, select: ['id'] })) as { id: number } | null;
    return role === null ? null : Number(role.id);
  }

  async protectedRoleIds(): Promise<number[]> {
    return [];
  }

  async existingRoleIds(roleIds: number[]): Promise<number[]> {
    return this.roles.existing(roleIds);
  }

  async isLastSuperAdmin(): Promise<boolean> {
    return false;
  }

  async emailIsUnique(policy: InboundPolicies['sharedEmail']): Promise<boolean> {
    if (policy === 'as-strapi') return (await this.settings.read()).emailIsUnique;
    return policy === 'refuse';
  }

  passwordHashOf(accountId: number): Promise<string | null> {
    return storedPassword(this.strapi, UID, accountId);
  }

  /** What the write answered is the account; only components hang on it from elsewhere. */
  private async written(row: EndUserRow): Promise<Account> {
    const [loaded] = this.extension.hasComponents ? await this.load([row.id]) : [];
    return loaded ?? toAccount(row, this.extension, this.breakGlass);
  }
}

function toAccount(row: EndUserRow, extension: AccountExtension, breakGlass: ReadonlySet<string>): Account {
  const resource: Resource = { schemas: [USER_URN], userName: row.username, active: row.blocked !== true };
  const email = row.email ?? '';
  if (email !== '' && !isPlaceholderEmail(email)) resource.emails = [{ value: email, type: 'work', primary: true }];
  extension.show(resource, row);
  return {
    id: row.id,
    userName: row.username,
    email,
    resource,
    roleIds: row.role ? [row.role.id] : [],
    signIn: { provider: row.provider, confirmed: row.confirmed === true },
    protection: protectionOf({ userName: row.username, email, isSuperAdmin: false }, breakGlass),
    createdAt: new Date(row.createdAt).getTime(),
    updatedAt: new Date(row.updatedAt ?? row.createdAt).getTime(),
  };
}
