import { RUN_STATES, CYCLES, ITEM_STATES, PAIRINGS, PLANNED_KINDS, type Pairing, type PlannedKind, type PlannedMembers, type Risk, type RunCounts } from '../contracts/run';
import { TRIGGERS, type AttributeChange } from '../contracts/operation';
import type { GuardVerdict } from '../contracts/guard';
import { addCounts, noCounts, type Run, type SourceImage } from '../domain/run/run';
import type { Resource } from '../domain/resource/resource';
import type { StoredItem } from '../ports/run-store';
import { parseJson, toNumber, toNumberOrNull } from './database';

export interface RunRow {
  id: number;
  connection_id: number;
  trigger_kind: string;
  cycle: string;
  dry_run: boolean | number;
  adoption: boolean | number | null;
  state: string;
  actor: string;
  detail: string | null;
  counts: string | null;
  position: string | null;
  selection: string | null;
  base: string;
  approved_by: string | null;
  undo_of: number | null;
  attempts: number;
  created_at: number | string;
  planned_at: number | string | null;
  finished_at: number | string | null;
}

export interface ItemRow {
  id: number;
  run_id: number;
  object_type: string;
  object_id: string;
  object_name: string | null;
  kind: string;
  pairing: string | null;
  remote_id: string | null;
  state: string;
  error_code: string | null;
  message: string | null;
  digest: string;
  detail: string | null;
}

/** What of an item is JSON. */
export interface ItemDetail {
  changes: AttributeChange[];
  risks: Risk[];
  before: Resource | null;
  restore?: { state: Resource | null };
  image?: SourceImage;
  drift?: AttributeChange[];
  verify?: boolean;
  members?: PlannedMembers;
}

const known = <T extends string>(values: readonly T[], value: string, otherwise: T): T => values.find((item) => item === value) ?? otherwise;

export const kindOf = (row: Pick<ItemRow, 'kind'>): PlannedKind => known(PLANNED_KINDS, row.kind, 'update');
export const pairingOf = ({ pairing }: Pick<ItemRow, 'pairing'>): Pairing | null => PAIRINGS.find((item) => item === pairing) ?? null;
export const itemStateOf = (state: string) => known(ITEM_STATES, state, 'failed');

export function toRun(row: RunRow): Run {
  const detail = parseJson<{ reasons?: string[]; verdicts?: GuardVerdict[] }>(row.detail);
  return {
    id: row.id,
    connectionId: row.connection_id,
    trigger: known(TRIGGERS, row.trigger_kind, 'on-demand'),
    cycle: known(CYCLES, row.cycle, 'full'),
    dryRun: Boolean(row.dry_run),
    adoption: Boolean(row.adoption),
    state: known(RUN_STATES, row.state, 'failed'),
    actor: row.actor,
    reasons: detail?.reasons ?? [],
    verdicts: detail?.verdicts ?? [],
    counts: addCounts(noCounts(), { ...noCounts(), ...parseJson<RunCounts>(row.counts) }),
    cursor: row.position,
    selection: parseJson<string[]>(row.selection) ?? [],
    base: row.base,
    approvedBy: row.approved_by,
    undoOf: row.undo_of,
    attempts: row.attempts,
    createdAt: toNumber(row.created_at),
    plannedAt: toNumberOrNull(row.planned_at),
    finishedAt: toNumberOrNull(row.finished_at),
  };
}

export function toItem(row: ItemRow, run: Pick<RunRow, 'trigger_kind' | 'actor'>): StoredItem {
  const detail = parseJson<ItemDetail>(row.detail);
  return {
    id: row.id,
    runId: row.run_id,
    digest: row.digest,
    trigger: known(TRIGGERS, run.trigger_kind, 'on-demand'),
    actor: run.actor,
    objectType: row.object_type === 'Group' ? 'Group' : 'User',
    objectId: row.object_id,
    objectName: row.object_name,
    kind: kindOf(row),
    remoteId: row.remote_id,
    pairing: pairingOf(row),
    changes: detail?.changes ?? [],
    before: detail?.before ?? null,
    image: detail?.image ?? null,
    restore: detail?.restore ?? null,
    verify: detail?.verify ?? false,
  };
}
