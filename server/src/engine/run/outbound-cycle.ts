import type { RunCounts } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { noCounts, type ItemDraft, type Run } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { CycleEntry, CycleSource } from '../../ports/cycle-source';
import type { RunStore } from '../../ports/run-store';
import type { TargetFactory } from '../../ports/target-factory';
import { readMemberships } from '../push/memberships';
import { readPeople } from '../push/people';
import type { PushDeps } from '../push/push-user';
import { planPerson } from './plan-person';
import { restoreOf } from './undo';

export interface PlannedPage {
  items: ItemDraft[];
  counts: RunCounts;
  /** Where the next page starts; null: the plan is complete. */
  next: string | null;
}

/** Works out the plan of a run page by page; whoever goes on after a crash starts at the last stored position. */
export interface CyclePlanner {
  /** `isMine` is asked now and then, as a page may take longer than a lease; after false the page is given up: null. */
  page(run: Run, connection: Connection, isMine: () => Promise<boolean>): Promise<PlannedPage | null>;
}

export interface OutboundCycleDeps extends PushDeps {
  source: CycleSource;
  targets: TargetFactory;
  runs: Pick<RunStore, 'items'>;
}

const PAGE = 200;

/** Where a page begins: in which list, and behind which of its rows. */
interface Position {
  list: 'accounts' | 'orphans' | 'pending' | 'selection' | 'undo';
  /** A SCIM id among the orphans, which have no number of their own. */
  after: string;
}

interface PagePeople {
  ids: string[];
  /** Of an undo, by id. */
  restore?: Map<string, { state: Resource | null }>;
  /** What cannot be taken back. */
  conflicts?: ItemDraft[];
  next: Position | null;
}

/** From Strapi to an application. */
export class OutboundCycle implements CyclePlanner {
  constructor(
    private readonly deps: OutboundCycleDeps,
    /** People in work at a time: who is not linked yet is searched at the target. */
    private readonly options: { parallel: number }
  ) {}

  async page(run: Run, connection: Connection, isMine: () => Promise<boolean>): Promise<PlannedPage | null> {
    const { ids, restore, conflicts = [], next } = await this.people(run, connection, positionOf(run));
    const items: ItemDraft[] = [...conflicts];
    const counts = noCounts();
    counts.unplannable += conflicts.length;
    const known = await readPeople(connection, ids, this.deps);
    const memberships = await readMemberships(connection, known, this.deps);
    const people = known.map((person) => ({ ...person, memberships: memberships.get(person.id) }));
    let target: ReturnType<TargetFactory['open']> | null = null;
    const open = () => (target ??= this.deps.targets.open(connection));
    for (let start = 0; start < people.length; start += this.options.parallel) {
      if (!(await isMine())) return null;
      const some = people.slice(start, start + this.options.parallel);
      const plans = await Promise.all(
        some.map((person) => {
          const back = restore?.get(person.id);
          return planPerson({ connection, target: open, ...(back === undefined ? {} : { restore: back }) }, person, this.deps);
        })
      );
      for (const { counts: as, item } of plans) {
        counts.examined += 1;
        if (as !== 'planned') counts[as] += 1;
        if (item === null) continue;
        if (item.state === 'planned') counts.planned[item.kind] += 1;
        if (item.pairing !== undefined) counts.pairings[item.pairing] += 1;
        items.push(item);
      }
      // Rules may be dear: others get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { items, counts, next: next === null ? null : `${next.list}:${next.after}` };
  }

  private async people(run: Run, connection: Connection, { list, after }: Position): Promise<PagePeople> {
    const { source, runs } = this.deps;
    if (list === 'orphans') {
      const { ids, next } = await source.orphans(connection.id, after, PAGE);
      return { ids, next: next === null ? null : { list, after: next } };
    }
    const row = Number(after);
    if (list === 'selection') {
      const ids = run.selection.slice(row, row + PAGE);
      return { ids, next: row + PAGE < run.selection.length ? { list, after: String(row + PAGE) } : null };
    }
    if (list === 'undo') {
      const done = await runs.items(run.undoOf ?? 0, ['done'], row, PAGE);
      const { restore, conflicts } = await restoreOf(connection, done, this.deps);
      const last = done.at(-1);
      return { ids: [...restore.keys()], restore, conflicts, next: done.length < PAGE || last === undefined ? null : { list, after: String(last.id) } };
    }
    if (list === 'pending') return pageOf(list, await source.pending(connection.id, row, PAGE), null);
    return pageOf(list, await source.accounts(connection.population, row, PAGE), { list: 'orphans', after: '' });
  }
}

const FIRST: Readonly<Record<Run['cycle'], Position['list']>> = { full: 'accounts', incremental: 'pending', selection: 'selection', undo: 'undo' };

function positionOf({ cursor, cycle }: Run): Position {
  if (cursor === null) return { list: FIRST[cycle], after: '' };
  const [list, after = ''] = cursor.split(':');
  return { list: list as Position['list'], after };
}

function pageOf(list: Position['list'], entries: CycleEntry[], then: Position | null): PagePeople {
  const last = entries.at(-1);
  return { ids: entries.map(({ scimId }) => scimId), next: entries.length < PAGE || last === undefined ? then : { list, after: String(last.id) } };
}
