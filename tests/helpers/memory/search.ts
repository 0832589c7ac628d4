import type { Population } from '../../../server/src/contracts/connection';
import type { ObjectType } from '../../../server/src/contracts/operation';
import type { Connection } from '../../../server/src/domain/connection/connection';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { groupView, userView } from '../../../server/src/engine/receive/present';
import type { GroupStore } from '../../../server/src/ports/group-store';
import type { LinkStore } from '../../../server/src/ports/link-store';
import type { LocalDirectory } from '../../../server/src/ports/local-directory';
import type { IndexedObject, ResourceSearch, SearchIndex, SearchPage } from '../../../server/src/ports/search';
import type { ListQuery, ScimRequestContext } from '../../../server/src/ports/scim-service';
import { matches } from '../../../server/src/scim/filter/evaluate';
import { compareSortKeys, sortKeyOf } from '../../../server/src/scim/filter/sort';
import { ScimError } from '../../../server/src/scim/messages/error';
import { RESOURCE_TYPES, type ResourceTypeDefinition } from '../../../server/src/scim/schema/resource-types';
import { belongings } from '../../../server/src/engine/receive/nested-groups';

export interface SearchDeps {
  directoryOf(population: Population): LocalDirectory;
  links: LinkStore;
  groups: GroupStore;
}

const EVERYTHING = 1_000_000;

/** Searches by looking at everything: what every other search has to agree with. */
export class MemoryResourceSearch implements ResourceSearch {
  constructor(private readonly deps: SearchDeps) {}

  async find(connection: Connection, type: ResourceTypeDefinition, query: ListQuery, baseUrl: string): Promise<SearchPage> {
    const ids = (await this.matching(connection, type, query, baseUrl)).map(({ id }) => String(id));
    if (query.cursor === null) {
      const offset = query.startIndex - 1;
      return { ids: ids.slice(offset, offset + query.count), totalResults: ids.length, nextCursor: null };
    }
    if (!/^(?:|after-\d+)$/.test(query.cursor)) throw new ScimError(400, 'cursor: unknown.', 'invalidCursor');
    const offset = Number(query.cursor.replace('after-', ''));
    const end = offset + query.count;
    return { ids: ids.slice(offset, end), totalResults: ids.length, nextCursor: end < ids.length ? `after-${end}` : null };
  }

  /** All that a connection sees, as it sees it, in the order that was asked for. */
  async matching(connection: Connection, type: ResourceTypeDefinition, { filter, sort }: Pick<ListQuery, 'filter' | 'sort'>, baseUrl: string): Promise<Resource[]> {
    const ctx = { connection, baseUrl, actor: '', correlationId: '', scopes: [], types: { ...RESOURCE_TYPES, [type.name]: type } };
    const views = type.name === 'User' ? await this.users(ctx) : await this.groups(ctx);
    const found = views.filter((view) => filter === null || matches(filter, view, type));
    if (sort === null) return found;
    const key = (view: Resource): string | null => sortKeyOf(view, sort, type);
    return found.sort((left, right) => compareSortKeys(key(left), key(right), sort.descending));
  }

  private async users(ctx: ScimRequestContext): Promise<Resource[]> {
    const { connection } = ctx;
    const users = await this.deps.directoryOf(connection.population).pageUsers(0, EVERYTHING);
    const ids = users.map((user) => user.ref);
    const links = new Map((await this.deps.links.getMany(connection.id, 'User', ids)).map((link) => [link.localId, link]));
    const groups = await belongings(this.deps.groups, connection.id, ids);
    const visible = users.filter((user) => connection.policies.visibility === 'all' || links.has(user.ref));
    return visible.map((user) => userView(ctx, user, { link: links.get(user.ref) ?? null, groups: groups.get(user.ref) ?? [], guarded: user.protection !== null }));
  }

  private async groups(ctx: ScimRequestContext): Promise<Resource[]> {
    const groups = await this.deps.groups.query({ connectionId: ctx.connection.id }, 0, EVERYTHING);
    const members = await this.deps.groups.membersOf(groups);
    return groups.map((group) => groupView(ctx, group, members.get(group.id) ?? []));
  }
}

/** Remembers what it was told, so that tests can see that it was. */
export class MemorySearchIndex implements SearchIndex {
  readonly objects = new Map<string, IndexedObject>();

  async put(objects: IndexedObject[]): Promise<void> {
    for (const object of objects) this.objects.set(`${typeof object.type === 'string' ? object.type : object.type.name} ${object.key} ${object.connectionId}`, object);
  }

  async remove(type: ObjectType, key: number, connectionId?: number): Promise<void> {
    for (const id of [...this.objects.keys()]) {
      if (connectionId === undefined ? id.startsWith(`${type} ${key} `) : id === `${type} ${key} ${connectionId}`) this.objects.delete(id);
    }
  }
}
