import type { Connection } from '../../server/src/domain/connection/connection';
import type { ItemState, PlannedKind } from '../../server/src/contracts/run';
import { DEFAULT_GUARD } from '../../server/src/domain/guard/limits';
import type { Run } from '../../server/src/domain/run/run';
import type { StoredItem } from '../../server/src/ports/run-store';
import { createWorld, type World } from './memory/world';

export interface PullInput {
  full?: boolean;
  dryRun?: boolean;
  /** Also a plan that waits is done. */
  approve?: boolean;
}

type Item = StoredItem & { state: ItemState; message: string; errorCode: string | null };

/** How a run ended, in numbers of what was really done. */
export interface Pulled {
  run: Run;
  state: Run['state'];
  reasons: string;
  incomplete: string | null;
  verdicts: Run['verdicts'];
  items: Item[];
  users: Done;
  groups: Done;
}

interface Done extends Partial<Record<PlannedKind, number>> {
  examined: number;
  unchanged: number;
  failed: number;
  matched: number;
}

export async function finished(world: World, id: number): Promise<Run> {
  await world.finishRuns();
  const run = await world.runs.get(id);
  if (run === null) throw new Error('The run is gone.');
  return run;
}

export const approved = async (world: World, run: Run): Promise<Run> => {
  await world.runService.approve(run, 'admin');
  return finished(world, run.id);
};

export async function reportOf(world: World, run: Run): Promise<Pulled> {
  const items = (await world.runs.items(run.id, [], 0, 1_000)) as Item[];
  const done = (type: 'User' | 'Group', { examined, unchanged }: { examined: number; unchanged: number }): Done => {
    const own = items.filter((item) => item.objectType === type);
    const result: Done = { examined, unchanged, failed: own.filter(({ state }) => state === 'failed').length, matched: 0 };
    for (const { kind, pairing } of own.filter(({ state }) => state === 'done')) {
      result[kind] = (result[kind] ?? 0) + 1;
      if (pairing === 'matched') result.matched += 1;
    }
    return result;
  };
  return { run, state: run.state, reasons: run.reasons.join(' '), incomplete: run.counts.incomplete, verdicts: run.verdicts, items, users: done('User', run.counts), groups: done('Group', run.counts.groups) };
}

/** A Strapi on memory that pulls from one application. */
export function pullSite(fields: Partial<Connection> = {}) {
  const world = createWorld();
  const { connection, source } = world.addSource({ name: 'HR', guard: DEFAULT_GUARD, ...fields });
  const start = async ({ full = false, dryRun = false }: PullInput = {}): Promise<Run> => {
    world.clock.advance(60_000);
    const latest = (await world.connections.get(connection.id)) ?? connection;
    return world.runService.start({ connection: latest, trigger: 'on-demand', cycle: full ? 'full' : 'incremental', actor: 'ada@x.example', dryRun });
  };
  /** A first look at a site with people is approved as well. */
  const pull = async (input: PullInput = {}): Promise<Pulled> => {
    const run = await finished(world, (await start(input)).id);
    const isApproved = input.dryRun !== true && (input.approve === true || (run.adoption && run.verdicts.length === 0));
    return reportOf(world, run.state === 'waiting' && isApproved ? await approved(world, run) : run);
  };
  const people = async () => Object.fromEntries((await world.endUsers.pageUsers(0, 1_000)).map((user) => [String(user.resource.userName), user]));
  return { world, source, connection, pulls: world.pulls, deps: world.pullDeps, start, pull, people };
}

export type PullSite = ReturnType<typeof pullSite>;
