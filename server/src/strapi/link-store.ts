import type { ObjectType } from '../contracts/operation';
import { ProvisioningError } from '../domain/errors';
import type { KnownDrift } from '../domain/drift/drift';
import type { Resource } from '../domain/resource/resource';
import { TABLES } from '../models';
import { LINK_STATES, type Link, type LinkStore } from '../ports/link-store';
import type { Clock } from '../ports/clock';
import { isUniqueViolation, parseJson, toJson, type Database } from './database';

/** What a provider may leave with one object; Strapi is not its file store. */
const KEPT_LIMIT = 64 * 1024;
const ID_LIMIT = 255;

export interface LinkRow {
  connection_id: number;
  object_type: string;
  local_id: string;
  remote_id: string | null;
  external_id: string | null;
  kept: string | null;
  snapshot: string | null;
  hash: string | null;
  state: string;
  drift: string | null;
}

export const toLink = (row: LinkRow): Link => ({
  connectionId: row.connection_id,
  objectType: row.object_type as ObjectType,
  localId: row.local_id,
  remoteId: row.remote_id,
  externalId: row.external_id,
  kept: parseJson<Resource>(row.kept),
  snapshot: parseJson<Resource>(row.snapshot),
  hash: row.hash,
  state: LINK_STATES.find((state) => state === row.state) ?? 'linked',
  ...(row.drift === null ? {} : { drift: parseJson<KnownDrift>(row.drift) }),
});

export class SqlLinkStore implements LinkStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async get(connectionId: number, type: ObjectType, localId: string): Promise<Link | null> {
    return this.first({ connection_id: connectionId, object_type: type, local_id: localId });
  }

  async getMany(connectionId: number, type: ObjectType, localIds: string[]): Promise<Link[]> {
    if (localIds.length === 0) return [];
    const rows = await this.database.query<LinkRow[]>(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: type }).whereIn('local_id', localIds)
    );
    return rows.map(toLink);
  }

  async findByExternalId(connectionId: number, type: ObjectType, externalId: string): Promise<Link | null> {
    return this.first({ connection_id: connectionId, object_type: type, external_id: externalId });
  }

  async findByRemoteId(connectionId: number, type: ObjectType, remoteId: string): Promise<Link | null> {
    return this.first({ connection_id: connectionId, object_type: type, remote_id: remoteId });
  }

  async ofObject(type: ObjectType, localId: string): Promise<Link[]> {
    const rows = await this.database.query<LinkRow[]>(async (tables) =>
      tables(TABLES.links).where({ object_type: type, local_id: localId }).orderBy('id')
    );
    return rows.map(toLink);
  }

  async keptPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    return this.pageWhere({ connection_id: connectionId, object_type: type }, true, after, limit);
  }

  async linksPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    return this.pageWhere({ connection_id: connectionId, object_type: type }, false, after, limit);
  }

  async inboundOf(type: ObjectType, localIds: string[]): Promise<Link[]> {
    if (localIds.length === 0) return [];
    const rows = await this.database.query<LinkRow[]>(async (tables) =>
      tables(TABLES.links).where({ object_type: type }).whereIn('local_id', localIds).whereNotNull('kept').orderBy('id')
    );
    return rows.map(toLink);
  }

  async save(link: Link, { isNew }: { isNew: boolean } = { isNew: false }): Promise<void> {
    const kept = toJson(link.kept);
    if (kept !== null && Buffer.byteLength(kept) > KEPT_LIMIT) {
      throw new ProvisioningError('invalid-value', 'The attributes together are larger than 64 kB.');
    }
    if (link.externalId !== null && link.externalId.length > ID_LIMIT) {
      throw new ProvisioningError('invalid-value', `externalId: longer than ${ID_LIMIT} characters.`, { attribute: 'externalId' });
    }
    const now = this.clock.now();
    const values = {
      remote_id: link.remoteId,
      external_id: link.externalId,
      kept,
      snapshot: toJson(link.snapshot),
      hash: link.hash,
      state: link.state,
      ...(link.drift === undefined ? {} : { drift: toJson(link.drift) }),
      updated_at: now,
    };
    const key = { connection_id: link.connectionId, object_type: link.objectType, local_id: link.localId };
    try {
      await this.database.query(async (tables) => {
        const changed = isNew ? 0 : await tables(TABLES.links).where(key).update(values);
        if (changed === 0) await tables(TABLES.links).insert({ ...key, ...values, created_at: now });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProvisioningError('uniqueness', `Another ${link.objectType.toLowerCase()} of this connection already has this ${link.remoteId === null ? 'externalId' : 'id'}.`, {
        attribute: 'externalId',
        cause: error,
      });
    }
  }

  async remove(connectionId: number, type: ObjectType, localId: string): Promise<void> {
    await this.database.query((tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: type, local_id: localId }).delete()
    );
  }

  /** Local ids of linked objects, some at a time. */
  async page(connectionId: number, type: ObjectType, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ local_id: string }[]>(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: type }).orderBy('id').limit(limit).select('local_id')
    );
    return rows.map((row) => row.local_id);
  }

  async removeMany(connectionId: number, type: ObjectType, localIds: string[]): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.links).where({ connection_id: connectionId, object_type: type }).whereIn('local_id', localIds).delete()
    );
  }

  private async pageWhere(where: Record<string, string | number>, onlyKept: boolean, after: number, limit: number): Promise<{ links: Link[]; next: number | null }> {
    const rows = await this.database.query<(LinkRow & { id: number })[]>(async (tables) => {
      const page = tables(TABLES.links).where(where).where('id', '>', after).orderBy('id').limit(limit);
      return onlyKept ? page.whereNotNull('kept') : page;
    });
    return { links: rows.map(toLink), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  private async first(where: Record<string, string | number>): Promise<Link | null> {
    const row = await this.database.query<LinkRow | undefined>(async (tables) => tables(TABLES.links).where(where).first());
    return row ? toLink(row) : null;
  }
}
