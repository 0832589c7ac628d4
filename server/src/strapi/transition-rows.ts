import { POPULATIONS } from '../contracts/connection';
import { LEAVING_ACTIONS } from '../contracts/scope';
import { ACCOUNT_ACTIONS, TRANSITION_ITEM_STATES, TRANSITION_KINDS, TRANSITION_STATES, TRANSITION_STEPS } from '../contracts/transition';
import { isInForce, type Transition, type TransitionChoice, type TransitionItem, type TransitionItemDraft, type Word } from '../domain/transition/transition';
import { parseJson, toJson, toNumber, toNumberOrNull } from './database';

export interface TransitionRow {
  id: number;
  kind: string;
  state: string;
  population: string;
  correlation_id: string;
  actor: string;
  approved_by: string | null;
  choice: string | null;
  selection: string | null;
  undo_of: number | null;
  position: number;
  created_at: number | string;
  approved_at: number | string | null;
  finished_at: number | string | null;
}

export interface TransitionItemRow {
  id: number;
  transition_id: number;
  step: string;
  connection_id: number;
  system: string;
  local_id: string;
  object_name: string | null;
  action: string | null;
  change_kind: string | null;
  state: string;
  remote_id: string | null;
  message: string | null;
  error_code: string | null;
  warnings: string | null;
  assigned: boolean | number;
  unassign: boolean | number;
  attempts: number;
  done_at: number | string | null;
}

const known = <T extends string>(values: readonly T[], value: string | null, otherwise: T): T => values.find((item) => item === value) ?? otherwise;

const NOTHING_CHOSEN: TransitionChoice = { comment: '', account: null, action: null, from: null, to: null, group: null, role: null };

export const toTransition = (row: TransitionRow): Transition => ({
  id: row.id,
  kind: known(TRANSITION_KINDS, row.kind, 'offboarding'),
  state: known(TRANSITION_STATES, row.state, 'cancelled'),
  population: known(POPULATIONS, row.population, 'end-users'),
  correlationId: row.correlation_id,
  actor: row.actor,
  approvedBy: row.approved_by,
  choice: { ...NOTHING_CHOSEN, ...parseJson<TransitionChoice>(row.choice) },
  selection: parseJson<string[]>(row.selection) ?? [],
  undoOf: row.undo_of,
  position: row.position,
  createdAt: toNumber(row.created_at),
  approvedAt: toNumberOrNull(row.approved_at),
  finishedAt: toNumberOrNull(row.finished_at),
});

export const itemStateIn = (state: string) => known(TRANSITION_ITEM_STATES, state, 'failed');

export const toTransitionItem = (row: TransitionItemRow): TransitionItem => ({
  id: row.id,
  transitionId: row.transition_id,
  step: known(TRANSITION_STEPS, row.step, 'out'),
  connectionId: row.connection_id,
  system: row.system,
  localId: row.local_id,
  objectName: row.object_name,
  action: [...LEAVING_ACTIONS, ...ACCOUNT_ACTIONS].find((action) => action === row.action) ?? null,
  change: row.change_kind,
  state: itemStateIn(row.state),
  remoteId: row.remote_id,
  message: row.message ?? '',
  errorCode: row.error_code,
  warnings: parseJson<string[]>(row.warnings) ?? [],
  assigned: Boolean(row.assigned),
  unassign: Boolean(row.unassign),
  attempts: row.attempts,
  doneAt: toNumberOrNull(row.done_at),
});

export type WordRow = Pick<TransitionItemRow, 'id' | 'transition_id' | 'step' | 'action' | 'state' | 'local_id'> & Pick<TransitionRow, 'kind' | 'actor' | 'approved_by' | 'correlation_id'>;

export const toWord = (row: WordRow): Word => ({
  itemId: row.id,
  transitionId: row.transition_id,
  kind: known(TRANSITION_KINDS, row.kind, 'offboarding'),
  step: row.step === 'in' ? 'in' : 'out',
  action: LEAVING_ACTIONS.find((action) => action === row.action) ?? null,
  isOpen: row.state === 'open',
  actor: row.approved_by ?? row.actor,
  correlationId: row.correlation_id,
});

export const draftRow = (transitionId: number, item: TransitionItemDraft): Record<string, unknown> => ({
  transition_id: transitionId,
  step: item.step,
  connection_id: item.connectionId,
  system: item.system.slice(0, 255),
  local_id: item.localId,
  object_name: item.objectName?.slice(0, 255) ?? null,
  action: item.action,
  change_kind: item.change,
  state: 'planned',
  in_force: isInForce(item, 'planned'),
  remote_id: item.remoteId?.slice(0, 255) ?? null,
  message: item.message,
  error_code: item.errorCode,
  warnings: item.warnings.length === 0 ? null : toJson(item.warnings),
  assigned: false,
  unassign: item.unassign,
  attempts: 0,
});
