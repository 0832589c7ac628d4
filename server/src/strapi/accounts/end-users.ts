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

const UID = 'plugin::users-permissions.user';

interface EndUserRow extends Record<string, unknown> {
  id: number;
  username: string;
  email: string;
  blocked: boolean | null;
  createdAt: string | number | Date;
  role: { id: number } | null;
}

/** `plugin::users-permissions.user`: one role each, `blocked` is the opposite of `active`. */
export class EndUsers implements AccountAdapter {
  readonly population = 'end-users';
  readonly uid = UID;
  private readonly roles: RoleLinks;
  private readonly events: EntryEvents;
  private readonly validation: EntryValidation;

  constructor(
    private readonly strapi: Core.Strapi,
    database: Database
  ) {
    this.roles = new RoleLinks(strapi, database, UID, 'role');
    this.events = new EntryEvents(strapi, database);
    this.validation = new EntryValidation(strapi, UID);
  }

  async load(ids: number[]): Promise<Account[]> {
    const rows = (await this.strapi.db.query(UID).findMany({ where: { id: { $in: ids } }, populate: { role: { select: ['id'] } } })) as EndUserRow[];
    return rows.map(toAccount);
  }

  async create(resource: Resource, email: string, roleIds: number[]): Promise<number> {
    const data = await this.validation.forCreation({
      username: resource.userName,
      email,
      provider: 'local',
      confirmed: true,
      blocked: resource.active === false,
    });
    const created = (await this.strapi.db.query(UID).create({ data: { ...data, publishedAt: new Date() } })) as EndUserRow;
    await this.roles.add(created.id, roleIds.slice(0, 1));
    await this.events.announce('entry.create', UID, created);
    return created.id;
  }

  async update(present: Account, desired: Resource, email: string): Promise<boolean> {
    const data: Record<string, unknown> = {};
    if (desired.userName !== present.userName) data.username = desired.userName;
    if (email !== present.email) data.email = email;
    const blocked = desired.active === false;
    if (blocked !== (present.resource.active === false)) data.blocked = blocked;
    if (Object.keys(data).length === 0) return false;
    const valid = await this.validation.forUpdate(data, { id: present.id });
    const updated = (await this.strapi.db.query(UID).update({ where: { id: present.id }, data: valid })) as EndUserRow;
    if (data.blocked === true) await endSessions(this.strapi, 'users-permissions', present.id);
    await this.events.announce('entry.update', UID, updated);
    return true;
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
    const deleted = (await this.strapi.db.query(UID).delete({ where: { id: account.id } })) as EndUserRow | null;
    if (deleted) await this.events.announce('entry.delete', UID, deleted);
  }

  async defaultRoleId(): Promise<number | null> {
    const { default_role: type } = await this.settings();
    const role = await this.strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: type ?? 'authenticated' }, select: ['id'] });
    return role ? Number(role.id) : null;
  }

  async protectedRoleIds(): Promise<number[]> {
    return [];
  }

  async emailIsUnique(): Promise<boolean> {
    return (await this.settings()).unique_email !== false;
  }

  private async settings(): Promise<{ default_role?: string; unique_email?: boolean }> {
    const stored = await this.strapi.store({ type: 'plugin', name: 'users-permissions', key: 'advanced' }).get({});
    return (stored ?? {}) as { default_role?: string; unique_email?: boolean };
  }
}

function toAccount(row: EndUserRow): Account {
  const resource: Resource = { schemas: [USER_URN], userName: row.username, active: row.blocked !== true };
  const email = row.email ?? '';
  if (email !== '' && !isPlaceholderEmail(email)) resource.emails = [{ value: email, type: 'work', primary: true }];
  return {
    id: row.id,
    userName: row.username,
    email,
    resource,
    roleIds: row.role ? [row.role.id] : [],
    protection: null,
    createdAt: new Date(row.createdAt).getTime(),
  };
}
