import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { ProvisioningError } from '../domain/errors';
import { normaliseName } from '../domain/identity/normalise';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { Group, GroupFields, GroupQuery, GroupStore, GroupWriteOptions, Member, MemberPage, ParentGroup, ShownMember } from '../ports/group-store';
import { isUniqueViolation, toNumber, violatedKey, type Database, type Tables } from './database';
import { columnsOf, toGroup, toMember, type GroupRow, type MemberRow } from './group-rows';

/** Bound parameters per statement stay far below every database's limit. */
const CHUNK = 300;

interface ShownRow extends MemberRow {
  group_id: number;
  user_name: string | null;
  group_name: string | null;
}

type ParentRow = Pick<GroupRow, 'id' | 'connection_id' | 'scim_id' | 'display_name'> & { member_id: string; is_nested: number | null };

const ANY_NAME: GroupWriteOptions = { uniqueName: false };

function* chunks<T>(items: T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK);
}

export class SqlGroupStore implements GroupStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    /** A group was made, changed or removed; in the same transaction. */
    private readonly changed: (connectionId: number, scimId: string) => Promise<void> = async () => undefined
  ) {}

  async get(connectionId: number, scimId: string): Promise<Group | null> {
    const [group] = await this.query({ connectionId, scimId }, 0, 1);
    return group ?? null;
  }

  async lock(connectionId: number, scimId: string): Promise<Group | null> {
    const row = await this.database.query<GroupRow | undefined>(async (tables) =>
      tables(TABLES.groups).where({ connection_id: connectionId, scim_id: scimId }).forUpdate().first()
    );
    return row ? toGroup(row) : null;
  }

  async getMany(connectionId: number, scimIds: string[]): Promise<Group[]> {
    if (scimIds.length === 0) return [];
    const rows = await this.database.query<GroupRow[]>(async (tables) =>
      tables(TABLES.groups).where({ connection_id: connectionId }).whereIn('scim_id', scimIds)
    );
    return rows.map(toGroup);
  }

  async query(query: GroupQuery, offset: number, limit: number): Promise<Group[]> {
    const rows = await this.database.query<GroupRow[]>(async (tables) =>
      this.filtered(tables, query).select(`${TABLES.groups}.*`).orderBy(`${TABLES.groups}.id`).offset(offset).limit(limit)
    );
    return rows.map(toGroup);
  }

  async count(query: GroupQuery): Promise<number> {
    const row = await this.database.query<{ total: number | string } | undefined>(async (tables) =>
      this.filtered(tables, query).count({ total: '*' }).first()
    );
    return toNumber(row?.total ?? 0);
  }

  async create(connectionId: number, fields: GroupFields, { uniqueName }: GroupWriteOptions = ANY_NAME): Promise<Group> {
    const now = this.clock.now();
    const scimId = randomUUID();
    const columns = columnsOf(fields);
    if (uniqueName) await this.refuseNamesake(connectionId, fields.displayName, null);
    const row = { connection_id: connectionId, scim_id: scimId, ...columns, unique_name_norm: uniqueName ? columns.display_name_norm : null };
    await this.write((tables) => tables(TABLES.groups).insert({ ...row, version: 1, created_at: now, updated_at: now }));
    const group = await this.get(connectionId, scimId);
    if (!group) throw new ProvisioningError('internal', 'The group was not stored.');
    await this.changed(connectionId, scimId);
    return group;
  }

  async update(group: Group, fields: GroupFields, { uniqueName }: GroupWriteOptions = ANY_NAME): Promise<Group> {
    const now = this.clock.now();
    const columns = columnsOf(fields);
    const renamed = normaliseName(group.displayName) !== columns.display_name_norm;
    if (renamed && uniqueName) await this.refuseNamesake(group.connectionId, fields.displayName, group.id);
    // A name that was there before names had to be unique is not claimed: another group may have it too.
    const claim = renamed ? { unique_name_norm: uniqueName ? columns.display_name_norm : null } : {};
    await this.write((tables) =>
      tables(TABLES.groups).where({ id: group.id }).update({ ...columns, ...claim, version: group.version + 1, updated_at: now })
    );
    // Members are followed person by person.
    if (group.displayName !== fields.displayName) await this.changed(group.connectionId, group.scimId);
    return { ...group, ...fields, version: group.version + 1, lastModified: now };
  }

  async remove(group: Group): Promise<void> {
    await this.database.query(async (tables) => {
      await tables(TABLES.members).where({ group_id: group.id }).delete();
      await tables(TABLES.members).where({ member_type: 'Group', member_id: group.scimId }).delete();
      await tables(TABLES.groups).where({ id: group.id }).delete();
    });
    await this.changed(group.connectionId, group.scimId);
  }

  async members(group: Group): Promise<ShownMember[]> {
    return (await this.membersOf([group])).get(group.id) ?? [];
  }

  async membersOf(groups: Group[]): Promise<Map<number, ShownMember[]>> {
    const result = new Map<number, ShownMember[]>(groups.map((group) => [group.id, []]));
    const rows = await this.database.query<ShownRow[]>(async (tables) => shown(tables).whereIn('group_id', [...result.keys()]));
    for (const row of rows) result.get(row.group_id)?.push(toShown(row));
    return result;
  }

  async addMembers(group: Group, members: Member[]): Promise<Member[]> {
    const added: Member[] = [];
    for (const chunk of chunks(members)) {
      const present = await this.presentIn(group, chunk.map((member) => member.id));
      const missing = chunk.filter((member) => !present.has(member.id));
      if (missing.length === 0) continue;
      await this.database.query(async (tables) =>
        tables(TABLES.members)
          .insert(missing.map((member) => ({ group_id: group.id, member_type: member.type, member_id: member.id })))
          .onConflict(['group_id', 'member_type', 'member_id'])
          .ignore()
      );
      added.push(...missing);
    }
    return added;
  }

  async removeMembers(group: Group, ids: string[]): Promise<Member[]> {
    const removed: Member[] = [];
    for (const chunk of chunks([...new Set(ids)])) {
      const present = await this.presentIn(group, chunk);
      if (present.size === 0) continue;
      await this.database.query(async (tables) =>
        tables(TABLES.members).where({ group_id: group.id }).whereIn('member_id', [...present.keys()]).delete()
      );
      removed.push(...present.values());
    }
    return removed;
  }

  async memberPage(group: Group, type: Member['type'], after: number, limit: number): Promise<MemberPage> {
    const rows = await this.database.query<MemberRow[]>(async (tables) =>
      tables(TABLES.members)
        .where({ group_id: group.id, member_type: type })
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .select('id', 'member_type', 'member_id')
    );
    return { members: rows.map(toMember), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  async shownPage(group: Group, after: number, limit: number, among: string[] | null): Promise<{ members: ShownMember[]; next: number | null }> {
    const rows = await this.database.query<ShownRow[]>(async (tables) => {
      const page = shown(tables).where({ group_id: group.id }).where(`${TABLES.members}.id`, '>', after).limit(limit);
      return among === null ? page : page.whereIn('member_id', among);
    });
    return { members: rows.map(toShown), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  async takeMembers(group: Group, limit: number): Promise<Member[]> {
    const rows = await this.database.query<MemberRow[]>(async (tables) =>
      tables(TABLES.members).where({ group_id: group.id }).orderBy('id').limit(limit).select('id', 'member_type', 'member_id')
    );
    for (const chunk of chunks(rows)) {
      await this.database.query(async (tables) => tables(TABLES.members).whereIn('id', chunk.map((row) => row.id)).delete());
    }
    return rows.map(toMember);
  }

  async subgroups(groups: Group[]): Promise<Group[]> {
    const found = new Map<number, Group>();
    for (const chunk of chunks(groups)) {
      const rows = await this.database.query<GroupRow[]>(async (tables) =>
        tables(TABLES.members)
          .join(TABLES.groups, `${TABLES.groups}.scim_id`, `${TABLES.members}.member_id`)
          .where(`${TABLES.members}.member_type`, 'Group')
          .whereIn(`${TABLES.members}.group_id`, chunk.map((group) => group.id))
          .select(`${TABLES.groups}.*`)
      );
      for (const row of rows) found.set(row.id, toGroup(row));
    }
    return [...found.values()];
  }

  async resolveMembers({ connectionId }: { connectionId: number }, ids: string[]): Promise<Member[]> {
    const found: Member[] = [];
    for (const chunk of chunks(ids)) {
      await this.database.query(async (tables) => {
        const users = await tables(TABLES.identities)
          .join(TABLES.connections, `${TABLES.connections}.population`, `${TABLES.identities}.population`)
          .where(`${TABLES.connections}.id`, connectionId)
          .whereIn('scim_id', chunk)
          .whereNotNull('account_id')
          // Or somebody who is being deleted at this moment would stay a member for ever.
          .forShare()
          .whereNull('state')
          .select('scim_id');
        const groups = await tables(TABLES.groups).where({ connection_id: connectionId }).whereIn('scim_id', chunk).select('scim_id');
        for (const row of users as { scim_id: string }[]) found.push({ type: 'User', id: row.scim_id });
        for (const row of groups as { scim_id: string }[]) found.push({ type: 'Group', id: row.scim_id });
      });
    }
    return found;
  }

  async groupsOf(connectionId: number | null, memberIds: string[]): Promise<Map<string, ParentGroup[]>> {
    const result = new Map<string, ParentGroup[]>();
    for (const chunk of chunks(memberIds)) {
      const rows = await this.database.query<ParentRow[]>(async (tables) =>
        tables(TABLES.members)
          // Members first: SQLite would start with all groups of the connection and read all their members.
          .crossJoin(TABLES.groups as never)
          .whereRaw('?? = ??', [`${TABLES.groups}.id`, `${TABLES.members}.group_id`])
          .where(connectionId === null ? {} : { [`${TABLES.groups}.connection_id`]: connectionId })
          .whereIn(`${TABLES.members}.member_id`, chunk)
          .orderBy(`${TABLES.groups}.id`)
          .select(`${TABLES.groups}.id`, `${TABLES.groups}.connection_id`, `${TABLES.groups}.scim_id`, `${TABLES.groups}.display_name`, `${TABLES.members}.member_id`)
          .select({ is_nested: tables(`${TABLES.members} as holding`).whereRaw('?? = ??', ['holding.member_id', `${TABLES.groups}.scim_id`]).limit(1).select('holding.id') })
      );
      for (const row of rows) {
        const groups = result.get(row.member_id) ?? [];
        groups.push({ id: row.id, connectionId: row.connection_id, scimId: row.scim_id, displayName: row.display_name, isNested: row.is_nested !== null });
        result.set(row.member_id, groups);
      }
    }
    return result;
  }

  private async presentIn(group: Group, ids: string[]): Promise<Map<string, Member>> {
    const rows = await this.database.query<{ member_type: string; member_id: string }[]>(async (tables) =>
      tables(TABLES.members).where({ group_id: group.id }).whereIn('member_id', ids).select('member_type', 'member_id')
    );
    return new Map(rows.map((row) => [row.member_id, toMember(row)]));
  }

  /** Also groups that had their names before names had to be unique. The unique key decides between two requests at a time. */
  private async refuseNamesake(connectionId: number, displayName: string, ownId: number | null): Promise<void> {
    const namesakes = await this.query({ connectionId, displayNameNorm: normaliseName(displayName) }, 0, 2);
    if (namesakes.some((group) => group.id !== ownId)) throw nameTaken(displayName);
  }

  private filtered(tables: Tables, query: GroupQuery): Knex.QueryBuilder {
    const groups = tables(TABLES.groups).where(`${TABLES.groups}.connection_id`, query.connectionId);
    if (query.scimId !== undefined) groups.where(`${TABLES.groups}.scim_id`, query.scimId);
    if (query.externalId !== undefined) groups.where(`${TABLES.groups}.external_id`, query.externalId);
    if (query.displayNameNorm !== undefined) groups.where(`${TABLES.groups}.display_name_norm`, query.displayNameNorm);
    if (query.memberId !== undefined) {
      groups
        .join(TABLES.members, `${TABLES.members}.group_id`, `${TABLES.groups}.id`)
        .where(`${TABLES.members}.member_id`, query.memberId);
    }
    return groups;
  }

  private async write(work: (tables: Tables) => Promise<unknown>): Promise<void> {
    try {
      await this.database.query(work);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Two groups of one name at the same moment: the database names the key it refused.
      if (violatedKey(error).includes('unique_name')) throw new ProvisioningError('uniqueness', 'Another group of this connection has this displayName.', { attribute: 'displayName', cause: error });
      throw new ProvisioningError('uniqueness', 'Another group of this connection already has this externalId.', {
        attribute: 'externalId',
        cause: error,
      });
    }
  }
}

/** Members by age with the names they are shown by. */
const shown = (tables: Tables): Knex.QueryBuilder =>
  tables(TABLES.members)
    .leftJoin(TABLES.identities, `${TABLES.identities}.scim_id`, `${TABLES.members}.member_id`)
    .leftJoin(TABLES.groups, `${TABLES.groups}.scim_id`, `${TABLES.members}.member_id`)
    .orderBy(`${TABLES.members}.id`)
    .select(`${TABLES.members}.id`, 'group_id', 'member_type', 'member_id', `${TABLES.identities}.user_name as user_name`, `${TABLES.groups}.display_name as group_name`);

const toShown = (row: ShownRow): ShownMember => ({ ...toMember(row), display: row.user_name ?? row.group_name });

const nameTaken = (displayName: string): ProvisioningError =>
  new ProvisioningError('uniqueness', `Another group of this connection is already called ${displayName}.`, { attribute: 'displayName' });
