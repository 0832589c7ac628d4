/** Random changes of accounts, by every way that Strapi offers. */
import { accountsOf, type AccountRow } from './agreement';
import type { AccountUid } from './commands';
import type { Random } from './random';
import { Unanswered, type Answer, type Send, type Site } from './site';

const CONTENT = '/content-manager/collection-types/plugin::users-permissions.user';
const END_USERS: AccountUid = 'plugin::users-permissions.user';

const END_USER_WAYS = {
  create: 14, createByApi: 10, register: 6, createByQuery: 8, createMany: 2,
  updateEmail: 10, rename: 8, block: 8, updateByQuery: 6, updateMany: 3, updateRow: 2,
  remove: 8, removeByApi: 4, removeByQuery: 5, removeMany: 2, removeRow: 1,
};
const ADMIN_WAYS = { invite: 12, activate: 12, update: 8, deactivate: 5, remove: 5, removeMany: 1 };

export interface Roles {
  user: number;
  editor: number;
}

export async function rolesOf(site: Site): Promise<Roles> {
  const admins = await site.admin<{ id: number; code: string }[]>({ method: 'GET', path: '/admin/roles' });
  const { roles } = await site.admin<{ roles: { id: number; type: string }[] }>({ method: 'GET', path: '/users-permissions/roles' });
  const editor = admins.find((role) => role.code === 'strapi-editor');
  const user = roles.find((role) => role.type === 'authenticated');
  if (!editor || !user) throw new Error('The site lacks its usual roles.');
  return { editor: editor.id, user: user.id };
}

/** Chooses changes; what is left to choose from is read again after each restart, because answers may be lost. */
export class Changes {
  private endUsers: AccountRow[] = [];
  private adminUsers: AccountRow[] = [];
  /** Names of people who are gone: the next ones may get them. */
  private freed: string[] = [];
  private serial = 0;
  readonly counts: Record<string, number> = {};

  constructor(
    private readonly site: Site,
    private readonly random: Random,
    private readonly roles: Roles,
    /** Never touched. */
    private readonly superAdmin: string,
    /** How many of the changes are of end users. */
    private readonly endUserShare = 0.65
  ) {}

  async lookAgain(): Promise<void> {
    this.endUsers = await accountsOf(this.site, 'end-users');
    this.adminUsers = (await accountsOf(this.site, 'admin-users')).filter((user) => user.email !== this.superAdmin);
    const taken = new Set(this.endUsers.map((user) => user.username));
    this.freed = this.freed.filter((name) => !taken.has(name));
  }

  /** Sends one change. Answers when it is answered, or when the process is gone. */
  async one(): Promise<void> {
    try {
      await (this.random.next() < this.endUserShare ? this.ofEndUser() : this.ofAdminUser());
    } catch (error) {
      // A name that was freed may be somebody's again by the time it is given: Strapi refuses, and nothing changed.
      const isRefused = error instanceof Error && error.message.includes('already taken');
      if (!(error instanceof Unanswered) && !isRefused) throw error;
    }
  }

  /** A change and a deletion that only the sweep can find. */
  async unnoticed(): Promise<void> {
    await this.lookAgain();
    const changed = this.take(this.endUsers);
    const removed = this.take(this.endUsers);
    await this.site.command({ do: 'update-rows', table: 'up_users', where: { id: changed?.id ?? 0 }, set: { email: this.email() } });
    await this.site.command({ do: 'delete-rows', table: 'up_users', where: { id: removed?.id ?? 0 } });
  }

  private async ofEndUser(): Promise<void> {
    const wanted = this.random.weighted(END_USER_WAYS);
    // Taken out while it is being changed: two changes of one account at a time would race for no purpose.
    const user = /^(create|register)/.test(wanted) ? undefined : this.take(this.endUsers);
    const way = user === undefined && !/^(create|register)/.test(wanted) ? 'create' : wanted;
    this.count(way);
    const { site } = this;
    if (user === undefined) {
      const data = this.person();
      const role = this.roles.user;
      if (way === 'register') {
        await this.expectDone({ method: 'POST', path: '/api/auth/local/register', body: { username: data.username, email: data.email, password: 'Test-12345' } });
      } else if (way === 'createByQuery') await site.command({ do: 'query', uid: END_USERS, method: 'create', params: { data: { ...data, role } } });
      else if (way === 'createMany') {
        await site.command({ do: 'query', uid: END_USERS, method: 'createMany', params: { data: [data, this.person()] } });
      } else if (way === 'createByApi') await this.asService('add', [{ ...data, role }]);
      else await this.asAdmin({ method: 'POST', path: CONTENT, body: { ...data, role, confirmed: true, password: 'Test-12345' } });
      return;
    }
    const where = { id: user.id };
    const entry = `${CONTENT}/${user.documentId}`;
    const email = this.email();
    switch (way) {
      case 'updateEmail':
        await this.asAdmin({ method: 'PUT', path: entry, body: { email } });
        break;
      case 'rename':
        await this.asAdmin({ method: 'PUT', path: entry, body: { username: this.newName() } });
        if (user.username !== null) this.freed.push(user.username);
        break;
      case 'block':
        await this.asAdmin({ method: 'PUT', path: entry, body: { blocked: user.blocked !== true } });
        user.blocked = user.blocked !== true;
        break;
      case 'updateByQuery':
        await site.command({ do: 'query', uid: END_USERS, method: 'update', params: { where, data: { email, blocked: this.random.next() < 0.3 } } });
        break;
      case 'updateMany':
        await site.command({ do: 'query', uid: END_USERS, method: 'updateMany', params: { where, data: { email } } });
        break;
      case 'updateRow':
        await site.command({ do: 'update-rows', table: 'up_users', where, set: { email } });
        break;
      default:
        await this.remove(way, user);
        return;
    }
    this.endUsers.push(user);
  }

  private async remove(way: string, user: AccountRow): Promise<void> {
    const where = { id: user.id };
    if (way === 'removeByQuery') await this.site.command({ do: 'query', uid: END_USERS, method: 'delete', params: { where } });
    else if (way === 'removeMany') await this.site.command({ do: 'query', uid: END_USERS, method: 'deleteMany', params: { where } });
    else if (way === 'removeRow') await this.site.command({ do: 'delete-rows', table: 'up_users', where });
    else if (way === 'removeByApi') await this.asService('remove', [where]);
    else await this.asAdmin({ method: 'DELETE', path: `${CONTENT}/${user.documentId}` });
    if (user.username !== null) this.freed.push(user.username);
  }

  private async ofAdminUser(): Promise<void> {
    const wanted = this.random.weighted(ADMIN_WAYS);
    const user = wanted === 'invite' ? undefined : this.take(this.adminUsers);
    this.count(`admin ${user === undefined ? 'invite' : wanted}`);
    if (user === undefined) {
      const made = await this.asAdmin({
        method: 'POST', path: '/admin/users', body: { firstname: this.newName(), lastname: 'Test', email: this.email(), roles: [this.roles.editor] },
      });
      this.adminUsers.push(made as AccountRow);
      return;
    }
    const path = `/admin/users/${user.id}`;
    if (wanted === 'remove') await this.asAdmin({ method: 'DELETE', path });
    else if (wanted === 'removeMany') await this.asAdmin({ method: 'POST', path: '/admin/users/batch-delete', body: { ids: [user.id] } });
    else {
      const body = wanted === 'update' ? { email: this.email(), firstname: this.newName() } : { isActive: wanted === 'activate' };
      await this.asAdmin({ method: 'PUT', path, body });
      this.adminUsers.push(user);
    }
  }

  private asAdmin(send: Send): Promise<unknown> {
    return this.site.admin(send);
  }

  private async asService(method: 'add' | 'remove', args: unknown[]): Promise<void> {
    await this.site.command({ do: 'user-service', method, args });
  }

  private async expectDone(send: Send): Promise<Answer> {
    const answer = await this.site.send(send);
    if (answer.status >= 300) throw new Error(`${send.method} ${send.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  private take(accounts: AccountRow[]): AccountRow | undefined {
    const chosen = this.random.pick(accounts);
    if (chosen !== undefined) accounts.splice(accounts.indexOf(chosen), 1);
    return chosen;
  }

  private newName(): string {
    this.serial += 1;
    return `someone-${this.serial}`;
  }

  private email(): string {
    return `${this.newName()}@example.com`;
  }

  /** Every third new person has the name of one who is gone, or has another name now. */
  private person(): { username: string; email: string; provider: string; blocked: boolean } {
    const username = (this.random.next() < 0.33 ? this.freed.shift() : undefined) ?? this.newName();
    return { username, email: this.email(), provider: 'local', blocked: this.random.next() < 0.1 };
  }

  private count(way: string): void {
    this.counts[way] = (this.counts[way] ?? 0) + 1;
  }
}
