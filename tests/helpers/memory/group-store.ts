import type { Population } from '../../../server/src/contracts/connection';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { normaliseName } from '../../../server/src/domain/identity/normalise';
import type { Clock, IdSource } from '../../../server/src/ports/clock';
import type { Group, GroupFields, GroupQuery, GroupStore, GroupWriteOptions, Member, MemberPage, ParentGroup, ShownMember } from '../../../server/src/ports/group-store';
import type { AccountRow } from './local-directory';
import { UniqueViolation, type MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

interface MemberRow {
  groupId: number;
  type: Member['type'];
  memberId: string;
}

type GroupRow = Omit<Group, 'id'> & { uniqueName: string | null };

const ANY_NAME: GroupWriteOptions = { uniqueName: false };

const NAME_LIMIT = 255;

/** Without what only the table knows. */
function toGroup({ uniqueName: _uniqueName, ...group }: GroupRow & { id: number }): Group {
  return group;
}

export interface GroupStoreDeps {
  database: MemoryUnitOfWork;
  clock: Clock;
  ids: IdSource;
  accounts: MemoryTable<AccountRow>;
  populationOf(connectionId: number): Promise<Population | null>;
  /** A group was made, changed or removed. */
  changed?(connectionId: number, scimId: string): Promise<void>;
}

export class MemoryGroupStore implements GroupStore {
  /** Pages of members that were read. */
  pagesRead = 0;
  private readonly groups: MemoryTable<GroupRow>;
  private readonly memberships: MemoryTable<MemberRow>;

  constructor(private readonly deps: GroupStoreDeps) {
    this.groups = deps.database.table<GroupRow>({
      unique_name: (group) => (group.uniqueName === null ? null : JSON.stringify([group.connectionId, group.uniqueName])),
      external: (group) => (group.externalId === null ? null : JSON.stringify([group.connectionId, group.externalId])),
    });
    this.memberships = deps.database.table<MemberRow>({
      member: (row) => JSON.stringify([row.groupId, row.type, row.memberId]),
    });
  }

  async get(connectionId: number, scimId: string): Promise<Group | null> {
    const [group] = await this.query({ connectionId, scimId }, 0, 1);
    return group ?? null;
  }

  lock(connectionId: number, scimId: string): Promise<Group | null> {
    return this.get(connectionId, scimId);
  }

  getMany(connectionId: number, scimIds: string[]): Promise<Group[]> {
    return this.deps.database.query(() => this.groups.where((group) => group.connectionId === connectionId && scimIds.includes(group.scimId)));
  }

  query(query: GroupQuery, offset: number, limit: number): Promise<Group[]> {
    return this.deps.database.query(() => this.groups.where((group) => this.isWanted(group, query)).slice(offset, offset + limit).map(toGroup));
  }

  count(query: GroupQuery): Promise<number> {
    return this.deps.database.query(() => this.groups.where((group) => this.isWanted(group, query)).length);
  }

  async create(connectionId: number, fields: GroupFields, { uniqueName }: GroupWriteOptions = ANY_NAME): Promise<Group> {
    const now = this.deps.clock.now();
    const scimId = this.deps.ids.uuid();
    const name = uniqueName ? normaliseName(fields.displayName) : null;
    const created = await this.write(fields, () => {
      if (uniqueName) this.refuseNamesake(connectionId, fields.displayName, null);
      return toGroup(this.groups.insert({ connectionId, scimId, ...fields, uniqueName: name, version: 1, created: now, lastModified: now }));
    });
    await this.deps.changed?.(connectionId, scimId);
    return created;
  }

  async update(group: Group, fields: GroupFields, { uniqueName }: GroupWriteOptions = ANY_NAME): Promise<Group> {
    const changed = { ...fields, version: group.version + 1, lastModified: this.deps.clock.now() };
    const renamed = normaliseName(group.displayName) !== normaliseName(fields.displayName);
    const updated = await this.write(fields, () => {
      if (renamed && uniqueName) this.refuseNamesake(group.connectionId, fields.displayName, group.id);
      const claim = renamed ? { uniqueName: uniqueName ? normaliseName(fields.displayName) : null } : {};
      this.groups.update((row) => row.id === group.id, () => ({ ...changed, ...claim }));
      return { ...group, ...changed };
    });
    if (group.displayName !== fields.displayName) await this.deps.changed?.(group.connectionId, group.scimId);
    return updated;
  }

  async remove(group: Group): Promise<void> {
    await this.deps.database.query(() => {
      this.memberships.delete((row) => row.groupId === group.id || (row.type === 'Group' && row.memberId === group.scimId));
      this.groups.delete((row) => row.id === group.id);
    });
    await this.deps.changed?.(group.connectionId, group.scimId);
  }

  /** Of any connection. */
  anywhere(scimId: string | null): Promise<Group[]> {
    return this.deps.database.query(() => this.groups.where((group) => scimId === null || group.scimId === scimId).map(toGroup));
  }

  members(group: Group): Promise<(Member & { display: string | null })[]> {
    return this.deps.database.query(() => this.membersIn(group));
  }

  membersOf(groups: Group[]): Promise<Map<number, (Member & { display: string | null })[]>> {
    return this.deps.database.query(() => new Map(groups.map((group) => [group.id, this.membersIn(group)])));
  }

  addMembers(group: Group, members: Member[]): Promise<Member[]> {
    return this.deps.database.query(() => {
      const added: Member[] = [];
      for (const { type, id } of members) {
        if (this.memberships.first((row) => row.groupId === group.id && row.memberId === id)) continue;
        this.memberships.insert({ groupId: group.id, type, memberId: id });
        added.push({ type, id });
      }
      return added;
    });
  }

  removeMembers(group: Group, ids: string[]): Promise<Member[]> {
    return this.take((row) => row.groupId === group.id && ids.includes(row.memberId));
  }

  memberPage(group: Group, type: Member['type'], after: number, limit: number): Promise<MemberPage> {
    return this.deps.database.query(() => {
      this.pagesRead += 1;
      const rows = this.memberships.where((row) => row.groupId === group.id && row.type === type && row.id > after).slice(0, limit);
      return { members: rows.map((row) => ({ type: row.type, id: row.memberId })), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
    });
  }

  shownPage(group: Group, after: number, limit: number, among: string[] | null): Promise<{ members: ShownMember[]; next: number | null }> {
    return this.deps.database.query(() => {
      this.pagesRead += 1;
      const rows = this.memberships.where((row) => row.groupId === group.id && row.id > after && (among === null || among.includes(row.memberId))).slice(0, limit);
      const shown = this.membersIn(group).filter(({ id }) => rows.some((row) => row.memberId === id));
      return { members: shown, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
    });
  }

  takeMembers(group: Group, limit: number): Promise<Member[]> {
    return this.deps.database.query(() => {
      const rows = this.memberships.where((row) => row.groupId === group.id).slice(0, limit);
      this.memberships.delete((row) => rows.some((taken) => taken.id === row.id));
      return rows.map(({ type, memberId }): Member => ({ type, id: memberId }));
    });
  }

  subgroups(groups: Group[]): Promise<Group[]> {
    return this.deps.database.query(() => {
      const inner = this.memberships.where((row) => row.type === 'Group' && groups.some((group) => group.id === row.groupId));
      return this.groups.where((group) => inner.some((row) => row.memberId === group.scimId)).map(toGroup);
    });
  }

  async resolveMembers({ connectionId }: { connectionId: number }, ids: string[]): Promise<Member[]> {
    const population = await this.deps.populationOf(connectionId);
    return this.deps.database.query(() => {
      const users = this.deps.accounts.where((row) => row.population === population && !row.gone && ids.includes(row.scimId));
      const groups = this.groups.where((row) => row.connectionId === connectionId && ids.includes(row.scimId));
      return [
        ...users.map((row): Member => ({ type: 'User', id: row.scimId })),
        ...groups.map((row): Member => ({ type: 'Group', id: row.scimId })),
      ];
    });
  }

  groupsOf(connectionId: number | null, memberIds: string[]): Promise<Map<string, ParentGroup[]>> {
    return this.deps.database.query(() => {
      const result = new Map<string, ParentGroup[]>();
      const isNested = (id: string): boolean => this.memberships.first((row) => row.memberId === id) !== null;
      for (const group of this.groups.where((row) => connectionId === null || row.connectionId === connectionId)) {
        for (const row of this.memberships.where((item) => item.groupId === group.id && memberIds.includes(item.memberId))) {
          result.set(row.memberId, [...(result.get(row.memberId) ?? []), { ...toGroup(group), isNested: isNested(group.scimId) }]);
        }
      }
      return result;
    });
  }

  /** What follows from an account being gone. */
  async forgetUser(scimId: string): Promise<void> {
    await this.deps.database.query(() => {
      const left = this.memberships.where((row) => row.type === 'User' && row.memberId === scimId).map((row) => row.groupId);
      const lastModified = this.deps.clock.now();
      this.groups.update((group) => left.includes(group.id), (group) => ({ version: group.version + 1, lastModified }));
    });
    await this.take((row) => row.type === 'User' && row.memberId === scimId);
  }

  private refuseNamesake(connectionId: number, displayName: string, ownId: number | null): void {
    const norm = normaliseName(displayName);
    if (this.groups.first((row) => row.connectionId === connectionId && row.id !== ownId && normaliseName(row.displayName) === norm)) {
      throw new ProvisioningError('uniqueness', 'Another group has this name.', { attribute: 'displayName' });
    }
  }

  private membersIn(group: Group): (Member & { display: string | null })[] {
    return this.memberships
      .where((row) => row.groupId === group.id)
      .map(({ type, memberId }) => ({ type, id: memberId, display: this.displayOf(type, memberId) }));
  }

  private isWanted(group: GroupRow & { id: number }, query: GroupQuery): boolean {
    if (group.connectionId !== query.connectionId) return false;
    if (query.scimId !== undefined && group.scimId !== query.scimId) return false;
    if (query.externalId !== undefined && group.externalId !== query.externalId) return false;
    if (query.displayNameNorm !== undefined && normaliseName(group.displayName) !== query.displayNameNorm) return false;
    const { memberId } = query;
    return memberId === undefined || this.memberships.first((row) => row.groupId === group.id && row.memberId === memberId) !== null;
  }

  private displayOf(type: Member['type'], id: string): string | null {
    if (type === 'User') return this.deps.accounts.first((row) => row.scimId === id)?.userName ?? null;
    return this.groups.first((row) => row.scimId === id)?.displayName ?? null;
  }

  private take(condition: (row: MemberRow) => boolean): Promise<Member[]> {
    return this.deps.database.query(() => {
      const members = this.memberships.where(condition).map(({ type, memberId }): Member => ({ type, id: memberId }));
      this.memberships.delete(condition);
      return members;
    });
  }

  private async write(fields: GroupFields, work: () => Group): Promise<Group> {
    for (const [attribute, value] of [['displayName', fields.displayName], ['displayName', normaliseName(fields.displayName)], ['externalId', fields.externalId ?? '']] as const) {
      if (value.length > NAME_LIMIT) throw new ProvisioningError('invalid-value', `${attribute}: too long.`, { attribute });
    }
    try {
      return await this.deps.database.query(work);
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      throw new ProvisioningError('uniqueness', 'Another group of this connection already has this externalId.', { attribute: 'externalId', cause: error });
    }
  }
}
