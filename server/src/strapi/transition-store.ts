import type { TransitionItemState, TransitionKind, TransitionState } from '../contracts/transition';
import { ProvisioningError } from '../domain/errors';
import { DECIDED_OTHERWISE, isInForce, noTransitionItems, SITE, type Transition, type TransitionItem, type TransitionItemDraft, type Word } from '../domain/transition/transition';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { ItemQuery, ItemResult, NewTransition, TransitionStore } from '../ports/transition-store';
import { toJson, toNumber, type Database } from './database';
import { draftRow, itemStateIn, toTransition, toTransitionItem, toWord, type TransitionItemRow, type TransitionRow, type WordRow } from './transition-rows';

const CHUNK = 200;
const { transitions, transitionItems, outbox } = TABLES;

/** Transitions in Strapi's database. */
export class SqlTransitionStore implements TransitionStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    /** Somebody looks whether a transition is done. */
    private readonly wake: () => void
  ) {}

  async create({ kind, population, correlationId, actor, choice, selection, undoOf, approvedBy = null }: NewTransition): Promise<Transition> {
    const row = {
      kind, state: 'planning', population, correlation_id: correlationId, actor, choice: toJson(choice), selection: selection.length === 0 ? null : toJson(selection),
      undo_of: undoOf, position: 0, created_at: this.clock.now(), approved_by: approvedBy, approved_at: approvedBy === null ? null : this.clock.now(),
    };
    const made = await this.get(await this.database.insertedId(transitions, row));
    if (made === null) throw new ProvisioningError('internal', 'The transition was not stored.');
    return made;
  }

  async get(id: number): Promise<Transition | null> {
    const row = await this.database.query<TransitionRow | undefined>(async (tables) => tables(transitions).where({ id }).first());
    return row === undefined ? null : toTransition(row);
  }

  async inState(states: TransitionState[]): Promise<Transition[]> {
    const rows = await this.database.query<TransitionRow[]>(async (tables) => tables(transitions).whereIn('state', states).orderBy('id'));
    return rows.map(toTransition);
  }

  /** Newest first; `before` continues. */
  async page(kind: TransitionKind, before: number | null, limit: number): Promise<{ transitions: Transition[]; next: number | null }> {
    const rows = await this.database.query<TransitionRow[]>(async (tables) => {
      const query = tables(transitions).where({ kind }).orderBy('id', 'desc').limit(limit);
      if (before !== null) void query.where('id', '<', before);
      return (await query) as TransitionRow[];
    });
    return { transitions: rows.map(toTransition), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  async addPage(transition: Transition, items: TransitionItemDraft[], position: number): Promise<boolean> {
    return this.database.run(async () => {
      const mine = { id: transition.id, state: 'planning', position: transition.position };
      const kept = await this.database.query<number>(async (tables) => tables(transitions).where(mine).update({ position }));
      if (kept === 0) return false;
      for (let start = 0; start < items.length; start += CHUNK) {
        const rows = items.slice(start, start + CHUNK).map((item) => draftRow(transition.id, item));
        await this.database.query(async (tables) => tables(transitionItems).insert(rows).onConflict(['transition_id', 'local_id', 'connection_id']).ignore());
      }
      return true;
    });
  }

  async move({ id, state }: Pick<Transition, 'id' | 'state'>, to: TransitionState, approvedBy?: string): Promise<boolean> {
    const now = this.clock.now();
    const moved = await this.database.query<number>(async (tables) =>
      tables(transitions).where({ id, state }).update({
        state: to,
        ...(approvedBy === undefined ? {} : { approved_by: approvedBy, approved_at: now }),
        ...(to === 'complete' || to === 'cancelled' ? { finished_at: now } : {}),
      })
    );
    return moved > 0;
  }

  async items(transitionId: number, { states = [], step, localId, after = 0, limit }: ItemQuery): Promise<TransitionItem[]> {
    const rows = await this.database.query<(TransitionItemRow & WaitingRow)[]>(async (tables) => {
      const query = this.withMarkers(tables)
        .where({ [`${transitionItems}.transition_id`]: transitionId })
        .where(`${transitionItems}.id`, '>', after)
        .orderBy(`${transitionItems}.id`)
        .limit(limit)
        .select(`${transitionItems}.*`, `${outbox}.error_code as marker_code`, `${outbox}.error_message as marker_message`, `${outbox}.attempts as marker_attempts`, `${outbox}.state as marker_state`);
      if (states.length > 0) void query.whereIn(`${transitionItems}.state`, states);
      if (step !== undefined) void query.where(`${transitionItems}.step`, step);
      if (localId !== undefined) void query.where(`${transitionItems}.local_id`, localId);
      return (await query) as (TransitionItemRow & WaitingRow)[];
    });
    return rows.map(withTrouble);
  }

  async itemCounts(ids: number[]): Promise<Map<number, Record<TransitionItemState, number>>> {
    const counts = new Map(ids.map((id) => [id, noTransitionItems()]));
    const rows = await this.database.query<{ transition_id: number; state: string; total: number | string }[]>(async (tables) =>
      tables(transitionItems).whereIn('transition_id', ids).groupBy('transition_id', 'state').select('transition_id', 'state').count({ total: '*' })
    );
    for (const row of rows) {
      const of = counts.get(row.transition_id);
      if (of !== undefined) of[itemStateIn(row.state)] = toNumber(row.total);
    }
    return counts;
  }

  async change({ id, state }: Pick<TransitionItem, 'id' | 'state'>, result: ItemResult): Promise<boolean> {
    const { state: to, message, errorCode, remoteId, change, assigned, attempts } = result;
    const item = await this.database.query<TransitionItemRow | undefined>(async (tables) => tables(transitionItems).where({ id, state }).first());
    if (item === undefined) return false;
    const inForce = to === undefined ? null : isInForce(toTransitionItem(item), to);
    if (to === 'open' && state !== 'open' && item.connection_id !== SITE) await this.lift(item.connection_id, [item.local_id]);
    const changed = await this.database.query<number>(async (tables) =>
      tables(transitionItems).where({ id, state }).update({
        ...(to === undefined ? {} : { state: to, in_force: inForce, done_at: to === 'done' ? this.clock.now() : null }),
        ...(message === undefined ? {} : { message }),
        ...(errorCode === undefined ? {} : { error_code: errorCode }),
        ...(remoteId === undefined ? {} : { remote_id: remoteId?.slice(0, 255) ?? null }),
        ...(change === undefined ? {} : { change_kind: change }),
        ...(assigned === undefined ? {} : { assigned }),
        ...(attempts === undefined ? {} : { attempts }),
        // So that a row counts as changed where nothing else does.
        transition_id: item.transition_id,
      })
    );
    return changed > 0;
  }

  async words(connectionId: number, localIds: string[]): Promise<Map<string, Word>> {
    const words = new Map<string, Word>();
    for (let start = 0; start < localIds.length; start += CHUNK) {
      const rows = await this.database.query<WordRow[]>(async (tables) =>
        tables(transitionItems)
          .join(transitions, `${transitions}.id`, `${transitionItems}.transition_id`)
          .where({ [`${transitionItems}.connection_id`]: connectionId, [`${transitionItems}.in_force`]: true })
          .whereIn(`${transitionItems}.local_id`, localIds.slice(start, start + CHUNK))
          .select(
            `${transitionItems}.id`, `${transitionItems}.transition_id`, `${transitionItems}.step`, `${transitionItems}.action`, `${transitionItems}.state`, `${transitionItems}.local_id`,
            `${transitions}.kind`, `${transitions}.actor`, `${transitions}.approved_by`, `${transitions}.correlation_id`
          )
      );
      for (const row of rows) words.set(row.local_id, toWord(row));
    }
    return words;
  }

  done(itemId: number, { remoteId, message }: { remoteId: string | null; message: string }): Promise<boolean> {
    return this.change({ id: itemId, state: 'open' }, { state: 'done', message, errorCode: null, ...(remoteId === null ? {} : { remoteId }) });
  }

  async note(itemId: number, state: 'open' | 'failed', message: string): Promise<void> {
    await this.change({ id: itemId, state: 'open' }, { state, message, errorCode: null });
  }

  async openOut(transitionId: number, localId: string): Promise<{ connectionId: number; unassign: boolean } | null> {
    const [item] = await this.items(transitionId, { states: ['planned', 'waiting'], step: 'out', localId, limit: 1 });
    if (item === undefined || !(await this.change(item, { state: 'open' }))) return null;
    return item;
  }

  settled(): Promise<void> {
    return this.database.afterCommit(this.wake);
  }

  async lift(connectionId: number, localIds: string[]): Promise<string[]> {
    const lifted = [...(await this.words(connectionId, localIds)).keys()];
    for (let start = 0; start < lifted.length; start += CHUNK) {
      await this.database.query(async (tables) => {
        const holding = () => tables(transitionItems).where({ connection_id: connectionId, in_force: true }).whereIn('local_id', lifted.slice(start, start + CHUNK));
        // What was still to be done is not done any more.
        await holding().whereIn('state', ['open', 'failed']).update({ state: 'cancelled', message: DECIDED_OTHERWISE, in_force: false });
        await holding().update({ in_force: false });
      });
    }
    return lifted;
  }

  async anyWord(connectionId: number): Promise<boolean> {
    const row = await this.database.query<unknown>(async (tables) => tables(transitionItems).where({ connection_id: connectionId, in_force: true }).first('id'));
    return row !== undefined;
  }

  async forgotten(transitionId: number, failedBefore: number, limit: number): Promise<TransitionItem[]> {
    const rows = await this.database.query<TransitionItemRow[]>(async (tables) =>
      this.withMarkers(tables)
        .where({ [`${transitionItems}.transition_id`]: transitionId, [`${transitionItems}.state`]: 'open' })
        .whereNot(`${transitionItems}.step`, 'account')
        .andWhere((idle) =>
          idle.whereNull(`${outbox}.id`).orWhere((failed) => failed.where(`${outbox}.state`, 'failed').where(`${outbox}.last_failed_at`, '<', failedBefore))
        )
        .orderBy(`${transitionItems}.id`)
        .limit(limit)
        .select(`${transitionItems}.*`)
    );
    return rows.map(toTransitionItem);
  }

  /** People of a connection that are out by a person's word, by page. */
  async excluded(connectionId: number, after: number, limit: number): Promise<{ items: TransitionItem[]; next: number | null }> {
    const rows = await this.database.query<TransitionItemRow[]>(async (tables) =>
      tables(transitionItems).where({ connection_id: connectionId, in_force: true, step: 'out' }).where('id', '>', after).orderBy('id').limit(limit)
    );
    return { items: rows.map(toTransitionItem), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  /** What is over and older than that, except what still holds. */
  async prune(before: number): Promise<void> {
    const over = await this.database.query<{ id: number }[]>(async (tables) => tables(transitions).whereIn('state', ['complete', 'cancelled']).where('finished_at', '<', before).select('id'));
    for (const { id } of over) {
      await this.database.run(() =>
        this.database.query(async (tables) => {
          // Of who or what is gone nothing can hold any more.
          const holding = () => tables(transitionItems).where({ transition_id: id, in_force: true });
          await holding().whereNotIn('connection_id', tables(TABLES.connections).select('id')).update({ in_force: false });
          await holding().whereNotIn('local_id', tables(TABLES.identities).whereNotNull('account_id').select('scim_id')).update({ in_force: false });
          await tables(transitionItems).where({ transition_id: id, in_force: false }).delete();
          const left = (await tables(transitionItems).where({ transition_id: id }).first('id')) as unknown;
          if (left === undefined) await tables(transitions).where({ id }).delete();
        })
      );
    }
  }

  private withMarkers(tables: Parameters<Parameters<Database['query']>[0]>[0]) {
    return tables(transitionItems).leftJoin(outbox, (both) =>
      both.on(`${outbox}.connection_id`, `${transitionItems}.connection_id`).andOn(`${outbox}.object_id`, `${transitionItems}.local_id`).andOnVal(`${outbox}.object_type`, 'User')
    );
  }
}

/** What the outbox says of an item that is on its way. */
interface WaitingRow {
  marker_code: string | null;
  marker_message: string | null;
  marker_attempts: number | null;
  marker_state: string | null;
}

function withTrouble(row: TransitionItemRow & WaitingRow): TransitionItem {
  const item = toTransitionItem(row);
  if (item.state !== 'open' || row.marker_code === null) return item;
  return { ...item, errorCode: row.marker_code, message: row.marker_message ?? item.message, attempts: row.marker_attempts ?? 0 };
}
