import { Readable } from 'node:stream';
import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Population } from '../../contracts/connection';
import type { TransitionItemInfo, TransitionKind } from '../../contracts/transition';
import type { Container } from '../../container';
import { ProvisioningError } from '../../domain/errors';
import { roleKey } from '../../domain/groups/choice';
import { noTransitionItems, type Transition } from '../../domain/transition/transition';
import type { StoredConnection } from '../../strapi/connection-store';
import { csvReceipt, textReceipt, transitionInfo, transitionItemInfo } from './receipt';
import { orConflict } from './run-handlers';
import { ScopeService } from './scope-service';
import { excludedInput, moveInput, offboardingInput, receiptQuery, transitionQuery } from './transition-validation';
import { parse, refuseField } from './validation';

interface Access {
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  mayTouch(ctx: Context, population: Population): void;
  idOf(ctx: Context): number;
  nameOf(ctx: Context): string;
  bodyOf(ctx: Context): unknown;
}

const PAGE_SIZE = 50;
const SYSTEMS = 1_000;

/** Somebody who must not be touched: refused with the reason. */
export async function orRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProvisioningError && error.code === 'protected') throw new errors.ApplicationError(error.message);
    throw error;
  }
}

/** Handlers of offboardings and moves. */
export function transitionHandlers(container: () => Container, { changeable, readable, mayTouch, idOf, nameOf, bodyOf }: Access) {
  const stored = async (ctx: Context, kind: TransitionKind): Promise<Transition> => {
    const found = await container().transitions.get(idOf(ctx));
    if (found?.kind !== kind) throw new errors.NotFoundError(`This ${kind} does not exist (any more).`);
    return found;
  };
  const infoOf = async (transition: Transition) => transitionInfo(transition, (await container().transitions.itemCounts([transition.id])).get(transition.id) ?? noTransitionItems());
  const answer = async (ctx: Context, id: number): Promise<void> => {
    const transition = await container().transitions.get(id);
    if (transition === null) throw new errors.NotFoundError('It does not exist (any more).');
    ctx.body = { data: await infoOf(transition) };
  };
  async function* pages(id: number): AsyncGenerator<TransitionItemInfo[]> {
    for (let after = 0; ; ) {
      const items = await container().transitions.items(id, { after, limit: SYSTEMS });
      if (items.length > 0) yield items.map(transitionItemInfo);
      after = items.at(-1)?.id ?? 0;
      if (items.length < SYSTEMS) return;
    }
  }

  /** The routes that both have. */
  const ofKind = (kind: TransitionKind) => {
    const act = (what: (ctx: Context, transition: Transition) => Promise<unknown>) => async (ctx: Context) => {
      const transition = await stored(ctx, kind);
      mayTouch(ctx, transition.population);
      await orConflict(ctx, async () => {
        await orRefused(() => what(ctx, transition));
        await answer(ctx, transition.id);
      });
    };
    return {
      async list(ctx: Context): Promise<void> {
        const { cursor, pageSize = PAGE_SIZE } = parse(transitionQuery, ctx.query);
        const { transitions } = container();
        const page = await transitions.page(kind, cursor ?? null, pageSize);
        const counts = await transitions.itemCounts(page.transitions.map(({ id }) => id));
        const results = page.transitions.map((transition) => transitionInfo(transition, counts.get(transition.id) ?? noTransitionItems()));
        ctx.body = { data: { results, nextCursor: page.next === null ? null : String(page.next) } };
      },

      /** The receipt: each system and person. */
      async get(ctx: Context): Promise<void> {
        const transition = await stored(ctx, kind);
        const { cursor = 0, pageSize = SYSTEMS, state = [], format } = parse(receiptQuery, ctx.query);
        const info = await infoOf(transition);
        if (format === 'json') {
          const items = await container().transitions.items(transition.id, { states: state, after: cursor, limit: pageSize });
          ctx.body = { data: { ...info, systems: items.map(transitionItemInfo), nextCursor: items.length < pageSize ? null : String(items.at(-1)?.id) } };
          return;
        }
        ctx.set('Content-Disposition', `attachment; filename="${kind}-${transition.id}.${format === 'csv' ? 'csv' : 'txt'}"`);
        ctx.type = format === 'csv' ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8';
        ctx.body = Readable.from((format === 'csv' ? csvReceipt : textReceipt)(info, pages(transition.id)));
      },

      approve: act((ctx, transition) => container().transitionService.approve(transition, nameOf(ctx))),
      cancel: act((_ctx, transition) => container().transitionService.cancel(transition)),
      retry: act((_ctx, transition) => container().transitionService.retry(transition)),
    };
  };
  const [offboardings, moves] = [ofKind('offboarding'), ofKind('move')];

  const end = async (id: number, field: string): Promise<StoredConnection> => {
    const connection = await container().connections.get(id);
    if (connection?.direction !== 'outbound') refuseField(field, `There is no outbound connection ${id}.`);
    return connection;
  };

  return {
    listOffboardings: offboardings.list,
    getOffboarding: offboardings.get,
    approveOffboarding: offboardings.approve,
    cancelOffboarding: offboardings.cancel,
    retryOffboarding: offboardings.retry,
    listMoves: moves.list,
    getMove: moves.get,
    approveMove: moves.approve,
    cancelMove: moves.cancel,
    retryMove: moves.retry,

    async planOffboarding(ctx: Context): Promise<void> {
      const { population, userIds, action, account, comment } = parse(offboardingInput, bodyOf(ctx));
      mayTouch(ctx, population);
      const ids = [...new Set(await new ScopeService(container()).scimIds(population, userIds, (index) => `userIds.${index}`))];
      const { id } = await orRefused(() => container().transitionService.offboard({ population, ids, account, action: action ?? null, comment, actor: nameOf(ctx) }));
      ctx.status = 202;
      await answer(ctx, id);
    },

    async planMove(ctx: Context): Promise<void> {
      const { group, role, action, comment, ...ends } = parse(moveInput, bodyOf(ctx));
      const [from, to] = [await end(ends.from, 'from'), await end(ends.to, 'to')];
      if (from.population !== to.population) refuseField('to', 'Both connections must be of the same kind of users.');
      mayTouch(ctx, from.population);
      const key = group ?? roleKey(role ?? 0);
      if ((await container().sourceGroups.read(from.population, key)) === null) refuseField(group === undefined ? 'role' : 'group', 'It does not exist in this population (any more).');
      const { id } = await container().transitionService.move({ from, to, group: group ?? null, role: role ?? null, action: action ?? null, comment, actor: nameOf(ctx) });
      ctx.status = 202;
      await answer(ctx, id);
    },

    /** The way back, as a plan that waits for approval. */
    async undoMove(ctx: Context): Promise<void> {
      const move = await stored(ctx, 'move');
      mayTouch(ctx, move.population);
      await orConflict(ctx, async () => {
        const { id } = await container().transitionService.undo(move, nameOf(ctx));
        ctx.status = 202;
        await answer(ctx, id);
      });
    },

    /** People who are out of a connection because somebody said so. */
    async listExcluded(ctx: Context): Promise<void> {
      const { id } = await readable(ctx);
      const { cursor = 0, pageSize = PAGE_SIZE } = parse(transitionQuery, ctx.query);
      const page = await container().transitions.excluded(id, cursor, pageSize);
      const results = page.items.map(({ localId, objectName, transitionId, doneAt }) => ({ id: localId, userName: objectName, transitionId, doneAt: doneAt === null ? null : new Date(doneAt).toISOString() }));
      ctx.body = { data: { results, nextCursor: page.next === null ? null : String(page.next) } };
    },

    async letIn(ctx: Context): Promise<void> {
      const { id, population } = await changeable(ctx);
      const { userIds } = parse(excludedInput, bodyOf(ctx));
      const ids = await new ScopeService(container()).scimIds(population, userIds, (index) => `userIds.${index}`);
      ctx.body = { data: { changed: await container().transitionService.letIn(id, ids) } };
    },
  };
}
