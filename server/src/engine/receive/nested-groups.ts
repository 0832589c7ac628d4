import { MAX_NESTING, type Group, type GroupStore, type ParentGroup } from '../../ports/group-store';

export interface Belonging {
  group: ParentGroup;
  /** False: through a group that is a member of this one. */
  direct: boolean;
}

/**
 * Every group each of these users or groups belongs to, directly and through nesting (RFC 7643 section 4.1.2, `groups`).
 * One query for the direct ones and one per level above, however many members are asked for. Members of the same groups
 * share one list. `connectionId` null: groups of all connections.
 */
export async function belongings(store: GroupStore, connectionId: number | null, memberIds: string[]): Promise<Map<string, Belonging[]>> {
  const direct = await store.groupsOf(connectionId, memberIds);
  const parents = new Map<string, ParentGroup[]>();
  let level = nestedIn([...direct.values()].flat());
  for (let depth = 0; depth < MAX_NESTING && level.length > 0; depth += 1) {
    const above = await store.groupsOf(connectionId, level);
    for (const id of level) parents.set(id, above.get(id) ?? []);
    level = nestedIn([...above.values()].flat()).filter((id) => !parents.has(id));
  }
  const lists = new Map<string, Belonging[]>();
  const listOf = (groups: ParentGroup[]): Belonging[] => {
    const key = groups.map((group) => group.id).join();
    const list = lists.get(key) ?? climb(groups, parents);
    lists.set(key, list);
    return list;
  };
  return new Map([...direct].map(([id, groups]) => [id, listOf(groups)]));
}

const nestedIn = (groups: ParentGroup[]): string[] => [...new Set(groups.filter((group) => group.isNested).map((group) => group.scimId))];

function climb(direct: ParentGroup[], parents: ReadonlyMap<string, ParentGroup[]>): Belonging[] {
  const found = new Map<number, Belonging>(direct.map((group) => [group.id, { group, direct: true }]));
  for (let level = direct, depth = 0; level.length > 0 && depth < MAX_NESTING; depth += 1) {
    const next: ParentGroup[] = [];
    for (const parent of level.flatMap((group) => parents.get(group.scimId) ?? [])) {
      if (found.has(parent.id)) continue;
      found.set(parent.id, { group: parent, direct: false });
      next.push(parent);
    }
    level = next;
  }
  return [...found.values()];
}

/** The group itself and every group in it, however deep. */
export async function withDescendants(store: GroupStore, group: Group): Promise<Group[]> {
  const found = new Map([[group.id, group]]);
  for (let level = [group], depth = 0; level.length > 0 && depth < MAX_NESTING; depth += 1) {
    level = (await store.subgroups(level)).filter((inner) => !found.has(inner.id));
    for (const inner of level) found.set(inner.id, inner);
  }
  return [...found.values()];
}
