import type { Cycle, Pairing, PlannedKind, PlannedMembers, Risk, RunCounts, RunState } from '../../contracts/run';
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
  /** Of a group. */
  members?: PlannedMembers;
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
  /** Of a pull: the object as the source had it, so that it does not have to be read a second time. */
  image?: SourceImage;
}

export interface SourceImage {
  resource: Resource;
  /** Epoch ms. */
  readAt: number;
}

type Objects = Pick<RunCounts, 'examined' | 'unchanged' | 'planned' | 'unplannable'>;

const noObjects = (): Objects => ({
  examined: 0,
  unchanged: 0,
  planned: Object.fromEntries(PLANNED_KINDS.map((kind) => [kind, 0])) as Record<PlannedKind, number>,
  unplannable: 0,
});

export const noCounts = (): RunCounts => ({
  ...noObjects(),
  outOfScope: 0,
  heldBack: 0,
  pairings: Object.fromEntries(PAIRINGS.map((pairing) => [pairing, 0])) as Record<Pairing, number>,
  groups: { ...noObjects(), membersAdded: 0, membersRemoved: 0 },
  reading: { read: 0, drifted: 0, vanished: 0, incomplete: null },
  roleGrants: 0,
  superAdmins: 0,
  incomplete: null,
});

const addObjects = (left: Objects, right: Objects): Objects => ({
  examined: left.examined + right.examined,
  unchanged: left.unchanged + right.unchanged,
  planned: Object.fromEntries(PLANNED_KINDS.map((kind) => [kind, (left.planned[kind] ?? 0) + (right.planned[kind] ?? 0)])) as Record<PlannedKind, number>,
  unplannable: left.unplannable + right.unplannable,
});

export const addCounts = (left: RunCounts, right: RunCounts): RunCounts => ({
  ...addObjects(left, right),
  outOfScope: left.outOfScope + right.outOfScope,
  heldBack: left.heldBack + right.heldBack,
  pairings: Object.fromEntries(PAIRINGS.map((pairing) => [pairing, left.pairings[pairing] + right.pairings[pairing]])) as Record<Pairing, number>,
  reading: {
    read: left.reading.read + right.reading.read,
    drifted: left.reading.drifted + right.reading.drifted,
    vanished: left.reading.vanished + right.reading.vanished,
    incomplete: left.reading.incomplete ?? right.reading.incomplete,
  },
  groups: {
    ...addObjects(left.groups, right.groups),
    membersAdded: left.groups.membersAdded + right.groups.membersAdded,
    membersRemoved: left.groups.membersRemoved + right.groups.membersRemoved,
  },
  roleGrants: left.roleGrants + right.roleGrants,
  superAdmins: left.superAdmins + right.superAdmins,
  incomplete: left.incomplete ?? right.incomplete,
});

/** Two changes are the same if they do the same to the same object; what they start from is part of it. */
export const digestOf = ({ kind, changes }: Pick<PlannedChange, 'kind' | 'changes'>, remoteId: string | null, members?: string): string => hashOf({ kind, changes, remoteId, members });

/** What the guard counts of a plan. Notes, links and drift that is left change nothing at the target. */
export const guardCounts = ({ planned, roleGrants = 0 }: Pick<RunCounts, 'planned'> & { roleGrants?: number }): GuardCounts => ({
  create: planned.create,
  update: planned.update + planned.reactivate,
  deactivate: planned.deactivate,
  delete: planned.delete,
  'role-grant': roleGrants,
});

/** The same of what is sent: of groups their deletion counts, and who is taken out of them. */
export function sentGuardCounts(counts: RunCounts): GuardCounts {
  const people = guardCounts(counts);
  return { ...people, delete: (people.delete ?? 0) + counts.groups.planned.delete, 'member-remove': counts.groups.membersRemoved };
}

/** How many objects a plan does something to. */
export const workOf = ({ planned, groups }: RunCounts): number => [...Object.values(planned), ...Object.values(groups.planned)].reduce((sum, count) => sum + count, 0);

/** Counts an item of a group. */
export function countGroup(counts: RunCounts, { kind, state, members }: ItemDraft): void {
  if (state === 'failed' || state === 'conflict') counts.unplannable += 1;
  if (state !== 'planned') return;
  const { groups } = counts;
  groups.planned[kind === 'create' || kind === 'delete' || kind === 'link' || kind === 'note' ? kind : 'update'] += 1;
  groups.membersAdded += members?.added ?? 0;
  groups.membersRemoved += members?.removed ?? 0;
}

const RISKY: Readonly<Partial<Record<PlannedKind, Risk>>> = { delete: 'delete', deactivate: 'deactivate' };

export const risksOf = (kind: PlannedKind): Risk[] => {
  const risk = RISKY[kind];
  return risk === undefined ? [] : [risk];
};

export const isActive = (state: RunState): boolean => state === 'planning' || state === 'applying' || state === 'paused';
export const isOver = (state: RunState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';
