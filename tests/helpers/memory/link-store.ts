import type { ObjectType } from '../../../server/src/contracts/operation';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Link, LinkStore } from '../../../server/src/ports/link-store';
import { UniqueViolation, type MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

const KEPT_LIMIT = 64 * 1024;
const ID_LIMIT = 255;

const keyOf = (link: Link, part: string | null): string | null =>
  part === null ? null : JSON.stringify([link.connectionId, link.objectType, part]);

export class MemoryLinkStore implements LinkStore {
  private readonly links: MemoryTable<Link>;

  constructor(private readonly database: MemoryUnitOfWork) {
    this.links = database.table<Link>({
      local: (link) => keyOf(link, link.localId),
      external: (link) => keyOf(link, link.externalId),
      remote: (link) => keyOf(link, link.remoteId),
    });
  }

  get(connectionId: number, type: ObjectType, localId: string): Promise<Link | null> {
    return this.first((link) => link.connectionId === connectionId && link.objectType === type && link.localId === localId);
  }

  getMany(connectionId: number, type: ObjectType, localIds: string[]): Promise<Link[]> {
    return this.many((link) => link.connectionId === connectionId && link.objectType === type && localIds.includes(link.localId));
  }

  findByExternalId(connectionId: number, type: ObjectType, externalId: string): Promise<Link | null> {
    return this.first((link) => link.connectionId === connectionId && link.objectType === type && link.externalId === externalId);
  }

  findByRemoteId(connectionId: number, type: ObjectType, remoteId: string): Promise<Link | null> {
    return this.first((link) => link.connectionId === connectionId && link.objectType === type && link.remoteId === remoteId);
  }

  ofObject(type: ObjectType, localId: string): Promise<Link[]> {
    return this.many((link) => link.objectType === type && link.localId === localId);
  }

  keptPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    return this.pageWhere((link) => link.connectionId === connectionId && link.objectType === type && link.kept !== null, after, limit);
  }

  linksPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    return this.pageWhere((link) => link.connectionId === connectionId && link.objectType === type, after, limit);
  }

  inboundOf(type: ObjectType, localIds: string[]): Promise<Link[]> {
    return this.many((link) => link.objectType === type && localIds.includes(link.localId) && link.kept !== null);
  }

  async save(link: Link): Promise<void> {
    if (link.kept !== null && Buffer.byteLength(JSON.stringify(link.kept)) > KEPT_LIMIT) {
      throw new ProvisioningError('invalid-value', 'The attributes together are larger than 64 kB.');
    }
    if (link.externalId !== null && link.externalId.length > ID_LIMIT) {
      throw new ProvisioningError('invalid-value', 'externalId: too long.', { attribute: 'externalId' });
    }
    const isOwn = (other: Link): boolean =>
      other.connectionId === link.connectionId && other.objectType === link.objectType && other.localId === link.localId;
    try {
      await this.database.query(() => {
        if (this.links.update(isOwn, () => link) === 0) this.links.insert(link);
      });
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
      throw new ProvisioningError('uniqueness', 'Another user of this connection already has this externalId.', {
        attribute: 'externalId',
        cause: error,
      });
    }
  }

  async remove(connectionId: number, type: ObjectType, localId: string): Promise<void> {
    await this.database.query(() =>
      this.links.delete((link) => link.connectionId === connectionId && link.objectType === type && link.localId === localId)
    );
  }

  /** What follows from an account being gone: what providers wrote of it goes with it. */
  async removeKept(localId: string): Promise<void> {
    await this.database.query(() => this.links.delete((link) => link.objectType === 'User' && link.localId === localId && link.kept !== null));
  }

  private pageWhere(condition: (link: Link) => boolean, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    return this.database.query(() => {
      const rows = this.links.where((link) => condition(link) && link.id > after).slice(0, limit);
      return { links: rows.flatMap((row) => plain(row) ?? []), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
    });
  }

  private first(condition: (link: Link) => boolean): Promise<Link | null> {
    return this.database.query(() => plain(this.links.first(condition)));
  }

  private many(condition: (link: Link) => boolean): Promise<Link[]> {
    return this.database.query(() => this.links.where(condition).flatMap((link) => plain(link) ?? []));
  }
}

/** Without the table's own id. */
function plain(row: (Link & { id: number }) | null): Link | null {
  if (row === null) return null;
  const { id: _id, ...link } = row;
  return link;
}
