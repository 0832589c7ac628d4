import type { Standing } from '../../../server/src/domain/scope/leaving';
import type { StandingStore } from '../../../server/src/ports/standing-store';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

type Row = Standing & { connectionId: number; localId: string };

export class MemoryStandingStore implements StandingStore {
  private readonly standings: MemoryTable<Row>;

  constructor(private readonly database: MemoryUnitOfWork) {
    this.standings = database.table<Row>({ person: (row) => JSON.stringify([row.connectionId, row.localId]) });
  }

  get rows(): Row[] {
    return this.standings.all();
  }

  get(connectionId: number, localId: string): Promise<Standing | null> {
    return this.database.query(() => {
      const row = this.standings.first((one) => one.connectionId === connectionId && one.localId === localId);
      if (row === null) return null;
      const { event, reason, since, wakeAt, done } = row;
      return { event, reason, since, wakeAt, done };
    });
  }

  async getMany(connectionId: number, localIds: string[]): Promise<Map<string, Standing>> {
    const found = await Promise.all(localIds.map(async (id) => [id, await this.get(connectionId, id)] as const));
    return new Map(found.flatMap(([id, standing]) => (standing === null ? [] : [[id, standing]])));
  }

  async save(connectionId: number, localId: string, standing: Standing): Promise<void> {
    await this.database.query(() => {
      const row = { ...standing, connectionId, localId };
      if (this.standings.update((one) => one.connectionId === connectionId && one.localId === localId, () => row) === 0) this.standings.insert(row);
    });
  }

  async remove(connectionId: number, localId: string): Promise<void> {
    await this.database.query(() => this.standings.delete((one) => one.connectionId === connectionId && one.localId === localId));
  }

  async removeAll(connectionId: number): Promise<void> {
    await this.database.query(() => this.standings.delete((one) => one.connectionId === connectionId));
  }

  due(now: number, limit: number): Promise<{ connectionId: number; localId: string; wakeAt: number }[]> {
    return this.database.query(() =>
      this.standings
        .all()
        .flatMap(({ connectionId, localId, wakeAt }) => (wakeAt !== null && wakeAt <= now ? [{ connectionId, localId, wakeAt }] : []))
        .sort((left, right) => left.wakeAt - right.wakeAt)
        .slice(0, limit)
    );
  }

  woken(connectionId: number, localId: string, wakeAt: number): Promise<boolean> {
    return this.database.query(
      () => this.standings.update((one) => one.connectionId === connectionId && one.localId === localId && one.wakeAt === wakeAt, () => ({ wakeAt: null })) > 0
    );
  }
}
