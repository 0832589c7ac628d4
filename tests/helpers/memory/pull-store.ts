import type { ObjectType } from '../../../server/src/contracts/operation';
import type { GroupStore } from '../../../server/src/ports/group-store';
import type { LinkStore } from '../../../server/src/ports/link-store';
import type { KnownObject, PullStore } from '../../../server/src/ports/pull-store';

interface Mark {
  hash: string | null;
  missed: number;
  seenCycle: number | null;
  missedCycle: number | null;
  /** Place in the order of arrival. */
  row: number;
}

/** Beside the memory stores of links and groups; a mark is the object's own, so it is gone with it. */
export class MemoryPullStore implements PullStore {
  private readonly marks = new Map<string, Mark>();

  constructor(
    private readonly links: LinkStore,
    private readonly groups: GroupStore
  ) {}

  async known(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<KnownObject[]> {
    return (await this.all(connectionId, type)).filter(({ remoteId }) => new Set(remoteIds).has(remoteId)).map(plain);
  }

  async count(connectionId: number, type: ObjectType): Promise<number> {
    return (await this.all(connectionId, type)).length;
  }

  rememberHash(connectionId: number, type: ObjectType, remoteId: string, hash: string | null): Promise<void> {
    return this.change(connectionId, type, (object) => object.remoteId === remoteId, (mark) => void (mark.hash = hash));
  }

  seen(connectionId: number, type: ObjectType, remoteIds: string[], cycle: number): Promise<void> {
    return this.change(connectionId, type, ({ remoteId }) => remoteIds.includes(remoteId), (mark) => void (mark.seenCycle = Math.max(mark.seenCycle ?? 0, cycle)));
  }

  forgive(connectionId: number, type: ObjectType, remoteIds: string[]): Promise<void> {
    return this.change(connectionId, type, ({ remoteId }) => remoteIds.includes(remoteId), (mark) => void (mark.missed = 0));
  }

  settle(connectionId: number, type: ObjectType, cycle: number): Promise<void> {
    return this.change(connectionId, type, () => true, (mark) => {
      if ((mark.seenCycle ?? 0) >= cycle) mark.missed = 0;
      else if ((mark.missedCycle ?? 0) < cycle) {
        mark.missed += 1;
        mark.missedCycle = cycle;
      }
    });
  }

  async missing(connectionId: number, type: ObjectType, times: number, after: number, limit: number): Promise<{ objects: KnownObject[]; next: number | null }> {
    // Places in a list that only grows in these tests.
    const rows = (await this.all(connectionId, type)).filter(({ missed, row }) => missed >= times && row > after).slice(0, limit);
    return { objects: rows.map(plain), next: rows.length < limit ? null : (rows.at(-1)?.row ?? null) };
  }

  private async change(connectionId: number, type: ObjectType, wanted: (object: KnownObject) => boolean, write: (mark: Mark) => void): Promise<void> {
    for (const object of await this.all(connectionId, type)) if (wanted(object)) write(object.mark);
  }

  private async all(connectionId: number, type: ObjectType): Promise<(KnownObject & { mark: Mark; row: number })[]> {
    const ties =
      type === 'User'
        ? (await this.links.linksPage(connectionId, type, 0, 1_000_000)).links.map(({ externalId, localId }) => ({ externalId, localId }))
        : (await this.groups.query({ connectionId }, 0, 1_000_000)).map(({ externalId, scimId }) => ({ externalId, localId: scimId }));
    return ties.flatMap(({ externalId, localId }) => {
      if (externalId === null) return [];
      const key = JSON.stringify([connectionId, type, localId]);
      const mark = this.marks.get(key) ?? { hash: null, missed: 0, seenCycle: null, missedCycle: null, row: this.marks.size + 1 };
      this.marks.set(key, mark);
      return [{ remoteId: externalId, localId, hash: mark.hash, missed: mark.missed, seenCycle: mark.seenCycle, mark, row: mark.row }];
    });
  }
}

const plain = ({ mark: _mark, row: _row, ...object }: KnownObject & { mark: Mark; row: number }): KnownObject => object;
