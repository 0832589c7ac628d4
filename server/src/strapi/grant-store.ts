import { ROLE_MODES } from '../contracts/connection';
import { TABLES } from '../models';
import type { Grant, GrantStore } from '../ports/grant-store';
import type { Database } from './database';

interface GrantRow {
  identity_id: string;
  role_id: number;
  connection_id: number;
  group_id: number;
  priority: number;
  mode: string | null;
}

/** Callers pass batches (RoleAssignment), so the lists of ids stay short. */
export class SqlGrantStore implements GrantStore {
  constructor(private readonly database: Database) {}

  async ofUsers(identityIds: string[]): Promise<Grant[]> {
    const rows = await this.database.query<GrantRow[]>(async (tables) => tables(TABLES.grants).whereIn('identity_id', identityIds));
    return rows.map((row) => ({
      identityId: row.identity_id,
      roleId: row.role_id,
      connectionId: row.connection_id,
      groupId: row.group_id,
      priority: row.priority,
      mode: ROLE_MODES.find((mode) => mode === row.mode) ?? 'authoritative',
    }));
  }

  async add(grants: Grant[]): Promise<void> {
    for (let start = 0; start < grants.length; start += 150) {
      const rows = grants.slice(start, start + 150).map((grant) => ({
        identity_id: grant.identityId,
        role_id: grant.roleId,
        connection_id: grant.connectionId,
        group_id: grant.groupId,
        priority: grant.priority,
        mode: grant.mode,
      }));
      await this.database.query(async (tables) =>
        tables(TABLES.grants).insert(rows).onConflict(['identity_id', 'role_id', 'connection_id', 'group_id']).merge(['priority', 'mode'])
      );
    }
  }

  async remove(grants: Grant[]): Promise<void> {
    const sources = new Map<string, { where: Record<string, number>; users: string[] }>();
    for (const { connectionId, groupId, roleId, identityId } of grants) {
      const key = `${connectionId} ${groupId} ${roleId}`;
      const source = sources.get(key) ?? { where: { connection_id: connectionId, group_id: groupId, role_id: roleId }, users: [] };
      source.users.push(identityId);
      sources.set(key, source);
    }
    for (const { where, users } of sources.values()) {
      await this.database.query(async (tables) => tables(TABLES.grants).where(where).whereIn('identity_id', users).delete());
    }
  }

  async removeRole(roleId: number, connectionIds: number[]): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.grants).where({ role_id: roleId }).whereIn('connection_id', connectionIds).delete());
  }

  async removeUser(identityId: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.grants).where({ identity_id: identityId }).delete());
  }
}
