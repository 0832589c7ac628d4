import type { ObjectType } from '../../../server/src/contracts/operation';
import type { LinkStore } from '../../../server/src/ports/link-store';
import type { ReadMark, ReadMarks } from '../../../server/src/ports/read-marks';

const EVERYBODY = 1_000_000;

/** Beside the memory store of links; a mark is gone with its link. */
export class MemoryReadMarks implements ReadMarks {
  private readonly marks = new Map<string, number>();

  constructor(private readonly links: LinkStore) {}

  async see(connectionId: number, type: ObjectType, remoteIds: string[], reading: number): Promise<ReadMark[]> {
    const wanted = new Set(remoteIds);
    return (await this.links.linksPage(connectionId, type, 0, EVERYBODY)).links.flatMap(({ remoteId, localId }) => {
      if (remoteId === null || !wanted.has(remoteId)) return [];
      const key = JSON.stringify([connectionId, type, localId]);
      const again = this.marks.get(key) === reading;
      this.marks.set(key, reading);
      return [{ remoteId, localId, again }];
    });
  }

  async seen(connectionId: number, type: ObjectType, localIds: string[], reading: number): Promise<Set<string>> {
    const links = await this.links.getMany(connectionId, type, localIds);
    return new Set(links.map(({ localId }) => localId).filter((localId) => this.marks.get(JSON.stringify([connectionId, type, localId])) === reading));
  }
}
