import type { Connection } from '../../domain/connection/connection';
import { isChosen, pushesGroups, pushesRoles } from '../../domain/groups/choice';
import type { LinkStore } from '../../ports/link-store';
import type { PlanMembers } from '../../ports/plan-members';
import type { SourceGroups } from '../../ports/source-groups';

const PAGE = 50;

export interface GroupListDeps {
  links: LinkStore;
  sourceGroups: SourceGroups;
  planMembers: PlanMembers;
}

export interface GroupPage {
  keys: string[];
  next: string | null;
}

/**
 * Groups a plan has to look at, page by page: those that are linked, then those that are to be. `only`: those whose members the plan
 * changes, and no others. The place is opaque; '' starts.
 */
export async function groupPage(connection: Connection, runId: number, only: boolean, place: string, deps: GroupListDeps): Promise<GroupPage> {
  const { links, sourceGroups, planMembers } = deps;
  const colon = place.indexOf(':');
  const [list, after] = colon < 0 ? [only ? 'changed' : 'linked', ''] : [place.slice(0, colon), place.slice(colon + 1)];
  if (list === 'changed') {
    const keys = await planMembers.groups(runId, after, PAGE);
    return { keys, next: keys.length < PAGE ? null : `changed:${keys.at(-1)}` };
  }
  if (list === 'linked') {
    const page = await links.linksPage(connection.id, 'Group', Number(after), PAGE);
    return { keys: page.links.map(({ localId }) => localId), next: page.next !== null ? `linked:${page.next}` : pushesRoles(connection) ? 'roles:' : pushesGroups(connection) ? 'groups:0' : null };
  }
  const unlinked = async (keys: string[]): Promise<string[]> => {
    const chosen = keys.filter((key) => isChosen(connection, key));
    const known = new Set((await links.getMany(connection.id, 'Group', chosen)).map(({ localId }) => localId));
    return chosen.filter((key) => !known.has(key));
  };
  if (list === 'roles') {
    return { keys: await unlinked(await sourceGroups.roleKeys(connection.population)), next: pushesGroups(connection) ? 'groups:0' : null };
  }
  const page = await sourceGroups.groupKeys(connection.population, Number(after), PAGE);
  return { keys: await unlinked(page.keys), next: page.next === null ? null : `groups:${page.next}` };
}
