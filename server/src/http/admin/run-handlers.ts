import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Population } from '../../contracts/connection';
import type { Container } from '../../container';
import { isPulled, isPushed } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { PlanItem } from '../../contracts/run';
import type { Run } from '../../domain/run/run';
import type { StoredConnection } from '../../strapi/connection-store';
import { itemInfo, runInfo } from './run-info';
import { itemQuery, provisionInput, runInput, runQuery } from './run-validation';
import { ScopeService } from './scope-service';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it. */
  changeable(ctx: Context): Promise<StoredConnection>;
  mayTouch(ctx: Context, population: Population): void;
  idOf(ctx: Context): number;
  nameOf(ctx: Context): string;
  bodyOf(ctx: Context): unknown;
}

const PAGE_SIZE = 50;

/** What is asked for does not go together with the state of things: 409 with the sentence. */
export async function orConflict(ctx: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProvisioningError) || (error.code !== 'conflict' && error.code !== 'stale')) throw error;
    ctx.status = 409;
    // As Strapi words its errors; thrown, it would be logged as one of the server's.
    ctx.body = { data: null, error: { status: 409, name: 'ConflictError', message: error.message, details: {} } };
  }
}

/** Plans keep the ids of members; people are shown by name. */
async function namedMembers({ connections, receiveDeps: { directoryOf } }: Pick<Container, 'connections' | 'receiveDeps'>, run: Run, items: PlanItem[]): Promise<PlanItem[]> {
  const ids = items.flatMap(({ members }) => (members === null ? [] : [...members.addedSample, ...members.removedSample]));
  const connection = ids.length === 0 ? null : await connections.get(run.connectionId);
  if (connection === null) return items;
  const users = await directoryOf(connection.population).readUsers([...new Set(ids)]);
  const names = new Map(users.map(({ ref, resource }) => [ref, String(resource.userName)]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  return items.map((item) => (item.members === null ? item : { ...item, members: { ...item.members, addedSample: item.members.addedSample.map(nameOf), removedSample: item.members.removedSample.map(nameOf) } }));
}

/** Handlers for runs and their plans. */
export function runHandlers(container: () => Container, { changeable, mayTouch, idOf, nameOf, bodyOf }: Access) {
  const infos = async (runs: Run[]) => {
    const { connections, runStore } = container();
    const items = await runStore.itemCounts(runs.map(({ id }) => id));
    const all = new Map((await connections.all()).map((connection) => [connection.id, connection]));
    return runs.flatMap((run) => {
      const counts = items.get(run.id);
      return counts === undefined ? [] : [runInfo(run, all.get(run.connectionId) ?? null, counts)];
    });
  };
  const stored = async (ctx: Context): Promise<Run> => {
    const run = await container().runStore.get(idOf(ctx));
    if (run === null) throw new errors.NotFoundError('This run does not exist (any more).');
    return run;
  };
  const shown = async (ctx: Context, id: number): Promise<void> => {
    const run = await container().runStore.get(id);
    const [info] = run === null ? [] : await infos([run]);
    if (info === undefined) throw new errors.NotFoundError('This run does not exist (any more).');
    ctx.body = { data: info };
  };
  const started = (ctx: Context, start: () => Promise<Run>): Promise<void> =>
    orConflict(ctx, async () => {
      const { id } = await start();
      ctx.status = 202;
      await shown(ctx, id);
    });
  const runnable = (connection: StoredConnection | null): StoredConnection => {
    if (connection === null) throw new errors.NotFoundError('This connection does not exist (any more).');
    if (isPushed(connection)) throw new errors.ValidationError('The provider of this connection sends the people itself: there is nothing to run.');
    return connection;
  };
  /** The run, once it is known that this admin may decide about it. */
  const decidable = async (ctx: Context): Promise<{ run: Run; connection: StoredConnection }> => {
    const run = await stored(ctx);
    const connection = runnable(await container().connections.get(run.connectionId));
    mayTouch(ctx, connection.population);
    return { run, connection };
  };
  const act = (what: (ctx: Context, run: Run) => Promise<void>) => async (ctx: Context) => {
    const { run } = await decidable(ctx);
    await orConflict(ctx, async () => {
      await what(ctx, run);
      await shown(ctx, run.id);
    });
  };

  return {
    async listRuns(ctx: Context): Promise<void> {
      const { connectionId, cursor, pageSize } = parse(runQuery, ctx.query);
      const page = await container().runStore.page(connectionId === undefined ? {} : { connectionId }, cursor ?? null, pageSize ?? PAGE_SIZE);
      ctx.body = { data: { results: await infos(page.runs), nextCursor: page.next === null ? null : String(page.next) } };
    },

    async getRun(ctx: Context): Promise<void> {
      await shown(ctx, (await stored(ctx)).id);
    },

    async listRunItems(ctx: Context): Promise<void> {
      const run = await stored(ctx);
      const { state, kind, pairing, cursor, pageSize = PAGE_SIZE } = parse(itemQuery, ctx.query);
      const rows = await container().runStore.itemRows(run.id, state ?? [], cursor ?? 0, pageSize, { kinds: kind ?? [], pairings: pairing ?? [] });
      const results = await namedMembers(container(), run, rows.map(itemInfo));
      ctx.body = { data: { results, nextCursor: rows.length < pageSize ? null : String(rows.at(-1)?.id) } };
    },

    async startRun(ctx: Context): Promise<void> {
      const connection = runnable(await changeable(ctx));
      if (isPulled(connection) && !connection.enabled) throw new errors.ValidationError('The connection is switched off. Switch it on first.');
      const { cycle = 'full', userIds, dryRun } = parse(runInput, bodyOf(ctx));
      const selection = userIds === undefined ? [] : await new ScopeService(container()).scimIds(connection.population, userIds, (index) => `userIds.${index}`);
      const of = userIds === undefined ? { cycle } : { cycle: 'selection' as const, selection: [...new Set(selection)] };
      await started(ctx, () => container().runs.start({ connection, trigger: 'on-demand', ...of, dryRun, actor: nameOf(ctx) }));
    },

    approveRun: act((ctx, run) => container().approve(run, nameOf(ctx))),
    cancelRun: act((ctx, run) => container().runs.cancel(run, nameOf(ctx))),
    pauseRun: act((_ctx, run) => container().runs.pause(run)),
    resumeRun: act((_ctx, run) => container().runs.resume(run)),

    /** A plan that takes the run back; it waits for approval. */
    async undoRun(ctx: Context): Promise<void> {
      const { run, connection } = await decidable(ctx);
      await started(ctx, () => container().runs.undo(run, connection, nameOf(ctx)));
    },

    /** What failed, once more, as it is now. */
    async retryRun(ctx: Context): Promise<void> {
      const { run, connection } = await decidable(ctx);
      await started(ctx, () => container().runs.retry(run, connection, nameOf(ctx)));
    },

    async provisionUser(ctx: Context): Promise<void> {
      const connection = runnable(await changeable(ctx));
      if (isPulled(connection)) throw new errors.ValidationError('People of this connection come from an application: start a run for them.');
      const { userId, dryRun } = parse(provisionInput, bodyOf(ctx));
      const [id] = await new ScopeService(container()).scimIds(connection.population, [userId], () => 'userId');
      if (id === undefined) throw new errors.NotFoundError('There is no such user in this population.');
      await orConflict(ctx, async () => {
        // A rehearsal writes nothing and may always be looked at.
        if (!dryRun) await container().refuseHeld(connection);
        ctx.body = { data: await container().provisionOne.run(connection, id, { dryRun, actor: nameOf(ctx) }) };
      });
    },
  };
}
