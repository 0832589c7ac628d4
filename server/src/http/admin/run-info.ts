import type { ItemState, PlanItem, RunInfo } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { redact } from '../../domain/log/redact';
import type { Run } from '../../domain/run/run';
import { parseJson } from '../../strapi/database';
import { itemStateOf, kindOf, pairingOf, type ItemDetail, type ItemRow } from '../../strapi/run-rows';

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

export const runInfo = (run: Run, connection: Pick<Connection, 'name' | 'direction'> | null, items: Record<ItemState, number>): RunInfo => ({
  id: run.id,
  connectionId: run.connectionId,
  connectionName: connection?.name ?? '',
  direction: connection?.direction ?? 'outbound',
  trigger: run.trigger,
  cycle: run.cycle,
  dryRun: run.dryRun,
  adoption: run.adoption,
  state: run.state,
  actor: run.actor,
  reasons: run.reasons,
  verdicts: run.verdicts,
  counts: run.counts,
  items,
  approvedBy: run.approvedBy,
  undoOf: run.undoOf,
  createdAt: new Date(run.createdAt).toISOString(),
  plannedAt: iso(run.plannedAt),
  finishedAt: iso(run.finishedAt),
});

export function itemInfo(row: ItemRow): PlanItem {
  const detail = parseJson<ItemDetail>(row.detail);
  return {
    id: row.id,
    objectType: row.object_type === 'Group' ? 'Group' : 'User',
    objectId: row.object_id,
    objectName: row.object_name,
    kind: kindOf(row),
    pairing: pairingOf(row),
    remoteId: row.remote_id,
    changes: redact(detail?.changes ?? []) as PlanItem['changes'],
    drift: redact(detail?.drift ?? []) as PlanItem['drift'],
    members: detail?.members ?? null,
    risks: detail?.risks ?? [],
    state: itemStateOf(row.state),
    errorCode: row.error_code,
    message: row.message ?? '',
  };
}
