import { ERROR_CATALOGUE } from '../../contracts/error-codes';
import type { FailedPage } from '../../contracts/failure';
import type { Container } from '../../container';
import type { Connection } from '../../domain/connection/connection';
import { classOf } from '../../domain/failure/classes';
import type { Resource } from '../../domain/resource/resource';
import { plainRecord } from '../../engine/plain-record';
import type { FailedMarker } from '../../strapi/failed-changes';

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

const nameOf = (resource: Resource | null, attribute: 'userName' | 'displayName'): string | null => {
  const name = resource?.[attribute];
  return typeof name === 'string' ? name : null;
};

/** The changes of an outbound connection that were set aside, as people look at them. */
export class FailedService {
  constructor(private readonly container: Container) {}

  async page(connection: Connection, after: number, limit: number): Promise<FailedPage> {
    const { markers, next } = await this.container.failedChanges.page(connection.id, after, limit);
    const names = await this.names(connection, markers);
    return {
      results: markers.map((marker) => ({
        id: marker.id,
        objectType: marker.objectType,
        objectId: marker.objectId,
        objectName: names.get(`${marker.objectType} ${marker.objectId}`) ?? null,
        errorCode: marker.code,
        errorClass: classOf(marker.code),
        message: marker.message ?? ERROR_CATALOGUE.get(marker.code)?.cause ?? '',
        attempts: marker.attempts,
        firstFailedAt: iso(marker.firstFailedAt),
        lastFailedAt: iso(marker.lastFailedAt),
        advice: ERROR_CATALOGUE.get(marker.code) ?? null,
      })),
      nextCursor: next === null ? null : String(next),
    };
  }

  async retry(connection: Connection, ids: number[] | null): Promise<number> {
    const changed = await this.container.failedChanges.retry(connection.id, ids);
    // Somebody has looked at it: an application in trouble is tried too.
    await this.container.delivery.unblock(connection.id);
    this.container.worker.wake();
    return changed;
  }

  /** That somebody gave changes up stands in the log, in the same transaction. */
  async dismiss(connection: Connection, ids: number[] | null, actor: string): Promise<number> {
    const { database, failedChanges, log, uuid, now } = this.container;
    return database.run(async () => {
      const count = await failedChanges.dismiss(connection.id, ids);
      if (count === 0) return 0;
      const message = `Gave up ${count === 1 ? 'one failed change' : `${count} failed changes`}; who changes again is sent again.`;
      await log.record(plainRecord(connection, { at: now(), trigger: 'on-demand', operation: 'skip', outcome: 'skipped', message, correlationId: uuid(), actor, count }));
      return count;
    });
  }

  /** Today's names; of who is gone the one the application was sent last. One query each, however many there are. */
  private async names({ id, population }: Connection, markers: FailedMarker[]): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    const put = (type: string, key: string, name: string | null): void => void (name !== null && names.set(`${type} ${key}`, name));
    for (const type of ['User', 'Group'] as const) {
      const ids = markers.filter(({ objectType }) => objectType === type).map(({ objectId }) => objectId);
      if (ids.length === 0) continue;
      for (const link of await this.container.links.getMany(id, type, ids)) put(type, link.localId, nameOf(link.snapshot, type === 'User' ? 'userName' : 'displayName'));
      if (type === 'Group') continue;
      for (const { ref, resource } of await this.container.populations[population].directory.readUsers(ids)) put(type, ref, nameOf(resource, 'userName'));
    }
    return names;
  }
}
