import { erasedId } from '../../../server/src/domain/departure/erased-id';
import type { Departure, DepartureStore, StoredDeparture } from '../../../server/src/ports/departure-store';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

export class MemoryDepartureStore implements DepartureStore {
  private readonly departures: MemoryTable<Departure>;

  constructor(private readonly database: MemoryUnitOfWork) {
    this.departures = database.table<Departure>({ account: (row) => JSON.stringify([row.population, row.accountId]) });
  }

  get rows(): StoredDeparture[] {
    return this.departures.all();
  }

  async save({ connectionId, population, accountId, scimId, externalId, event, action, original, dueAt }: Departure): Promise<void> {
    const row: Departure = { connectionId, population, accountId, scimId, externalId, event, action, original, dueAt };
    await this.database.query(() => {
      const changed = this.departures.update((other) => other.population === population && other.accountId === accountId, () => row);
      if (changed === 0) this.departures.insert(row);
    });
  }

  findByExternalId(connectionId: number, externalId: string): Promise<StoredDeparture | null> {
    return this.database.query(() =>
      this.departures.first((row) => row.connectionId === connectionId && [externalId, erasedId(externalId)].includes(row.externalId ?? '') && row.event === 'delete')
    );
  }

  ofUsers(scimIds: string[]): Promise<StoredDeparture[]> {
    return this.database.query(() => this.departures.where((row) => scimIds.includes(row.scimId)));
  }

  due(now: number, limit: number): Promise<StoredDeparture[]> {
    return this.database.query(() => this.departures.where((row) => row.dueAt !== null && row.dueAt <= now).sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0)).slice(0, limit));
  }

  claim(departure: StoredDeparture): Promise<boolean> {
    return this.change(departure, { dueAt: null, original: null });
  }

  async postpone(departure: StoredDeparture, dueAt: number): Promise<void> {
    await this.change(departure, { dueAt });
  }

  /** What follows from an account being gone. Row ids of accounts are unique across populations here. */
  async removeAccount(accountId: number): Promise<void> {
    await this.database.query(() => this.departures.delete((row) => row.accountId === accountId));
  }

  remove({ id }: StoredDeparture): Promise<boolean> {
    return this.database.query(() => this.departures.delete((row) => row.id === id) > 0);
  }

  private change({ id, scimId, dueAt }: StoredDeparture, values: Partial<Departure>): Promise<boolean> {
    return this.database.query(() => this.departures.update((row) => row.id === id && row.scimId === scimId && row.dueAt === dueAt, () => values) > 0);
  }
}
