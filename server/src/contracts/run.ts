/** Runs and their plans, as the admin API sends and accepts them. */
import type { GuardVerdict } from './guard';
import type { Direction } from './connection';
import type { AttributeChange, ObjectType, OperationStep, Trigger } from './operation';

/**
 * `full`: everybody is looked at. `incremental`: who changed since. `selection`: the people that were named. `reconcile`:
 * everybody, and the application is read too: who is there, and what was changed there.
 */
export const CYCLES = ['full', 'incremental', 'selection', 'undo', 'reconcile'] as const;
export type Cycle = (typeof CYCLES)[number];

/**
 * `planning`: works out what is to be done, and writes nothing. `waiting`: for a person's approval. `applying`: does
 * exactly what the plan says. The last three are ends.
 */
export const RUN_STATES = ['planning', 'waiting', 'applying', 'paused', 'done', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/**
 * What a plan does to one object. `link`: the other side has the person already, only the tie is remembered. `note`:
 * nothing is sent; why the person takes no part is remembered, for example until a grace period ends. `drift`: nothing is
 * sent; what was changed at the application is told, or accepted.
 */
export const PLANNED_KINDS = ['create', 'update', 'deactivate', 'reactivate', 'delete', 'link', 'note', 'drift'] as const;
export type PlannedKind = (typeof PLANNED_KINDS)[number];

/**
 * `planned`: still to be done. `sent`: being done. `stale`: the object changed since the plan was made, so it was not done.
 * `failed`: could not be worked out, or not be done. `conflict`: of an undo: somebody changed the value since. `listed`: only to
 * be looked at, never done.
 */
export const ITEM_STATES = ['planned', 'sent', 'done', 'stale', 'failed', 'conflict', 'listed'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/**
 * How an object of the source that is not linked yet and the other side go together. `matched`: it is there already and is taken
 * over. `new`: it is not there and is made. `left-over`: it is there, and nobody at the source matches it; listed, never touched.
 * `disputed`: which one is meant is for a person to say.
 */
export const PAIRINGS = ['matched', 'new', 'left-over', 'disputed'] as const;
export type Pairing = (typeof PAIRINGS)[number];

/** Why somebody should look at it before it is done. */
export const RISKS = ['delete', 'deactivate', 'role-grant', 'super-admin', 'disputed'] as const;
export type Risk = (typeof RISKS)[number];

export interface RunCounts {
  examined: number;
  /** Nothing differs: no request, no row. */
  unchanged: number;
  outOfScope: number;
  /** Kept back by a switch of the connection. */
  heldBack: number;
  /** By kind, what the plan does. */
  planned: Record<PlannedKind, number>;
  /** Objects whose plan could not be worked out. */
  unplannable: number;
  /** Of those that were not linked yet. */
  pairings: Record<Pairing, number>;
  /** Groups that a pull reads, or that the connection keeps at its application; all else here is about people. */
  groups: GroupCounts;
  /** People who would get a role that they have from nobody yet; and how many of these roles make a super admin. */
  roleGrants: number;
  superAdmins: number;
  /** Of the application, where an outbound run read it. */
  reading: ReadingCounts;
  /** Of a pull: why who did not come may be at the source all the same. Nobody counts as missing then. */
  incomplete: string | null;
}

/** What a plan does to groups; of an outbound one `update` are also such of which only members change. */
export interface GroupCounts extends Pick<RunCounts, 'examined' | 'unchanged' | 'planned' | 'unplannable'> {
  /** Outbound. */
  membersAdded: number;
  membersRemoved: number;
}

/** Who comes into a group and who leaves it: how many, and the user names of some (the SCIM id of who is gone). */
export interface PlannedMembers {
  added: number;
  removed: number;
  addedSample: string[];
  removedSample: string[];
}

/** What a reading of the application found. */
export interface ReadingCounts {
  /** Users that came. */
  read: number;
  /** Linked people of whom something was changed there. */
  drifted: number;
  /** Linked people who are not there any more. */
  vanished: number;
  /** Why somebody may be there who did not come, in a sentence; null: it was read to its end, or not at all. */
  incomplete: string | null;
}

export interface RunInfo {
  id: number;
  connectionId: number;
  connectionName: string;
  direction: Direction;
  trigger: Trigger;
  cycle: Cycle;
  /** Made to be looked at: it is done only when somebody approves it. */
  dryRun: boolean;
  /** The first look at both sides: nobody was linked. Where the other side has people, it waits for approval. */
  adoption: boolean;
  state: RunState;
  /** Who started it. */
  actor: string;
  /** Sentences: why it waits, failed or was cancelled. */
  reasons: string[];
  verdicts: GuardVerdict[];
  counts: RunCounts;
  /** Items of the plan by state. */
  items: Record<ItemState, number>;
  approvedBy: string | null;
  /** The run that this one takes back. */
  undoOf: number | null;
  createdAt: string;
  /** When the plan was complete. */
  plannedAt: string | null;
  finishedAt: string | null;
}

/** `GET /runs/:id/items`: one object of the plan. */
export interface PlanItem {
  id: number;
  objectType: ObjectType;
  /** SCIM id on the Strapi side; `remote:` and the id of the other side for somebody who is not here. */
  objectId: string;
  objectName: string | null;
  kind: PlannedKind;
  /** Null: it is linked, or was not looked for. */
  pairing: Pairing | null;
  remoteId: string | null;
  /** Secrets are redacted. */
  changes: AttributeChange[];
  /** What was changed at the application: `before` is what was sent there, `after` what it holds now. */
  drift: AttributeChange[];
  /** Of a group. */
  members: PlannedMembers | null;
  risks: Risk[];
  state: ItemState;
  errorCode: string | null;
  message: string;
}

export interface PlanItemPage {
  results: PlanItem[];
  nextCursor: string | null;
}

export interface RunPage {
  results: RunInfo[];
  nextCursor: string | null;
}

/** Body of `POST /connections/:id/runs`. */
export interface RunInput {
  /** Default `full`; with `userIds` always `selection`. */
  cycle?: 'full' | 'incremental' | 'reconcile';
  /** SCIM ids or account ids, at most 1,000. */
  userIds?: (string | number)[];
  /** True: only the plan; it waits for approval, whatever it holds. */
  dryRun?: boolean;
}

/** Body of `POST /connections/:id/provision`: one person, now. */
export interface ProvisionInput {
  userId: string | number;
  dryRun?: boolean;
}

/** What became of one person, step by step. */
export interface ProvisionResult {
  user: { id: string; userName: string | null };
  /** `planned` is a dry run's answer. */
  outcome: 'done' | 'planned' | 'unchanged' | 'out-of-scope' | 'held' | 'failed';
  kind: PlannedKind | null;
  message: string;
  errorCode: string | null;
  steps: OperationStep[];
  changes: AttributeChange[];
  remoteId: string | null;
}
