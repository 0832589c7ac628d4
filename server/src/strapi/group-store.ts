import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { ProvisioningError } from '../domain/errors';
import { normaliseName } from '../domain/identity/normalise';
import type { Resource } from '../domain/resource/resource';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { Group, GroupFields, GroupQuery, GroupStore, Member } from '../ports/group-store';
import { isUniqueViolation, parseJson, toJson, toNumber, type Database, type Tables } from './database';

/** Bound parameters per statement stay far below every database's limit. */
const CHUNK = 300;
const NAME_LIMIT = 255;

interface GroupRow {
  id: number;
  connection_id: number;
  scim_id: string;
  display_name: string;
  external_id: string | null;
  kept: string | null;
  version: number;
  created_at: number | string;
  updated_at: number | string;
}

const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  connectionId: row.connection_id,
  scimId: row.scim_id,
  displayName: row.display_name,
  externalId: row.external_id,
  kept: parseJson<Resource>(row.kept),
  version: row.version,
  created: toNumber(row.created_at),
  lastModified: toNumber(row.updated_at),
});

function* chunks<T>(items: T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK);
}

export class SqlGroupStore implements GroupStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async get(connectionId: number, scimId: string): Promise<Group | null> {
    const [group] = await this.query({ connectionId, scimId }, 0, 1);
    return group ?? null;
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

  async create(connectionId: number, fields: GroupFields): Promise<Group> {
    const now = this.clock.now();
    const scimId = randomUUID();
    await this.write((tables) =>
      tables(TABLES.groups).insert({ connection_id: connectionId, scim_id: scimId, ...columnsOf(fields), version: 1, created_at: now, updated_at: now })
    );
    const group = await this.get(connectionId, scimId);
    if (!group) throw new ProvisioningError('internal', 'The group was not stored.');
    return group;
  }

  async update(group: Group, fields: GroupFields): Promise<Group> {
    const now = this.clock.now();
    await this.write((tables) =>
      tables(TABLES.groups).where({ id: group.id }).update({ ...columnsOf(fields), version: group.version + 1, updated_at: now })
    );
    return { ...group, ...fields, version: group.version + 1, lastModified: now };
  }

  async remove(group: Group): Promise<void> {
    await this.database.query(async (tables) => {
      await tables(TABLES.members).where({ group_id: group.id }).delete();
      await tables(TABLES.members).where({ member_type: 'Group', member_id: group.scimId }).delete();
      await tables(TABLES.groups).where({ id: group.id }).delete();
    });
  }

  async members(group: Group): Promise<(Member & { display: string | null })[]> {
    const rows = await this.database.query<{ member_type: string; member_id: string; user_name: string | null; group_name: string | null }[]>(
      async (tables) =>
        tables(TABLES.members)
          .leftJoin(TABLES.identities, `${TABLES.identities}.scim_id`, `${TABLES.members}.member_id`)
          .leftJoin(TABLES.groups, `${TABLES.groups}.scim_id`, `${TABLES.members}.member_id`)
          .where({ group_id: group.id })
          .orderBy(`${TABLES.members}.id`)
          .select('member_type', 'member_id', `${TABLES.identities}.user_name as user_name`, `${TABLES.groups}.display_name as group_name`)
    );
    return rows.map((row) => ({
      type: row.member_type === 'Group' ? 'Group' : 'User',
      id: row.member_id,
      display: row.user_name ?? row.group_name,
    }));
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

  async removeAllMembers(group: Group): Promise<Member[]> {
    const members = await this.members(group);
    await this.database.query(async (tables) => tables(TABLES.members).where({ group_id: group.id }).delete());
    return members.map(({ type, id }) => ({ type, id }));
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
          .select('scim_id');
        const groups = await tables(TABLES.groups).where({ connection_id: connectionId }).whereIn('scim_id', chunk).select('scim_id');
        for (const row of users as { scim_id: string }[]) found.push({ type: 'User', id: row.scim_id });
        for (const row of groups as { scim_id: string }[]) found.push({ type: 'Group', id: row.scim_id });
      });
    }
    return found;
  }

  async groupsOf(connectionId: number, userIds: string[]): Promise<Map<string, Group[]>> {
    const result = new Map<string, Group[]>();
    for (const chunk of chunks(userIds)) {
      const rows = await this.database.query<(GroupRow & { member_id: string })[]>(async (tables) =>
        tables(TABLES.members)
          .join(TABLES.groups, `${TABLES.groups}.id`, `${TABLES.members}.group_id`)
          .where(`${TABLES.groups}.connection_id`, connectionId)
          .whereIn(`${TABLES.members}.member_id`, chunk)
          .orderBy(`${TABLES.groups}.id`)
          .select(`${TABLES.groups}.*`, `${TABLES.members}.member_id`)
      );
      for (const row of rows) {
        const groups = result.get(row.member_id) ?? [];
        groups.push(toGroup(row));
        result.set(row.member_id, groups);
      }
    }
    return result;
  }

  private async presentIn(group: Group, ids: string[]): Promise<Map<string, Member>> {
    const rows = await this.database.query<{ member_type: string; member_id: string }[]>(async (tables) =>
      tables(TABLES.members).where({ group_id: group.id }).whereIn('member_id', ids).select('member_type', 'member_id')
    );
    return new Map(rows.map((row) => [row.member_id, { type: row.member_type === 'Group' ? 'Group' : 'User', id: row.member_id }]));
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
      throw new ProvisioningError('uniqueness', 'Another group of this connection already has this externalId.', {
        attribute: 'externalId',
        cause: error,
      });
    }
  }
}

function columnsOf(fields: GroupFields): Record<string, unknown> {
  for (const [attribute, value] of [['displayName', fields.displayName], ['displayName', normaliseName(fields.displayName)], ['externalId', fields.externalId ?? '']] as const) {
    if (value.length > NAME_LIMIT) {
      throw new ProvisioningError('invalid-value', `${attribute}: longer than ${NAME_LIMIT} characters.`, { attribute });
    }
  }
  return {
    display_name: fields.displayName,
    display_name_norm: normaliseName(fields.displayName),
    external_id: fields.externalId,
    kept: toJson(fields.kept),
  };
}
