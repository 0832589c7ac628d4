import type { Population } from '../contracts/connection';
import { TABLES } from '../models';
import type { CycleEntry, CycleSource } from '../ports/cycle-source';
import { toNumber, type Database } from './database';

/** Links looked through at a time: SQLite answers on the event loop. */
const WINDOW = 2_000;

export class SqlCycleSource implements CycleSource {
  constructor(private readonly database: Database) {}

  async accounts(population: Population, after: number, limit: number): Promise<CycleEntry[]> {
    return this.entries(async (tables) =>
      tables(TABLES.identities).where({ population }).whereNotNull('account_id').whereNull('state').where('id', '>', after).orderBy('id').limit(limit).select('id', 'scim_id')
    );
  }

  async orphans(connectionId: number, after: string, limit: number, window = WINDOW): Promise<{ ids: string[]; next: string | null }> {
    const { links, identities } = TABLES;
    return this.database.query(async (tables) => {
      // By the unique index of links, whose last column is the person's id.
      const mine = () =>
        tables(links)
          .where({ [`${links}.connection_id`]: connectionId, [`${links}.object_type`]: 'User' })
          .where(`${links}.local_id`, '>', after)
          .orderBy(`${links}.local_id`);
      const end = ((await mine().offset(window - 1).first('local_id')) as { local_id: string } | undefined)?.local_id ?? null;
      const inWindow = end === null ? mine() : mine().where(`${links}.local_id`, '<=', end);
      const gone = (await inWindow
        .leftJoin(identities, `${identities}.scim_id`, `${links}.local_id`)
        .andWhere((either) => either.whereNull(`${identities}.account_id`).orWhereNotNull(`${identities}.state`))
        .limit(limit)
        .pluck(`${links}.local_id`)) as string[];
      return { ids: gone, next: gone.length === limit ? (gone.at(-1) ?? null) : end };
    });
  }

  async pending(connectionId: number, after: number, limit: number): Promise<CycleEntry[]> {
    return this.entries(async (tables) =>
      tables(TABLES.outbox)
        .where({ connection_id: connectionId, object_type: 'User' })
        .whereNull('plan_item')
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .select('id', 'object_id as scim_id')
    );
  }

  async linked(connectionId: number): Promise<number> {
    const row = await this.database.query<{ total: number | string } | undefined>(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: 'User' }).count({ total: '*' }).first()
    );
    return toNumber(row?.total ?? 0);
  }

  private async entries(read: Parameters<Database['query']>[0]): Promise<CycleEntry[]> {
    const rows = (await this.database.query(read)) as { id: number; scim_id: string }[];
    return rows.map((row) => ({ id: toNumber(row.id), scimId: row.scim_id }));
  }
}
