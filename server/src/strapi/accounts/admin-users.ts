import type { Core } from '@strapi/types';
import { isPlaceholderEmail } from '../../domain/resource/emails';
import type { Resource } from '../../domain/resource/resource';
import { USER_URN } from '../../scim/schema/urns';
import type { Database } from '../database';
import type { Account, AccountAdapter } from './account-adapter';
import { EntryEvents } from './entry-events';
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

  constructor(
    private readonly strapi: Core.Strapi,
    database: Database
  ) {
    this.roles = new RoleLinks(strapi, database, UID, 'roles');
    this.events = new EntryEvents(strapi, database);
    this.validation = new EntryValidation(strapi, UID);
  }

  async load(ids: number[]): Promise<Account[]> {
    const rows = (await this.strapi.db
      .query(UID)
      .findMany({ where: { id: { $in: ids } }, populate: { roles: { select: ['id', 'code'] } } })) as AdminUserRow[];
    return rows.map(toAccount);
  }

  async create(resource: Resource, email: string, roleIds: number[]): Promise<number> {
    const data = await this.validation.forCreation({
      ...namesOf(resource),
      username: userNameField(resource, email),
      email,
      isActive: resource.active !== false,
      blocked: false,
      registrationToken: null,
    });
    const created = (await this.strapi.db.query(UID).create({ data })) as AdminUserRow;
    await this.roles.add(created.id, roleIds);
    await this.events.announce('user.create', UID, created);
    return created.id;
  }

  async update(present: Account, desired: Resource, email: string): Promise<boolean> {
    const wanted: Record<string, unknown> = { ...namesOf(desired), username: userNameField(desired, email), email };
    const current: Record<string, unknown> = { ...namesOf(present.resource), username: userNameField(present.resource, present.email), email: present.email };
    const data = Object.fromEntries(Object.entries(wanted).filter(([field, value]) => value !== current[field]));
    const active = desired.active !== false;
    if (active !== (present.resource.active !== false)) Object.assign(data, active ? { isActive: true, blocked: false } : { isActive: false });
    if (Object.keys(data).length === 0) return false;
    const valid = await this.validation.forUpdate(data, { id: present.id });
    const updated = (await this.strapi.db.query(UID).update({ where: { id: present.id }, data: valid })) as AdminUserRow;
    if (data.isActive === false) await endSessions(this.strapi, 'admin', present.id);
    await this.events.announce('user.update', UID, updated);
    return true;
  }

  async setRoles(account: Account, roleIds: number[]): Promise<void> {
    await this.roles.replace(account.id, roleIds);
    const updated = (await this.strapi.db.query(UID).update({ where: { id: account.id }, data: {} })) as AdminUserRow;
    await this.events.announce('user.update', UID, updated);
  }

  async remove(account: Account): Promise<void> {
    await endSessions(this.strapi, 'admin', account.id);
    await this.roles.clear(account.id);
    const deleted = (await this.strapi.db.query(UID).delete({ where: { id: account.id } })) as AdminUserRow | null;
    if (deleted) await this.events.announce('user.delete', UID, deleted);
  }

  /** Admin users get roles from groups only, unless the connection names one. */
  async defaultRoleId(): Promise<number | null> {
    return null;
  }

  async protectedRoleIds(): Promise<number[]> {
    const roles = (await this.strapi.db.query('admin::role').findMany({ where: { code: SUPER_ADMIN_CODE }, select: ['id'] })) as { id: number }[];
    return roles.map((role) => role.id);
  }

  /** Strapi finds an admin user by the address at sign-in. */
  async emailIsUnique(): Promise<boolean> {
    return true;
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

function toAccount(row: AdminUserRow): Account {
  const userName = row.username ?? row.email;
  const resource: Resource = { schemas: [USER_URN], userName, active: row.isActive === true && row.blocked !== true };
  if (!isPlaceholderEmail(row.email)) resource.emails = [{ value: row.email, type: 'work', primary: true }];
  const name = { ...(row.firstname ? { givenName: row.firstname } : {}), ...(row.lastname ? { familyName: row.lastname } : {}) };
  if (Object.keys(name).length > 0) resource.name = name;
  return {
    id: row.id,
    userName,
    email: row.email,
    resource,
    roleIds: row.roles.map((role) => role.id),
    protection: row.roles.some((role) => role.code === SUPER_ADMIN_CODE)
      ? `${userName} is a super admin; super admins are changed by hand only.`
      : null,
    createdAt: new Date(row.createdAt).getTime(),
  };
}
