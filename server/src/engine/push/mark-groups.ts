import type { Connection } from '../../domain/connection/connection';
import { isChosen, pushesGroups, pushesRoles, roleIdOf } from '../../domain/groups/choice';
import type { LinkStore } from '../../ports/link-store';
import type { Outbox } from '../../ports/outbox';
import type { SourceGroups } from '../../ports/source-groups';

const PAGE = 500;

export interface MarkGroupsDeps {
  links: LinkStore;
  outbox: Outbox;
  sourceGroups: SourceGroups;
}

/**
 * Has every group of a connection looked at: those it is to keep at its application, and those it kept until now. Who is in
 * step costs no request. `roles`: only roles, whose changes nobody may have noticed; those of groups are noted with the write.
 */
export async function markGroups(connection: Connection, which: 'all' | 'roles', deps: MarkGroupsDeps, isStopping: () => boolean = () => false): Promise<void> {
  const { links, outbox, sourceGroups } = deps;
  const mark = async (keys: string[]): Promise<void> => {
    if (keys.length > 0) await outbox.mark([connection.id], 'Group', keys, null);
  };
  for (let after: number | null = 0; after !== null && !isStopping(); ) {
    const page = await links.linksPage(connection.id, 'Group', after, PAGE);
    const keys = page.links.map(({ localId }) => localId);
    await mark(which === 'all' ? keys : keys.filter((key) => roleIdOf(key) !== null));
    after = page.next;
  }
  if (pushesRoles(connection)) await mark((await sourceGroups.roleKeys(connection.population)).filter((key) => isChosen(connection, key)));
  if (which === 'roles' || !pushesGroups(connection)) return;
  for (let after: number | null = 0; after !== null && !isStopping(); ) {
    const page = await sourceGroups.groupKeys(connection.population, after, PAGE);
    await mark(page.keys.filter((key) => isChosen(connection, key)));
    after = page.next;
  }
}
