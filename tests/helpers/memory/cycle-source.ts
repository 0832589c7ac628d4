import type { Population } from '../../../server/src/contracts/connection';
import type { CycleEntry, CycleSource } from '../../../server/src/ports/cycle-source';
import type { MemoryLinkStore } from './link-store';
import type { MemoryLocalDirectory } from './local-directory';
import type { MemoryOutbox } from './outbox';

const EVERYBODY = 1_000_000;

export class MemoryCycleSource implements CycleSource {
  constructor(private readonly parts: { directoryOf(population: Population): MemoryLocalDirectory; links: MemoryLinkStore; outbox: MemoryOutbox; populationOf(connectionId: number): Population }) {}

  async accounts(population: Population, after: number, limit: number): Promise<CycleEntry[]> {
    const users = await this.parts.directoryOf(population).pageUsers(0, EVERYBODY);
    return users.map((user) => ({ id: user.key, scimId: user.ref })).filter(({ id }) => id > after).slice(0, limit);
  }

  async orphans(connectionId: number, after: string, limit: number): Promise<{ ids: string[]; next: string | null }> {
    const living = new Set((await this.accounts(this.parts.populationOf(connectionId), 0, EVERYBODY)).map(({ scimId }) => scimId));
    const { links } = await this.parts.links.linksPage(connectionId, 'User', 0, EVERYBODY);
    const ids = links.map(({ localId }) => localId).filter((id) => id > after && !living.has(id)).sort().slice(0, limit);
    return { ids, next: ids.length === limit ? (ids.at(-1) ?? null) : null };
  }

  async pending(connectionId: number, after: number, limit: number): Promise<CycleEntry[]> {
    return this.parts.outbox.rows.filter((row) => row.connectionId === connectionId && row.id > after && (row.planItem ?? null) === null).slice(0, limit).map((row) => ({ id: row.id, scimId: row.objectId }));
  }

  async linked(connectionId: number): Promise<number> {
    return (await this.parts.links.linksPage(connectionId, 'User', 0, EVERYBODY)).links.length;
  }
}
