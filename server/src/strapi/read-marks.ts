import type { ObjectType } from '../contracts/operation';
import { TABLES } from '../models';
import type { ReadMark, ReadMarks } from '../ports/read-marks';
import { toNumber, type Database } from './database';

const CHUNK = 500;

interface Row {
  remote_id: string;
  local_id: string;
  seen_cycle: number | string | null;
}

/** In the rows of links, so that a mark goes with its object. */
export class SqlReadMarks implements ReadMarks {
  constructor(private readonly database: Database) {}

  async see(connectionId: number, type: ObjectType, remoteIds: string[], reading: number): Promise<ReadMark[]> {
    const of = { connection_id: connectionId, object_type: type };
    const marks: ReadMark[] = [];
    for (let start = 0; start < remoteIds.length; start += CHUNK) {
      const some = remoteIds.slice(start, start + CHUNK);
      const rows = await this.database.query<Row[]>(async (tables) => tables(TABLES.links).where(of).whereIn('remote_id', some).select('remote_id', 'local_id', 'seen_cycle'));
      await this.database.query(async (tables) => tables(TABLES.links).where(of).whereIn('remote_id', some).update({ seen_cycle: reading }));
      marks.push(...rows.map((row) => ({ remoteId: row.remote_id, localId: row.local_id, again: row.seen_cycle !== null && toNumber(row.seen_cycle) === reading })));
    }
    return marks;
  }

  async seen(connectionId: number, type: ObjectType, localIds: string[], reading: number): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let start = 0; start < localIds.length; start += CHUNK) {
      const rows = await this.database.query<Pick<Row, 'local_id'>[]>(async (tables) =>
        tables(TABLES.links)
          .where({ connection_id: connectionId, object_type: type, seen_cycle: reading })
          .whereIn('local_id', localIds.slice(start, start + CHUNK))
          .select('local_id')
      );
      for (const row of rows) seen.add(row.local_id);
    }
    return seen;
  }
}
