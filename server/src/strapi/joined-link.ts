import type { Knex } from 'knex';
import { TABLES } from '../models';
import type { Link } from '../ports/link-store';
import { toLink, type LinkRow } from './link-store';

/** Columns of a link beside those of its user, whose `state` is another one. */
const COLUMNS = ['remote_id', 'external_id', 'kept', 'snapshot', 'hash', 'state'] as const satisfies readonly (keyof LinkRow)[];

export type LinkColumns = { [Column in (typeof COLUMNS)[number] as `link_${Column}`]: string | null };

/** Adds a connection's link to a query for users: one look-up by the link's unique key for each. */
export function joinUserLink(users: Knex.QueryBuilder, connectionId: number, scimId: string): void {
  users
    .leftJoin(TABLES.links, (on) => {
      on.onVal(`${TABLES.links}.connection_id`, connectionId).andOnVal(`${TABLES.links}.object_type`, 'User').andOn(`${TABLES.links}.local_id`, scimId);
    })
    .select(COLUMNS.map((column) => `${TABLES.links}.${column} as link_${column}`));
}

/** The link that came with a user; null for none. */
export function joinedLink(row: LinkColumns, connectionId: number, scimId: string): Link | null {
  // Every link has a state.
  if (row.link_state === null) return null;
  return toLink({
    drift: null,
    connection_id: connectionId,
    object_type: 'User',
    local_id: scimId,
    remote_id: row.link_remote_id,
    external_id: row.link_external_id,
    kept: row.link_kept,
    snapshot: row.link_snapshot,
    hash: row.link_hash,
    state: row.link_state,
  });
}
