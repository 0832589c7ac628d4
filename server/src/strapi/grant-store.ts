import { TABLES } from '../models';
import type { Grant, GrantStore } from '../ports/grant-store';
import type { Database } from './database';

interface GrantRow {
  identity_id: string;
  role_id: number;
  connection_id: number;
  group_id: number;
  priority: number;
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
      }));
      await this.database.query(async (tables) =>
        tables(TABLES.grants).insert(rows).onConflict(['identity_id', 'role_id', 'connection_id', 'group_id']).merge(['priority'])
      );
    }
  }

  async revokeGroup(groupId: number, identityIds: string[]): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.grants).where({ group_id: groupId }).whereIn('identity_id', identityIds).delete()
    );
  }

  async removeUser(identityId: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.grants).where({ identity_id: identityId }).delete());
  }
}
