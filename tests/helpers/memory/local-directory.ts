import type { Population } from '../../../server/src/contracts/connection';
import type { AttributeChange, ObjectType } from '../../../server/src/contracts/operation';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { normaliseName } from '../../../server/src/domain/identity/normalise';
import { accountEmail, isPlaceholderEmail } from '../../../server/src/domain/resource/emails';
import type { Tombstone } from '../../../server/src/domain/departure/tombstone';
import { protectionOf } from '../../../server/src/domain/roles/protection';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ChangeMarker } from '../../../server/src/ports/change-marker';
import type { Clock, IdSource } from '../../../server/src/ports/clock';
import type { DirectoryEntry } from '../../../server/src/ports/directory';
import type { LocalDirectory, LocalUser, NewUserOptions, UserKey } from '../../../server/src/ports/local-directory';
import { USER_URN } from '../../../server/src/scim/schema/urns';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

/** Account and identity of one person; `gone` once the account was deleted, because the SCIM id stays taken. */
export interface AccountRow {
  population: Population;
  scimId: string;
  gone: boolean;
  /** The account is kept, its person left. */
  departed: boolean;
  userName: string;
  email: string;
  active: boolean;
  /** Admin users only. */
  name: { givenName?: string; familyName?: string };
  roleIds: number[];
  appliedRoleId: number | null;
  created: number;
  lastModified: number;
  version: number;
}

/** What an administrator has set in Strapi. */
export interface PopulationSettings {
  defaultRoleId: number | null;
  protectedRoleIds: number[];
  emailIsUnique: boolean;
}

/** What an administrator has set for people no connection may touch. */
const NOBODY: ReadonlySet<string> = new Set();

export interface LocalDirectoryDeps {
  database: MemoryUnitOfWork;
  accounts: MemoryTable<AccountRow>;
  clock: Clock;
  ids: IdSource;
  changes: ChangeMarker;
  /** What follows from an account being gone: grants, memberships and what providers kept. */
  forget(scimId: string, accountId: number | null): Promise<void>;
}

type Row = AccountRow & { id: number };

/** Users of one population, with the rules Strapi and the identity table have. */
export class MemoryLocalDirectory implements LocalDirectory {
  /** Roles somebody deleted in Strapi. */
  readonly deletedRoles = new Set<number>();
  breakGlass: ReadonlySet<string> = NOBODY;

  constructor(
    readonly population: Population,
    readonly settings: PopulationSettings,
    private readonly deps: LocalDirectoryDeps
  ) {}

  // What a person does in Strapi, past provisioning.

  /** An account made by hand. */
  async addByHand(fields: Partial<AccountRow> & Pick<AccountRow, 'userName'>): Promise<string> {
    const row = await this.deps.database.run(async () => {
      const inserted = await this.insert({ ...fields, roleIds: fields.roleIds ?? this.defaultRoles() });
      await this.changed(inserted.scimId);
      return inserted;
    });
    return row.scimId;
  }

  /** A change made by hand: roles set this way are nobody's but the person's. */
  async editByHand(scimId: string, fields: Partial<AccountRow>): Promise<void> {
    await this.deps.database.run(() => this.write(scimId, fields));
  }

  // The port.

  async readUser(scimId: string): Promise<LocalUser | null> {
    const [user] = await this.readUsers([scimId]);
    return user ?? null;
  }

  readUsers(scimIds: string[]): Promise<LocalUser[]> {
    return this.users((row) => scimIds.includes(row.scimId));
  }

  findUsers(key: UserKey): Promise<LocalUser[]> {
    if (key.attribute === 'id') return this.readUsers([key.value]);
    return this.users((row) => normaliseName(key.attribute === 'userName' ? row.userName : row.email) === key.value);
  }

  async pageUsers(offset: number, limit: number): Promise<LocalUser[]> {
    return (await this.users(() => true)).slice(offset, offset + limit);
  }

  async countUsers(): Promise<number> {
    return (await this.users(() => true)).length;
  }

  async createUser(resource: Resource, { roleIds }: NewUserOptions): Promise<LocalUser> {
    const userName = String(resource.userName);
    const email = accountEmail(resource, userName, Buffer.from(normaliseName(userName)).toString('hex').slice(0, 60));
    const row = await this.insert({
      userName,
      email,
      active: resource.active !== false,
      name: namesOf(resource),
      roleIds: this.population === 'end-users' ? roleIds.slice(0, 1) : roleIds,
      appliedRoleId: roleIds[0] ?? null,
    });
    await this.changed(row.scimId);
    return this.toUser(row);
  }

  async updateUser(user: LocalUser, desired: Resource, _changes: AttributeChange[]): Promise<LocalUser> {
    const row = await this.own(user.ref);
    const userName = String(desired.userName);
    const keepsEmail = desired.emails === undefined && isPlaceholderEmail(row.email);
    const email = keepsEmail ? row.email : accountEmail(desired, userName, `user-${row.scimId}`);
    await this.write(row.scimId, { userName, email, active: desired.active !== false, name: namesOf(desired) });
    return this.toUser(await this.own(row.scimId));
  }

  async hashPassword(password: string): Promise<string | null> {
    return `hash of ${password.length} characters`;
  }

  async setRoles(user: LocalUser, roleIds: number[]): Promise<void> {
    if ((await this.readDeparted(user.ref)) !== null) {
      await this.deps.database.query(() => this.deps.accounts.update((row) => row.scimId === user.ref, () => ({ roleIds })));
      return;
    }
    const [first] = roleIds;
    const roles = this.population === 'end-users' ? roleIds.slice(0, 1) : roleIds;
    await this.write(user.ref, { roleIds: roles, ...(first === undefined ? {} : { appliedRoleId: first }) });
  }

  async hold(user: LocalUser): Promise<void> {
    const { version } = await this.own(user.ref);
    if (version !== user.version) throw new ProvisioningError('conflict', 'The user was changed meanwhile.');
  }

  async removeUser(user: LocalUser): Promise<void> {
    const { ref: scimId, accountId } = (await this.readDeparted(user.ref)) ?? this.toUser(await this.own(user.ref));
    await this.deps.database.query(() => this.deps.accounts.update((row) => row.scimId === scimId, () => ({ gone: true })));
    await this.deps.forget(scimId, accountId);
    await this.changed(scimId);
  }

  async departUser(user: LocalUser, { userName, email }: Tombstone): Promise<void> {
    const { scimId } = await this.own(user.ref);
    await this.deps.database.query(() =>
      this.deps.accounts.update((row) => row.scimId === scimId, () => ({ departed: true, userName, email, active: false, appliedRoleId: null }))
    );
    await this.deps.forget(scimId, null);
    await this.changed(scimId);
  }

  async releaseUser(user: LocalUser): Promise<LocalUser> {
    const present = await this.own(user.ref);
    const scimId = this.deps.ids.uuid();
    await this.deps.database.query(() => this.deps.accounts.update((row) => row.id === present.id, () => ({ scimId, version: 1 })));
    await this.deps.forget(user.ref, null);
    await this.changed(user.ref);
    await this.changed(scimId);
    return this.toUser(await this.own(scimId));
  }

  async readDeparted(scimId: string): Promise<LocalUser | null> {
    const row = await this.deps.database.query(() => this.deps.accounts.first((item) => item.scimId === scimId && item.departed && !item.gone));
    return row === null ? null : this.toUser(row);
  }

  async reviveUser(departed: LocalUser, resource: Resource, { roleIds }: NewUserOptions): Promise<LocalUser> {
    const userName = String(resource.userName);
    const email = accountEmail(resource, userName, Buffer.from(normaliseName(userName)).toString('hex').slice(0, 60));
    const scimId = this.deps.ids.uuid();
    await this.deps.database.query(() => {
      const present = this.deps.accounts.first((row) => row.scimId === departed.ref && row.departed && !row.gone);
      if (!present) throw new ProvisioningError('not-found', `There is no user with the id ${departed.ref}.`);
      this.refuseTaken(userName, email, present);
      const person = { userName, email, active: resource.active !== false, name: namesOf(resource), roleIds, appliedRoleId: roleIds[0] ?? null };
      this.deps.accounts.update((row) => row.id === present.id, () => ({ ...person, scimId, departed: false, version: 1 }));
    });
    await this.changed(scimId);
    return this.toUser(await this.own(scimId));
  }

  async anonymiseUser(departed: LocalUser): Promise<void> {
    await this.deps.database.query(() => this.deps.accounts.update((row) => row.scimId === departed.ref, () => ({ name: {} })));
  }

  async existingRoleIds(roleIds: number[]): Promise<number[]> {
    return roleIds.filter((roleId) => !this.deletedRoles.has(roleId));
  }

  async isLastSuperAdmin(user: LocalUser): Promise<boolean> {
    const active = this.deps.accounts.where(
      (row) => row.population === this.population && !row.gone && row.active && row.roleIds.some((roleId) => this.settings.protectedRoleIds.includes(roleId))
    );
    return active.some((row) => row.scimId === user.ref) && active.length === 1;
  }

  async usersGiven(roleId: number): Promise<{ users: LocalUser[]; next: number | null }> {
    return { users: await this.users((row) => row.appliedRoleId === roleId), next: null };
  }

  async fallbackRoleId(): Promise<number | null> {
    return null;
  }

  async defaultRoleId(): Promise<number | null> {
    return this.settings.defaultRoleId;
  }

  async protectedRoleIds(): Promise<number[]> {
    return this.settings.protectedRoleIds;
  }

  // The same as any other directory.

  async read(type: ObjectType, ref: string): Promise<DirectoryEntry | null> {
    return type === 'User' ? this.readUser(ref) : null;
  }

  async find(type: ObjectType, attribute: string, value: string): Promise<DirectoryEntry[]> {
    if (type !== 'User') return [];
    const known = attribute === 'userName' ? 'userName' : attribute === 'emails.value' ? 'email' : null;
    if (known === null) throw new ProvisioningError('invalid-filter', `Users cannot be joined by ${attribute}.`, { attribute });
    return this.findUsers({ attribute: known, value: normaliseName(value) });
  }

  create(_type: ObjectType, resource: Resource): Promise<DirectoryEntry> {
    return this.createUser(resource, { roleIds: this.defaultRoles() });
  }

  async update(_type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<DirectoryEntry> {
    const user = await this.readUser(ref);
    if (!user) throw new ProvisioningError('not-found', `There is no user with the id ${ref}.`);
    return this.updateUser(user, desired, changes);
  }

  async delete(_type: ObjectType, ref: string): Promise<void> {
    const user = await this.readUser(ref);
    if (user) await this.removeUser(user);
  }

  private defaultRoles(): number[] {
    return this.settings.defaultRoleId === null ? [] : [this.settings.defaultRoleId];
  }

  private async insert(fields: Partial<AccountRow> & Pick<AccountRow, 'userName'>): Promise<Row> {
    const now = this.deps.clock.now();
    const scimId = this.deps.ids.uuid();
    const row: AccountRow = {
      scimId,
      population: this.population,
      gone: false,
      departed: false,
      email: `${scimId}@users.invalid`,
      active: true,
      name: {},
      roleIds: [],
      appliedRoleId: null,
      created: now,
      lastModified: now,
      version: 1,
      ...fields,
    };
    return this.deps.database.query(() => {
      this.refuseTaken(row.userName, row.email, null);
      return this.deps.accounts.insert(row);
    });
  }

  private async write(scimId: string, fields: Partial<AccountRow>): Promise<void> {
    await this.deps.database.query(() => {
      const present = this.deps.accounts.first((row) => row.scimId === scimId && !row.gone && !row.departed);
      if (!present) throw new ProvisioningError('not-found', `There is no user with the id ${scimId}.`);
      this.refuseTaken(fields.userName ?? present.userName, fields.email ?? present.email, present);
      const trace = { version: present.version + 1, lastModified: this.deps.clock.now() };
      this.deps.accounts.update((row) => row.id === present.id, () => ({ ...fields, ...trace }));
    });
    await this.changed(scimId);
  }

  /** Strapi signs in by user name or e-mail: neither may be another account's, in either role. */
  private refuseTaken(userName: string, email: string, own: Row | null): void {
    const others = this.deps.accounts.where((row) => row.population === this.population && !row.gone && row.id !== own?.id);
    const holds = (name: string, field: 'userName' | 'email'): boolean =>
      others.some((row) => normaliseName(row[field]) === normaliseName(name));
    const refuse = (attribute: string): never => {
      throw new ProvisioningError('uniqueness', `The ${attribute} is already taken.`, { attribute });
    };
    if (holds(userName, 'userName') || holds(userName, 'email')) refuse('userName');
    if (isPlaceholderEmail(email)) return;
    if (holds(email, 'userName') || (this.settings.emailIsUnique && holds(email, 'email'))) refuse('emails');
  }

  private async own(scimId: string): Promise<Row> {
    const row = await this.deps.database.query(() => this.deps.accounts.first((item) => item.scimId === scimId && !item.gone && !item.departed));
    if (!row) throw new ProvisioningError('not-found', `There is no user with the id ${scimId}.`);
    return row;
  }

  private users(condition: (row: Row) => boolean): Promise<LocalUser[]> {
    return this.deps.database.query(() =>
      this.deps.accounts.where((row) => row.population === this.population && !row.gone && !row.departed && condition(row)).map((row) => this.toUser(row))
    );
  }

  private changed(scimId: string): Promise<void> {
    return this.deps.changes.usersChanged(this.population, [scimId]);
  }

  private toUser(row: Row): LocalUser {
    const resource: Resource = { schemas: [USER_URN], userName: row.userName, active: row.active };
    if (!isPlaceholderEmail(row.email)) resource.emails = [{ value: row.email, type: 'work', primary: true }];
    if (this.population === 'admin-users' && Object.keys(row.name).length > 0) resource.name = row.name;
    const isSuperAdmin = row.roleIds.some((roleId) => this.settings.protectedRoleIds.includes(roleId));
    return {
      ref: row.scimId,
      key: row.id,
      accountId: row.id,
      resource,
      created: row.created,
      lastModified: row.lastModified,
      version: row.version,
      roleIds: row.roleIds,
      signIn: this.population === 'end-users' ? { provider: 'local', confirmed: true } : null,
      appliedRoleId: row.appliedRoleId,
      protection: protectionOf({ ...row, isSuperAdmin }, this.breakGlass),
    };
  }
}

function namesOf(resource: Resource): AccountRow['name'] {
  const name = resource.name as { givenName?: unknown; familyName?: unknown } | undefined;
  return {
    ...(typeof name?.givenName === 'string' ? { givenName: name.givenName } : {}),
    ...(typeof name?.familyName === 'string' ? { familyName: name.familyName } : {}),
  };
}
