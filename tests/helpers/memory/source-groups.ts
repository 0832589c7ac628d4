import type { Population } from '../../../server/src/contracts/connection';
import { roleIdOf, roleKey } from '../../../server/src/domain/groups/choice';
import type { ChangeMarker } from '../../../server/src/ports/change-marker';
import type { ConnectionStore } from '../../../server/src/ports/connection-store';
import type { SourceGroup, SourceGroups } from '../../../server/src/ports/source-groups';
import type { MemoryGroupStore } from './group-store';

/** Roles are what a test names; groups are those of the world. */
export class MemorySourceGroups implements SourceGroups {
  private readonly roles = new Map<number, string>();

  constructor(
    private readonly groups: MemoryGroupStore,
    private readonly connections: ConnectionStore,
    private readonly changes: ChangeMarker
  ) {}

  /** A role is made, renamed, or deleted with null. */
  async setRole(id: number, name: string | null): Promise<void> {
    if (name === null) this.roles.delete(id);
    else this.roles.set(id, name);
    await this.changes.groupsChanged('end-users', [roleKey(id)]);
  }

  async read(population: Population, key: string): Promise<SourceGroup | null> {
    const roleId = roleIdOf(key);
    if (roleId !== null) {
      const displayName = this.roles.get(roleId);
      return displayName === undefined ? null : { key, displayName, connectionId: null };
    }
    const [group] = await this.of(population, key);
    return group === undefined ? null : { key, displayName: group.displayName, connectionId: group.connectionId };
  }

  async roleKeys(): Promise<string[]> {
    return [...this.roles.keys()].map(roleKey);
  }

  async groupKeys(population: Population, after: number, limit: number): Promise<{ keys: string[]; next: number | null }> {
    const page = (await this.of(population, null)).filter(({ id }) => id > after).slice(0, limit);
    return { keys: page.map(({ scimId }) => scimId), next: page.length < limit ? null : (page.at(-1)?.id ?? null) };
  }

  private async of(population: Population, scimId: string | null) {
    const found = [];
    for (const group of await this.groups.anywhere(scimId)) if ((await this.connections.get(group.connectionId))?.population === population) found.push(group);
    return found;
  }
}
