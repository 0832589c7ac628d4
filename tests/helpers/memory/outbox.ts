import type { ErrorCode } from '../../../server/src/contracts/error-codes';
import type { ObjectType } from '../../../server/src/contracts/operation';
import type { Clock } from '../../../server/src/ports/clock';
import type { DeliveryFailure, Marker, Outbox } from '../../../server/src/ports/outbox';
import type { MemoryTable } from './table';
import type { MemoryUnitOfWork } from './unit-of-work';

export interface OutboxRow extends Omit<Marker, 'id'> {
  runAt: number;
  asked?: boolean;
  changedAt?: number;
  leaseOwner: string | null;
  leaseUntil: number;
  state: 'pending' | 'failed';
  errorCode: ErrorCode | null;
  message: string | null;
  firstFailedAt: number | null;
}

const isSentNow = (row: OutboxRow, askedOnly: number[]): boolean => !askedOnly.includes(row.connectionId) || row.planItem != null || row.asked === true;

const FREE = { leaseOwner: null, leaseUntil: 0 } as const;

export class MemoryOutbox implements Outbox {
  private readonly markers: MemoryTable<OutboxRow>;

  constructor(
    private readonly database: MemoryUnitOfWork,
    private readonly clock: Clock
  ) {
    this.markers = database.table<OutboxRow>({
      object: (row) => JSON.stringify([row.connectionId, row.objectType, row.objectId]),
    });
  }

  /** Everything that is in it, also what is leased or failed. */
  get rows(): (OutboxRow & { id: number })[] {
    return this.markers.all();
  }

  async mark(connectionIds: number[], type: ObjectType, objectIds: string[], origin: string | null, { asked } = { asked: false }): Promise<void> {
    await this.database.query(() => {
      for (const connectionId of connectionIds) for (const objectId of objectIds) this.markOne(connectionId, type, objectId, origin, asked);
    });
  }

  claim(owner: string, limit: number, leaseMs: number, exceptConnectionIds: number[], onlyConnectionId?: number, askedOnly: number[] = []): Promise<Marker[]> {
    return this.database.query(() => {
      const now = this.clock.now();
      const due = this.markers
        .where(
          (row) =>
            row.state === 'pending' &&
            row.runAt <= now &&
            isFree(row, now) &&
            !exceptConnectionIds.includes(row.connectionId) &&
            isSentNow(row, askedOnly) &&
            (onlyConnectionId === undefined || row.connectionId === onlyConnectionId)
        )
        .sort((a, b) => a.runAt - b.runAt || a.id - b.id)
        .slice(0, limit);
      const ids = new Set(due.map((row) => row.id));
      this.markers.update((row) => ids.has(row.id), () => ({ leaseOwner: owner, leaseUntil: now + leaseMs }));
      return due.map(({ id, connectionId, objectType, objectId, dirtySeq, origin, attempts, blamed, planItem }) => ({
        id,
        connectionId,
        objectType,
        objectId,
        dirtySeq,
        origin,
        attempts,
        blamed,
        planItem: planItem ?? null,
      }));
    });
  }

  claimOne(owner: string, connectionId: number, type: ObjectType, objectId: string, leaseMs: number): Promise<Marker | null> {
    return this.database.query(() => {
      const now = this.clock.now();
      const isIt = (row: OutboxRow): boolean => row.connectionId === connectionId && row.objectType === type && row.objectId === objectId;
      const claimed = this.markers.update((row) => isIt(row) && isFree(row, now), () => ({ state: 'pending', leaseOwner: owner, leaseUntil: now + leaseMs }));
      const row = claimed === 0 ? null : this.markers.first(isIt);
      return row === null ? null : { id: row.id, connectionId, objectType: type, objectId, dirtySeq: row.dirtySeq, origin: row.origin, attempts: row.attempts, planItem: row.planItem ?? null };
    });
  }

  complete(marker: Marker, owner: string): Promise<boolean> {
    return this.database.query(() => {
      const done = this.markers.delete((row) => isMine(row, marker, owner) && row.dirtySeq === marker.dirtySeq);
      return done > 0 || this.markers.update((row) => isMine(row, marker, owner), () => FREE) > 0;
    });
  }

  async retry(marker: Marker, owner: string, runAt: number, failure: DeliveryFailure, blame = false): Promise<void> {
    await this.setBack(marker, owner, (row) => ({ runAt, ...this.failed(row, marker, failure), blamed: (marker.blamed ?? 0) + (blame ? 1 : 0) }));
  }

  async unbind(marker: Marker, owner: string): Promise<void> {
    await this.database.query(() => this.markers.update((row) => isMine(row, marker, owner), () => ({ planItem: null, runAt: this.clock.now(), attempts: 0, ...FREE })));
  }

  async fail(marker: Marker, owner: string, failure: DeliveryFailure): Promise<void> {
    await this.setBack(marker, owner, (row) => ({ state: 'failed', planItem: null, ...this.failed(row, marker, failure) }));
  }

  private failed(row: OutboxRow, marker: Marker, { code, message }: DeliveryFailure): Partial<OutboxRow> {
    return { attempts: marker.attempts + 1, errorCode: code, message, firstFailedAt: row.firstFailedAt ?? this.clock.now() };
  }

  /** A state that has not been tried yet is only freed. */
  private async setBack(marker: Marker, owner: string, change: (row: OutboxRow) => Partial<OutboxRow>): Promise<void> {
    await this.database.query(() => {
      const changed = this.markers.update(
        (row) => isMine(row, marker, owner) && row.dirtySeq === marker.dirtySeq,
        (row) => ({ ...change(row), ...FREE })
      );
      if (changed === 0) this.markers.update((row) => isMine(row, marker, owner), () => FREE);
    });
  }

  nextDueAt(exceptConnectionIds: number[], askedOnly: number[] = []): Promise<number | null> {
    return this.database.query(() => {
      const now = this.clock.now();
      const times = this.markers
        .where((row) => row.state === 'pending' && isFree(row, now) && !exceptConnectionIds.includes(row.connectionId) && isSentNow(row, askedOnly))
        .map((row) => row.runAt);
      return times.length === 0 ? null : Math.min(...times);
    });
  }

  /** What a plan hands over: takes over what waits, as the SQL store does. */
  bind(connectionId: number, objectType: ObjectType, objectId: string, planItem: number): void {
    const fresh = { runAt: this.clock.now(), attempts: 0, blamed: 0, state: 'pending', errorCode: null, message: null, firstFailedAt: null, planItem } as const;
    const raised = this.markers.update(
      (row) => row.connectionId === connectionId && row.objectType === objectType && row.objectId === objectId,
      (row) => ({ ...fresh, dirtySeq: row.dirtySeq + 1 })
    );
    if (raised === 0) this.markers.insert({ connectionId, objectType, objectId, dirtySeq: 1, origin: null, ...fresh, ...FREE });
  }

  /** Frees what nobody works on from these items; answers the items that somebody does work on. */
  unbindFree(items: number[]): Set<number> {
    const now = this.clock.now();
    const isOne = (row: OutboxRow): boolean => row.planItem != null && items.includes(row.planItem);
    this.markers.update((row) => isOne(row) && isFree(row, now) && row.dirtySeq > 1, () => ({ planItem: null }));
    this.markers.delete((row) => isOne(row) && isFree(row, now) && row.dirtySeq === 1);
    return new Set(this.markers.where(isOne).map((row) => row.planItem ?? 0));
  }

  forgetWaiting(connectionId: number, except: ReadonlySet<string>, before: number): void {
    const now = this.clock.now();
    this.markers.delete((row) => row.connectionId === connectionId && row.objectType === 'User' && row.state === 'pending' && row.planItem == null && (row.changedAt ?? 0) < before && isFree(row, now) && !except.has(row.objectId));
    this.markers.update((row) => row.connectionId === connectionId && row.objectType === 'Group', () => ({ asked: true }));
  }

  forgetFailed(connectionId: number, except: ReadonlySet<string>): void {
    this.markers.delete((row) => row.connectionId === connectionId && row.state === 'failed' && !except.has(row.objectId));
  }

  private markOne(connectionId: number, objectType: ObjectType, objectId: string, origin: string | null, asked: boolean): void {
    const runAt = this.clock.now();
    const fresh = { runAt, changedAt: runAt, attempts: 0, blamed: 0, state: 'pending', errorCode: null, message: null, firstFailedAt: null } as const;
    const raised = this.markers.update(
      (row) => row.connectionId === connectionId && row.objectType === objectType && row.objectId === objectId,
      (row) => ({ ...fresh, asked: asked || (row.asked ?? false), planItem: null, dirtySeq: row.dirtySeq + 1, origin: row.origin === origin ? origin : null })
    );
    if (raised === 0) this.markers.insert({ connectionId, objectType, objectId, dirtySeq: 1, origin, asked, ...fresh, ...FREE });
  }

  /** A hold was decided: what it kept back is tried again. */
  async releaseHeld(connectionId: number): Promise<void> {
    await this.database.query(() =>
      this.markers.update((row) => row.connectionId === connectionId && row.errorCode === 'guard-held', () => ({ state: 'pending', attempts: 0, errorCode: null, runAt: this.clock.now() }))
    );
  }
}

const isFree = (row: OutboxRow, now: number): boolean => row.leaseOwner === null || row.leaseUntil < now;

const isMine = (row: OutboxRow & { id: number }, marker: Marker, owner: string): boolean => row.id === marker.id && row.leaseOwner === owner;
