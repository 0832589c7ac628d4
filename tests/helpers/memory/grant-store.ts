import type { Grant, GrantStore } from '../../../server/src/ports/grant-store';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

const keyOf = ({ identityId, roleId, connectionId, groupId }: Grant): string => JSON.stringify([identityId, roleId, connectionId, groupId]);

export class MemoryGrantStore implements GrantStore {
  private readonly grants: MemoryTable<Grant>;

  constructor(private readonly database: MemoryUnitOfWork) {
    this.grants = database.table<Grant>();
  }

  ofUsers(identityIds: string[]): Promise<Grant[]> {
    return this.database.query(() =>
      this.grants.where((grant) => identityIds.includes(grant.identityId)).map(({ id: _id, ...grant }) => grant)
    );
  }

  async add(grants: Grant[]): Promise<void> {
    await this.database.query(() => {
      for (const grant of grants) {
        const isSame = (other: Grant): boolean =>
          other.identityId === grant.identityId &&
          other.roleId === grant.roleId &&
          other.connectionId === grant.connectionId &&
          other.groupId === grant.groupId;
        if (this.grants.update(isSame, () => ({ priority: grant.priority, mode: grant.mode })) === 0) this.grants.insert(grant);
      }
    });
  }

  async remove(grants: Grant[]): Promise<void> {
    const keys = new Set(grants.map(keyOf));
    await this.database.query(() => this.grants.delete((grant) => keys.has(keyOf(grant))));
  }

  async removeRole(roleId: number, connectionIds: number[]): Promise<void> {
    await this.database.query(() => this.grants.delete((grant) => grant.roleId === roleId && connectionIds.includes(grant.connectionId)));
  }

  async removeUser(identityId: string): Promise<void> {
    await this.database.query(() => this.grants.delete((grant) => grant.identityId === identityId));
  }
}
