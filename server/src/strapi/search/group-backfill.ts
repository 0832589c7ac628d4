import type { SearchIndex } from '../../ports/search';
import type { Resource } from '../../domain/resource/resource';
import { TABLES } from '../../models';
import { parseJson, type Database } from '../database';
import { indexVersion } from './account-index';

const BATCH = 500;

interface GroupRow {
  id: number;
  connection_id: number;
  kept: string | null;
}

/** Groups that were stored before the index was, or under other rules. Each batch is its own transaction. */
export async function indexGroups(database: Database, index: SearchIndex, isStopping: () => boolean): Promise<void> {
  const version = indexVersion('Group');
  for (let done = BATCH; done === BATCH && !isStopping(); ) {
    done = await database.run(async () => {
      const rows = await database.query<GroupRow[]>(async (tables) =>
        tables(TABLES.groups)
          .where((stale) => stale.whereNull('indexed').orWhereNot('indexed', version))
          .orderBy('id')
          .limit(BATCH)
          .select('id', 'connection_id', 'kept')
      );
      await index.put(
        rows.map((row) => ({ type: 'Group', key: row.id, connectionId: row.connection_id, resource: parseJson<Resource>(row.kept) ?? { schemas: [] } }))
      );
      await database.query(async (tables) => tables(TABLES.groups).whereIn('id', rows.map((row) => row.id)).update({ indexed: version }));
      return rows.length;
    });
  }
}
