import type { Cycle, ItemState, Pairing, PlanItem, PlannedMembers, RunCounts, RunState } from '../contracts/run';
import type { GuardVerdict } from '../contracts/guard';
import type { ErrorCode } from '../contracts/error-codes';
import type { ObjectType, Trigger } from '../contracts/operation';
import type { PlanMember } from './plan-members';
import type { ItemDraft, Run, SourceImage } from '../domain/run/run';
import type { Resource } from '../domain/resource/resource';

export interface NewRun {
  connectionId: number;
  trigger: Trigger;
  cycle: Cycle;
  dryRun: boolean;
  adoption: boolean;
  actor: string;
  reasons: string[];
  selection: string[];
  base: string;
  undoOf: number | null;
}

/** As much of a plan's item as doing it needs. */
export interface ApprovedItem {
  id: number;
  runId: number;
  digest: string;
  trigger: Trigger;
  actor: string;
  objectType: ObjectType;
  objectId: string;
  kind: PlanItem['kind'];
  /** Of an undo: what to bring back. */
  restore: { state: Resource | null } | null;
  /** The application has to be asked what it holds. */
  verify: boolean;
}

export interface StoredItem extends ApprovedItem {
  objectName: string | null;
  remoteId: string | null;
  pairing?: Pairing | null;
  changes: PlanItem['changes'];
  /** Of a group. */
  members?: PlannedMembers | null;
  before: Resource | null;
  image?: SourceImage | null;
}

/** A page of a plan as it is stored. */
export interface StoredPage {
  items: ItemDraft[];
  /** Of the whole plan so far. */
  counts: RunCounts;
  cursor: string;
  /** Listed items that turned out to be somebody's. */
  dropped?: string[];
  /** Who comes into which group, and who leaves it. */
  members?: PlanMember[];
}

/**
 * Runs and the items of their plans. One run of a connection is active at a time, by a unique key. Whoever works on a run
 * holds its lease; every write of theirs is refused once the lease is another's or the run was stopped.
 * Joins the ambient transaction.
 */
export interface RunStore {
  /** Throws `conflict` where another run of the connection is active. */
  create(run: NewRun): Promise<Run>;
  get(id: number): Promise<Run | null>;
  /** Of a connection, in one of these states, newest first. */
  inState(connectionId: number, states: RunState[]): Promise<Run[]>;
  /** A run that is planning or applying and that nobody works on. */
  claim(owner: string, leaseMs: number): Promise<Run | null>;
  /** When the next claim could succeed (epoch ms); null: nothing is to be done. */
  nextDueAt(): Promise<number | null>;
  /** Stores a page of the plan with how far planning came; all or nothing. False: the run is not this owner's any more. */
  addPage(run: Run, owner: string, page: StoredPage, leaseMs: number): Promise<boolean>;
  /** Those of these objects that the plan only lists. */
  listed(runId: number, objectIds: string[]): Promise<string[]>;
  renew(run: Run, owner: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease back; nobody looks at the run before `notBefore`. */
  release(run: Run, owner: string, notBefore: number, attempts: number): Promise<void>;
  /**
   * Into another state if it still is in the state of `run`. False: somebody else moved it. What people of a run that is given up changed
   * in groups is left to delivery.
   */
  move(run: Pick<Run, 'id' | 'state'>, to: RunState, fields?: { reasons?: string[]; verdicts?: GuardVerdict[]; approvedBy?: string; planned?: boolean }): Promise<boolean>;
  /** Items of these states, oldest first. */
  items(runId: number, states: ItemState[], after: number, limit: number): Promise<StoredItem[]>;
  itemCounts(runIds: number[]): Promise<Map<number, Record<ItemState, number>>>;
  /** The item a marker is bound to; null where its run is not being applied (any more). */
  approved(itemId: number): Promise<ApprovedItem | null>;
  /** Of these objects, those that the plan has an item for. */
  itemsOf(runId: number, type: ObjectType, objectIds: string[]): Promise<Pick<StoredItem & { state: ItemState }, 'objectId' | 'remoteId' | 'state'>[]>;
  /** What became of an item that was planned or on its way; `objectId`: who was made by it. */
  finish(itemId: number, state: ItemState, errorCode: ErrorCode | null, message: string, objectId?: string): Promise<void>;
  /**
   * Outbound: hands the next planned items over to delivery, as markers that are bound to them. Answers how many. Groups come when
   * nobody's item is planned or on its way any more.
   */
  send(run: Run, limit: number): Promise<number>;
  /** Those of these groups that this run still goes on with by itself. */
  groupsToCome(runId: number, groupKeys: string[]): Promise<string[]>;
  /** Items on their way; those whose marker was taken over by a newer change become `stale`. */
  outstanding(run: Run): Promise<number>;
  /** Forgets earlier failures of people that a full look at everybody found in order. */
  clearFailures(run: Run): Promise<void>;
  /**
   * Where changes wait for runs: the ones from before this run that it found nothing to do about are forgotten, and groups, which
   * are in no plan, are sent.
   */
  clearWaiting(run: Run): Promise<void>;
  /** Takes back what was handed over and that nobody works on yet. */
  recall(runId: number): Promise<void>;
}
