import type { Grant, GrantStore } from '../../../server/src/ports/grant-store';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

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
        if (this.grants.update(isSame, () => ({ priority: grant.priority })) === 0) this.grants.insert(grant);
      }
    });
  }

  async revokeGroup(groupId: number, identityIds: string[]): Promise<void> {
    await this.database.query(() => this.grants.delete((grant) => grant.groupId === groupId && identityIds.includes(grant.identityId)));
  }

  async removeUser(identityId: string): Promise<void> {
    await this.database.query(() => this.grants.delete((grant) => grant.identityId === identityId));
  }
}
