import type { NotedMembership, PendingMembers, PushedMember, PushedMembers } from '../../../server/src/ports/pushed-members';
import type { LinkStore } from '../../../server/src/ports/link-store';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

interface Row {
  connectionId: number;
  groupKey: string;
  localId: string;
  remoteId: string | null;
  wantedId: string | null;
  state: 'pending' | 'sent' | 'refused' | 'held';
  seq: number;
}

export class MemoryPushedMembers implements PushedMembers {
  private readonly members: MemoryTable<Row>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly links: LinkStore
  ) {
    this.members = database.table<Row>({ member: (row) => `${row.connectionId} ${row.groupKey} ${row.localId}` });
  }

  get rows(): Row[] {
    return this.members.all();
  }

  follow(connectionId: number, localId: string, groupKeys: string[], remoteId: string | null): Promise<string[]> {
    return this.database.query(() => {
      const wanted = remoteId === null ? [] : groupKeys;
      const toSend: string[] = [];
      const own = this.members.where((row) => row.connectionId === connectionId && row.localId === localId);
      for (const row of own) {
        const wantedId = wanted.includes(row.groupKey) ? remoteId : null;
        if (row.wantedId === wantedId && row.state !== 'refused') continue;
        if (row.state === 'held' && row.remoteId === wantedId) {
          this.members.update(({ id }) => id === row.id, () => ({ wantedId, state: 'sent' }));
          continue;
        }
        this.members.update(({ id }) => id === row.id, () => ({ wantedId, remoteId: row.remoteId ?? row.wantedId, state: 'pending', seq: row.seq + 1 }));
        toSend.push(row.groupKey);
      }
      for (const groupKey of wanted.filter((key) => !own.some((row) => row.groupKey === key))) {
        this.members.insert({ connectionId, groupKey, localId, remoteId: null, wantedId: remoteId, state: 'pending', seq: 1 });
        toSend.push(groupKey);
      }
      return toSend.sort();
    });
  }

  noted(connectionId: number, localIds: string[]): Promise<Map<string, NotedMembership[]>> {
    return this.database.query(() => {
      const noted = new Map<string, NotedMembership[]>();
      for (const { localId, groupKey, wantedId, remoteId, state } of this.members.where((row) => row.connectionId === connectionId && localIds.includes(row.localId))) {
        noted.set(localId, [...(noted.get(localId) ?? []), { groupKey, wantedId, isRefused: state === 'refused', ...(state === 'held' && remoteId !== null ? { heldAs: remoteId } : {}) }]);
      }
      return noted;
    });
  }

  async forgetPerson(connectionId: number, localId: string): Promise<void> {
    await this.database.query(() => this.members.delete((row) => row.connectionId === connectionId && row.localId === localId));
  }

  count(connectionId: number, groupKey: string): Promise<PendingMembers> {
    return this.database.query(() => {
      const rows = this.of(connectionId, groupKey).filter((row) => row.state === 'pending');
      const add = rows.filter((row) => row.wantedId !== null).length;
      return { add, remove: rows.length - add };
    });
  }

  countWanted(connectionId: number, groupKey: string): Promise<number> {
    return this.database.query(() => this.of(connectionId, groupKey).filter((row) => row.wantedId !== null).length);
  }

  pending(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]> {
    return this.database.query(() =>
      this.of(connectionId, groupKey)
        .filter((row) => row.state === 'pending' && row.id > after)
        .slice(0, limit)
        .map(({ id, localId, remoteId, wantedId, seq }) => ({ id, localId, remoteId, wantedId, seq }))
    );
  }

  wanted(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]> {
    return this.database.query(() =>
      this.of(connectionId, groupKey)
        .filter((row) => row.wantedId !== null && row.id > after)
        .slice(0, limit)
        .map(({ id, localId, remoteId, wantedId, seq }) => ({ id, localId, remoteId, wantedId, seq }))
    );
  }

  async put(connectionId: number, groupKey: string, members: { localId: string; wantedId: string | null }[]): Promise<void> {
    await this.database.query(() => {
      for (const { localId, wantedId } of members) {
        const own = this.of(connectionId, groupKey).find((row) => row.localId === localId);
        if (own === undefined && wantedId !== null) this.members.insert({ connectionId, groupKey, localId, remoteId: null, wantedId, state: 'pending', seq: 1 });
        else if (own !== undefined && (wantedId !== null || own.wantedId !== null)) {
          const remoteId = wantedId === null ? (own.remoteId ?? own.wantedId) : own.remoteId;
          this.members.update(({ id }) => id === own.id, () => ({ wantedId, remoteId, state: 'pending', seq: own.seq + 1 }));
        }
      }
    });
  }

  async sent(members: PushedMember[]): Promise<void> {
    await this.database.query(() => {
      this.members.delete((row) => row.wantedId === null && isUnchanged(row, members));
      this.members.update((row) => isUnchanged(row, members), (row) => ({ remoteId: row.wantedId, state: 'sent' }));
    });
  }

  async refused(members: PushedMember[]): Promise<void> {
    await this.database.query(() => this.members.update((row) => isUnchanged(row, members), () => ({ state: 'refused' })));
  }

  async restart(connectionId: number, groupKey: string, held: string[]): Promise<void> {
    const links = await Promise.all(held.map((remoteId) => this.links.findByRemoteId(connectionId, 'User', remoteId)));
    await this.database.query(() => {
      const isOfGroup = (row: Row): boolean => row.connectionId === connectionId && row.groupKey === groupKey;
      this.members.delete((row) => isOfGroup(row) && row.wantedId === null);
      this.members.update(isOfGroup, (row) => ({ remoteId: null, state: 'pending', seq: row.seq + 1 }));
      for (const link of links) {
        if (link === null) continue;
        const { localId, remoteId } = link;
        const own = this.members.first((row) => isOfGroup(row) && row.localId === localId);
        if (own === null) this.members.insert({ connectionId, groupKey, localId, remoteId, wantedId: null, state: 'held', seq: 1 });
        else if (own.wantedId === remoteId) this.members.update(({ id }) => id === own.id, () => ({ remoteId, state: 'sent' }));
      }
    });
  }

  async forgetGroup(connectionId: number, groupKey: string): Promise<void> {
    await this.database.query(() => this.members.delete((row) => row.connectionId === connectionId && row.groupKey === groupKey));
  }

  private of(connectionId: number, groupKey: string): (Row & { id: number })[] {
    return this.members.where((row) => row.connectionId === connectionId && row.groupKey === groupKey);
  }
}

const isUnchanged = (row: Row & { id: number }, members: PushedMember[]): boolean => members.some(({ id, seq }) => id === row.id && seq === row.seq);
