import type { Cycle, Pairing, PlannedKind, Risk, RunCounts, RunState } from '../../contracts/run';
import { PAIRINGS, PLANNED_KINDS } from '../../contracts/run';
import type { GuardVerdict } from '../../contracts/guard';
import type { AttributeChange, ObjectType, Trigger } from '../../contracts/operation';
import { hashOf } from '../diff/canonical';
import type { GuardCounts } from '../guard/limits';
import type { PlannedChange } from '../plan/change';
import type { Resource } from '../resource/resource';

export interface Run {
  id: number;
  connectionId: number;
  trigger: Trigger;
  cycle: Cycle;
  dryRun: boolean;
  /** Nobody was linked when it was started. */
  adoption: boolean;
  state: RunState;
  actor: string;
  reasons: string[];
  verdicts: GuardVerdict[];
  counts: RunCounts;
  /** How far planning came; null: from the start. */
  cursor: string | null;
  /** Of a selection: SCIM ids. */
  selection: string[];
  /** What the plan was computed from beside the objects: the connection as it was. */
  base: string;
  approvedBy: string | null;
  undoOf: number | null;
  attempts: number;
  createdAt: number;
  plannedAt: number | null;
  finishedAt: number | null;
}

/** One object of a plan, before it is stored. */
export interface ItemDraft {
  objectType: ObjectType;
  objectId: string;
  objectName: string | null;
  kind: PlannedKind;
  /** Left out: it is linked, or was not looked for. */
  pairing?: Pairing;
  remoteId: string | null;
  changes: AttributeChange[];
  /** What was found to be changed at the application. */
  drift?: AttributeChange[];
  /** The application was asked what it holds; whoever does it asks again. */
  verify?: boolean;
  risks: Risk[];
  /** Of the whole change; what is done has to have the same. */
  digest: string;
  state: 'planned' | 'failed' | 'conflict' | 'listed';
  errorCode: string | null;
  message: string;
  /** The target's state before, to take a deletion back; null where the changes say it all. */
  before: Resource | null;
  /** Of an undo: the state to bring back; `{ state: null }` is "not there". */
  restore?: { state: Resource | null };
}

export const noCounts = (): RunCounts => ({
  examined: 0,
  unchanged: 0,
  outOfScope: 0,
  heldBack: 0,
  planned: Object.fromEntries(PLANNED_KINDS.map((kind) => [kind, 0])) as Record<PlannedKind, number>,
  unplannable: 0,
  pairings: Object.fromEntries(PAIRINGS.map((pairing) => [pairing, 0])) as Record<Pairing, number>,
  reading: { read: 0, drifted: 0, vanished: 0, incomplete: null },
});

export const addCounts = (left: RunCounts, right: RunCounts): RunCounts => ({
  examined: left.examined + right.examined,
  unchanged: left.unchanged + right.unchanged,
  outOfScope: left.outOfScope + right.outOfScope,
  heldBack: left.heldBack + right.heldBack,
  planned: Object.fromEntries(PLANNED_KINDS.map((kind) => [kind, (left.planned[kind] ?? 0) + (right.planned[kind] ?? 0)])) as Record<PlannedKind, number>,
  unplannable: left.unplannable + right.unplannable,
  pairings: Object.fromEntries(PAIRINGS.map((pairing) => [pairing, left.pairings[pairing] + right.pairings[pairing]])) as Record<Pairing, number>,
  reading: {
    read: left.reading.read + right.reading.read,
    drifted: left.reading.drifted + right.reading.drifted,
    vanished: left.reading.vanished + right.reading.vanished,
    incomplete: left.reading.incomplete ?? right.reading.incomplete,
  },
});

/** Two changes are the same if they do the same to the same object; what they start from is part of it. */
export const digestOf = ({ kind, changes }: Pick<PlannedChange, 'kind' | 'changes'>, remoteId: string | null): string => hashOf({ kind, changes, remoteId });

/** What the guard counts of a plan. Notes, links and drift that is left change nothing at the target. */
export const guardCounts = ({ planned }: RunCounts): GuardCounts => ({
  create: planned.create,
  update: planned.update + planned.reactivate,
  deactivate: planned.deactivate,
  delete: planned.delete,
});

const RISKY: Readonly<Partial<Record<PlannedKind, Risk>>> = { delete: 'delete', deactivate: 'deactivate' };

export const risksOf = (kind: PlannedKind): Risk[] => {
  const risk = RISKY[kind];
  return risk === undefined ? [] : [risk];
};

export const isActive = (state: RunState): boolean => state === 'planning' || state === 'applying' || state === 'paused';
export const isOver = (state: RunState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';
