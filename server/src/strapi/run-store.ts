import type { ErrorCode } from '../contracts/error-codes';
import type { ItemState, Pairing, PlannedKind, RunState } from '../contracts/run';
import type { ObjectType } from '../contracts/operation';
import type { GuardVerdict } from '../contracts/guard';
import { ProvisioningError } from '../domain/errors';
import { isActive, isOver, noCounts, type ItemDraft, type Run } from '../domain/run/run';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { ApprovedItem, NewRun, RunStore, StoredItem, StoredPage } from '../ports/run-store';
import { isUniqueViolation, toJson, toNumberOrNull, type Database } from './database';
import { UNTRIED } from './outbox';
import { itemCounts, pruneRuns } from './run-history';
import { itemStateOf, toItem, toRun, type ItemDetail, type ItemRow, type RunRow } from './run-rows';

const CHUNK = 100;
const WORKED_ON: RunState[] = ['planning', 'applying'];
const TAKEN_OVER = 'Changed meanwhile: that change is sent by itself.';

/** Runs in Strapi's database. Plans may be large: items are read and written in pages only. */
export class SqlRunStore implements RunStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  async create(run: NewRun): Promise<Run> {
    const now = this.clock.now();
    const row = {
      connection_id: run.connectionId,
      active_key: run.connectionId,
      trigger_kind: run.trigger,
      cycle: run.cycle,
      dry_run: run.dryRun,
      adoption: run.adoption,
      state: 'planning',
      actor: run.actor,
      detail: toJson({ reasons: run.reasons, verdicts: [] }),
      counts: toJson(noCounts()),
      selection: run.selection.length === 0 ? null : toJson(run.selection),
      base: run.base,
      undo_of: run.undoOf,
      attempts: 0,
      not_before: now,
      created_at: now,
    };
    try {
      const id = await this.database.insertedId(TABLES.runs, row);
      const made = await this.get(id);
      if (made !== null) return made;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProvisioningError('conflict', 'Another run of this connection is under way. Wait for it, or cancel it.', { cause: error });
    }
    throw new ProvisioningError('internal', 'The run was not stored.');
  }

  async get(id: number): Promise<Run | null> {
    const row = await this.database.query<RunRow | undefined>(async (tables) => tables(TABLES.runs).where({ id }).first());
    return row === undefined ? null : toRun(row);
  }

  async inState(connectionId: number, states: RunState[]): Promise<Run[]> {
    const rows = await this.database.query<RunRow[]>(async (tables) =>
      tables(TABLES.runs).where({ connection_id: connectionId }).whereIn('state', states).orderBy('id', 'desc')
    );
    return rows.map(toRun);
  }

  /** Newest first; `before` continues. */
  async page(where: { connectionId?: number }, before: number | null, limit: number): Promise<{ runs: Run[]; next: number | null }> {
    const rows = await this.database.query<RunRow[]>(async (tables) => {
      const query = tables(TABLES.runs).orderBy('id', 'desc').limit(limit);
      if (where.connectionId !== undefined) void query.where({ connection_id: where.connectionId });
      if (before !== null) void query.where('id', '<', before);
      return (await query) as RunRow[];
    });
    return { runs: rows.map(toRun), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  async claim(owner: string, leaseMs: number): Promise<Run | null> {
    const now = this.clock.now();
    return this.database.query<Run | null>(async (tables) => {
      const due = (await tables(TABLES.runs)
        .whereIn('state', WORKED_ON)
        .where('not_before', '<=', now)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .orderBy('not_before')
        .limit(1)
        .first('id')) as { id: number } | undefined;
      if (due === undefined) return null;
      const mine = await tables(TABLES.runs)
        .where({ id: due.id })
        .whereIn('state', WORKED_ON)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .update({ lease_owner: owner, lease_until: now + leaseMs });
      if (mine === 0) return null;
      const row = (await tables(TABLES.runs).where({ id: due.id, lease_owner: owner }).first()) as RunRow | undefined;
      return row === undefined ? null : toRun(row);
    });
  }

  async nextDueAt(): Promise<number | null> {
    const now = this.clock.now();
    const row = await this.database.query<{ at: number | string | null } | undefined>(async (tables) =>
      tables(TABLES.runs)
        .whereIn('state', WORKED_ON)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .min({ at: 'not_before' })
        .first()
    );
    return toNumberOrNull(row?.at);
  }

  async addPage(run: Run, owner: string, page: StoredPage, leaseMs: number): Promise<boolean> {
    return this.database.run(async () => {
      const kept = await this.database.query<number>(async (tables) =>
        tables(TABLES.runs)
          .where({ id: run.id, state: 'planning', lease_owner: owner })
          .update({ position: page.cursor, counts: toJson(page.counts), attempts: 0, lease_until: this.clock.now() + leaseMs })
      );
      if (kept === 0) return false;
      for (let start = 0; start < page.items.length; start += CHUNK) {
        const rows = page.items.slice(start, start + CHUNK).map((item) => itemRow(run.id, item));
        await this.database.query(async (tables) => tables(TABLES.planItems).insert(rows).onConflict(['run_id', 'object_type', 'object_id']).ignore());
      }
      const { dropped = [], members = [] } = page;
      for (let start = 0; start < members.length; start += CHUNK) {
        const rows = members.slice(start, start + CHUNK).map(({ groupKey, localId, joins }) => ({ run_id: run.id, group_key: groupKey, local_id: localId, joins }));
        await this.database.query(async (tables) => tables(TABLES.planMembers).insert(rows).onConflict(['run_id', 'group_key', 'local_id']).ignore());
      }
      if (dropped.length > 0) await this.database.query(async (tables) => tables(TABLES.planItems).where({ run_id: run.id, object_type: 'User', state: 'listed' }).whereIn('object_id', dropped).delete());
      return true;
    });
  }

  async listed(runId: number, objectIds: string[]): Promise<string[]> {
    if (objectIds.length === 0) return [];
    const rows = await this.database.query<{ object_id: string }[]>(async (tables) =>
      tables(TABLES.planItems).where({ run_id: runId, object_type: 'User', state: 'listed' }).whereIn('object_id', objectIds).select('object_id')
    );
    return rows.map((row) => row.object_id);
  }

  async renew(run: Run, owner: string, leaseMs: number): Promise<boolean> {
    const kept = await this.database.query<number>(async (tables) =>
      tables(TABLES.runs).where({ id: run.id, state: run.state, lease_owner: owner }).update({ lease_until: this.clock.now() + leaseMs })
    );
    return kept > 0;
  }

  async release(run: Run, owner: string, notBefore: number, attempts: number): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.runs).where({ id: run.id, lease_owner: owner }).update({ lease_owner: null, lease_until: null, not_before: notBefore, attempts })
    );
  }

  /** SQLite has one process: what is leased at boot was leased by one that died. */
  async releaseAll(): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.runs).whereNotNull('lease_owner').update({ lease_owner: null, lease_until: null }));
  }

  async move(run: Pick<Run, 'id' | 'state'>, to: RunState, fields: { reasons?: string[]; verdicts?: GuardVerdict[]; approvedBy?: string; planned?: boolean } = {}): Promise<boolean> {
    const now = this.clock.now();
    const { reasons, verdicts, approvedBy, planned } = fields;
    const present = await this.get(run.id);
    if (present === null) return false;
    const isGivenUp = (to === 'cancelled' || to === 'failed') && run.state !== 'planning' && run.state !== 'waiting' && present.plannedAt !== null;
    try {
      return await this.database.run(async () => {
        const count = await this.database.query<number>(async (tables) =>
          tables(TABLES.runs)
            .where({ id: run.id, state: run.state })
            .update({
              state: to,
              active_key: isActive(to) ? present.connectionId : null,
              detail: toJson({ reasons: reasons ?? present.reasons, verdicts: verdicts ?? present.verdicts }),
              lease_owner: null,
              lease_until: null,
              not_before: now,
              ...(approvedBy === undefined ? {} : { approved_by: approvedBy }),
              ...(planned === true ? { planned_at: now } : {}),
              ...(isOver(to) ? { finished_at: now } : {}),
            })
        );
        if (count > 0 && isGivenUp) await this.releaseGroups(present);
        return count > 0;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProvisioningError('conflict', 'Another run of this connection is under way. Wait for it, or cancel it.', { cause: error });
    }
  }

  /** Groups that the run would have come to, and that the application has: what people of the run changed in them is sent by itself. */
  private async releaseGroups({ id, connectionId }: Run): Promise<void> {
    const now = this.clock.now();
    for (let after = 0; ; ) {
      const rows = (await this.itemRows(id, ['planned', 'sent'], after, CHUNK, { kinds: ['update'] })) as ItemRow[];
      const last = rows.at(-1);
      if (last === undefined) return;
      const markers = rows
        .filter((row) => row.object_type === 'Group')
        .map((row) => ({ connection_id: connectionId, object_type: 'Group', object_id: row.object_id, dirty_seq: 1, origin: null, run_at: now, changed_at: now, ...UNTRIED }));
      if (markers.length > 0) {
        await this.database.query(async (tables, knex) =>
          tables(TABLES.outbox)
            .insert(markers)
            .onConflict(['connection_id', 'object_type', 'object_id'])
            .merge({ dirty_seq: knex.raw('?? + 1', [`${TABLES.outbox}.dirty_seq`]), run_at: now, plan_item: null, ...UNTRIED })
        );
      }
      after = last.id;
    }
  }

  async items(runId: number, states: ItemState[], after: number, limit: number): Promise<StoredItem[]> {
    const run = await this.database.query<RunRow | undefined>(async (tables) => tables(TABLES.runs).where({ id: runId }).first('trigger_kind', 'actor'));
    if (run === undefined) return [];
    const rows = await this.itemRows(runId, states, after, limit);
    return rows.map((row) => toItem(row, run));
  }

  async itemRows(runId: number, states: ItemState[], after: number, limit: number, { kinds = [], pairings = [] }: { kinds?: PlannedKind[]; pairings?: Pairing[] } = {}): Promise<ItemRow[]> {
    return this.database.query<ItemRow[]>(async (tables) => {
      const query = tables(TABLES.planItems).where({ run_id: runId }).where('id', '>', after).orderBy('id').limit(limit);
      if (states.length > 0) void query.whereIn('state', states);
      if (kinds.length > 0) void query.whereIn('kind', kinds);
      if (pairings.length > 0) void query.whereIn('pairing', pairings);
      return (await query) as ItemRow[];
    });
  }

  itemCounts(runIds: number[]): Promise<Map<number, Record<ItemState, number>>> {
    return itemCounts(this.database, runIds);
  }

  /** Runs that ended before a time, and their plans. */
  prune(before: number): Promise<number> {
    return pruneRuns(this.database, before);
  }

  async approved(itemId: number): Promise<ApprovedItem | null> {
    const { runs, planItems } = TABLES;
    const row = await this.database.query<(ItemRow & RunRow) | undefined>(async (tables) =>
      tables(planItems)
        .join(runs, `${runs}.id`, `${planItems}.run_id`)
        .where({ [`${planItems}.id`]: itemId, [`${planItems}.state`]: 'sent', [`${runs}.state`]: 'applying' })
        .first(`${planItems}.*`, `${runs}.trigger_kind`, `${runs}.actor`)
    );
    return row === undefined ? null : toItem(row, row);
  }

  async itemsOf(runId: number, type: ObjectType, objectIds: string[]): ReturnType<RunStore['itemsOf']> {
    const found: Awaited<ReturnType<RunStore['itemsOf']>> = [];
    for (let start = 0; start < objectIds.length; start += CHUNK) {
      const rows = await this.database.query<Pick<ItemRow, 'object_id' | 'remote_id' | 'state'>[]>(async (tables) =>
        tables(TABLES.planItems)
          .where({ run_id: runId, object_type: type })
          .whereIn('object_id', objectIds.slice(start, start + CHUNK))
          .orderBy('id')
          .select('object_id', 'remote_id', 'state')
      );
      found.push(...rows.map((row) => ({ objectId: row.object_id, remoteId: row.remote_id, state: itemStateOf(row.state) })));
    }
    return found;
  }

  async finish(itemId: number, state: ItemState, errorCode: ErrorCode | null, message: string, objectId?: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.planItems).where({ id: itemId }).whereIn('state', ['planned', 'sent']).update({ state, error_code: errorCode, message, ...(objectId === undefined ? {} : { object_id: objectId }) }));
  }

  async send(run: Run, limit: number): Promise<number> {
    return this.database.run(async () => {
      const rows = await this.nextRows(run.id, limit);
      if (rows.length === 0) return 0;
      const now = this.clock.now();
      for (let start = 0; start < rows.length; start += CHUNK) {
        const chunk = rows.slice(start, start + CHUNK);
        await this.database.query(async (tables, knex) => {
          const markers = chunk.map((row) => ({
            connection_id: run.connectionId,
            object_type: row.object_type,
            object_id: row.object_id,
            dirty_seq: 1,
            origin: null,
            run_at: now,
            changed_at: now,
            ...UNTRIED,
            plan_item: row.id,
          }));
          await tables(TABLES.outbox)
            .insert(markers)
            .onConflict(['connection_id', 'object_type', 'object_id'])
            // Raised: who does it knows that there was a change to be sent beside the plan.
            .merge({ plan_item: mergedItem(this.database.client, knex), dirty_seq: knex.raw('?? + 1', [`${TABLES.outbox}.dirty_seq`]), run_at: now, ...UNTRIED });
          await tables(TABLES.planItems).whereIn('id', chunk.map(({ id }) => id)).update({ state: 'sent' });
        });
      }
      return rows.length;
    });
  }

  private async nextRows(runId: number, limit: number): Promise<ItemRow[]> {
    const of = (object_type: ObjectType, state: ItemState, most: number): Promise<ItemRow[]> =>
      this.database.query<ItemRow[]>(async (tables) => tables(TABLES.planItems).where({ run_id: runId, state, object_type }).orderBy('id').limit(most));
    const people = await of('User', 'planned', limit);
    if (people.length > 0) return people;
    return (await of('User', 'sent', 1)).length > 0 ? [] : of('Group', 'planned', limit);
  }

  async groupsToCome(runId: number, groupKeys: string[]): Promise<string[]> {
    if (groupKeys.length === 0) return [];
    const rows = await this.database.query<{ object_id: string }[]>(async (tables) =>
      tables(TABLES.planItems).where({ run_id: runId, object_type: 'Group', state: 'planned' }).whereIn('object_id', groupKeys).select('object_id')
    );
    return rows.map((row) => row.object_id);
  }

  async outstanding(run: Run): Promise<number> {
    const { planItems, outbox } = TABLES;
    return this.database.run(async () => {
      const rows = await this.database.query<{ id: number; marker: number | null }[]>(async (tables) =>
        tables(planItems)
          .leftJoin(outbox, `${outbox}.plan_item`, `${planItems}.id`)
          .where({ [`${planItems}.run_id`]: run.id, [`${planItems}.state`]: 'sent' })
          .select(`${planItems}.id as id`, `${outbox}.id as marker`)
      );
      const lost = rows.filter(({ marker }) => marker === null).map(({ id }) => id);
      if (lost.length > 0) {
        await this.database.query(async (tables) => tables(planItems).whereIn('id', lost).where({ state: 'sent' }).update({ state: 'stale', message: TAKEN_OVER }));
      }
      return rows.length - lost.length;
    });
  }

  /** Marks of earlier failures that a full look at everybody found to be settled. */
  async clearFailures(run: Run): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.outbox)
        .where({ connection_id: run.connectionId, state: 'failed' })
        .where('changed_at', '<', run.createdAt)
        .whereNotIn('object_id', tables(TABLES.planItems).where({ run_id: run.id, state: 'failed' }).select('object_id'))
        .delete()
    );
  }

  async clearWaiting(run: Run): Promise<void> {
    const now = this.clock.now();
    await this.database.query(async (tables) => {
      const unfinished = tables(TABLES.planItems).where({ run_id: run.id }).whereNot('state', 'done').select('object_id');
      await tables(TABLES.outbox)
        .where({ connection_id: run.connectionId, object_type: 'User', state: 'pending' })
        .whereNull('plan_item')
        .where('changed_at', '<', run.createdAt)
        .andWhere((free) => free.whereNull('lease_until').orWhere('lease_until', '<', now))
        .whereNotIn('object_id', unfinished)
        .delete();
      await tables(TABLES.outbox).where({ connection_id: run.connectionId, object_type: 'Group' }).update({ asked: true });
    });
  }

  async recall(runId: number): Promise<void> {
    const { planItems, outbox } = TABLES;
    const now = this.clock.now();
    await this.database.run(() =>
      this.database.query(async (tables) => {
        const sent = (await tables(planItems).where({ run_id: runId, state: 'sent' }).select('id')) as { id: number }[];
        for (let start = 0; start < sent.length; start += CHUNK) {
          const ids = sent.slice(start, start + CHUNK).map(({ id }) => id);
          const free = () =>
            tables(outbox)
              .whereIn('plan_item', ids)
              .andWhere((query) => query.whereNull('lease_until').orWhere('lease_until', '<', now));
          // A change of the person's own waits beside it: that is sent by itself.
          await free().where('dirty_seq', '>', 1).update({ plan_item: null });
          await free().where('dirty_seq', 1).delete();
          const held = ((await tables(outbox).whereIn('plan_item', ids).select('plan_item')) as { plan_item: number }[]).map((row) => row.plan_item);
          await tables(planItems).whereIn('id', ids.filter((id) => !held.includes(id))).update({ state: 'planned' });
        }
      })
    );
  }
}

/** What the row of an upsert that lost would have held. */
const mergedItem = (client: Database['client'], knex: { raw(sql: string): unknown }): unknown => knex.raw(client === 'mysql' ? 'values(`plan_item`)' : 'excluded.plan_item');

function itemRow(runId: number, item: ItemDraft): Record<string, unknown> {
  const detail: ItemDetail = {
    // Whole, because an undo needs them; whoever shows them redacts.
    changes: item.changes,
    risks: item.risks,
    before: item.before,
    ...(item.restore === undefined ? {} : { restore: item.restore }),
    ...(item.image === undefined ? {} : { image: item.image }),
    ...(item.drift === undefined || item.drift.length === 0 ? {} : { drift: item.drift }),
    ...(item.members === undefined ? {} : { members: item.members }),
    ...(item.verify === true ? { verify: true } : {}),
  };
  return {
    run_id: runId,
    object_type: item.objectType,
    object_id: item.objectId,
    object_name: item.objectName?.slice(0, 255) ?? null,
    kind: item.kind,
    pairing: item.pairing ?? null,
    remote_id: item.remoteId?.slice(0, 255) ?? null,
    state: item.state,
    error_code: item.errorCode,
    message: item.message,
    digest: item.digest,
    detail: JSON.stringify(detail),
  };
}
