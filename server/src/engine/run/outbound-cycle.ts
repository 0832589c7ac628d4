import type { RunCounts } from '../../contracts/run';
import type { Connection } from '../../domain/connection/connection';
import { remoteKey } from '../../domain/run/pairing';
import { countGroup, noCounts, type ItemDraft, type Run } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { CycleEntry, CycleSource } from '../../ports/cycle-source';
import type { Directory, DirectoryEntry } from '../../ports/directory';
import type { PlanMember } from '../../ports/plan-members';
import type { ReadMarks } from '../../ports/read-marks';
import type { RunStore, StoredItem } from '../../ports/run-store';
import type { TargetFactory } from '../../ports/target-factory';
import { readMemberships } from '../push/memberships';
import { readPeople, type KnownPerson } from '../push/people';
import { groupPage } from './group-list';
import { planGroup, type GroupPlanDeps } from './plan-group';
import { planPerson } from './plan-person';
import { notMatched, readTargetPage } from './read-target';
import { conflictOf, groupBefore, restoreOf } from './undo';

export interface PlannedPage {
  items: ItemDraft[];
  counts: RunCounts;
  /** Where the next page starts; null: the plan is complete. */
  next: string | null;
  /** Listed until now, and somebody's after all. */
  dropped?: string[];
  /** Who comes into which group, and who leaves it. */
  members?: PlanMember[];
}

/** Works out the plan of a run page by page; whoever goes on after a crash starts at the last stored position. */
export interface CyclePlanner {
  /** `isMine` is asked now and then, as a page may take longer than a lease; after false the page is given up: null. */
  page(run: Run, connection: Connection, isMine: () => Promise<boolean>): Promise<PlannedPage | null>;
}

export interface OutboundCycleDeps extends GroupPlanDeps {
  source: CycleSource;
  targets: TargetFactory;
  marks: ReadMarks;
  runs: Pick<RunStore, 'items' | 'listed'>;
}

const PAGE = 200;

/** Where a page begins: in which list, and behind which of its rows. */
interface Position {
  list: 'target' | 'accounts' | 'orphans' | 'pending' | 'selection' | 'undo' | 'groups';
  /** A SCIM id among the orphans, which have no number of their own. */
  after: string;
}

interface PagePeople {
  ids: string[];
  /** Of an undo, by id. */
  restore?: Map<string, { state: Resource | null }>;
  /** What the application holds of them, by id; null: it is to be asked. */
  held?: Map<string, DirectoryEntry | null>;
  /** What cannot be taken back, or is only listed. */
  extra?: ItemDraft[];
  counts?: RunCounts;
  next: Position | null;
  /** Of an undo: what was done to groups. */
  groups?: StoredItem[];
}

/** From Strapi to an application. */
export class OutboundCycle implements CyclePlanner {
  constructor(
    private readonly deps: OutboundCycleDeps,
    /** People in work at a time: who is not linked yet is searched at the target. */
    private readonly options: { parallel: number }
  ) {}

  async page(run: Run, connection: Connection, isMine: () => Promise<boolean>): Promise<PlannedPage | null> {
    let target: Promise<Directory> | null = null;
    const open = () => (target ??= this.deps.targets.open(connection));
    const position = positionOf(run);
    if (position.list === 'groups') return this.groups(run, connection, position.after, open, isMine);
    const { ids, restore, held, extra = [], counts = noCounts(), next, groups = [] } = await this.people(run, connection, position, open);
    const items: ItemDraft[] = [...extra];
    const members: PlanMember[] = [];
    const people = await this.read(connection, ids);
    const matched: string[] = [];
    for (let start = 0; start < people.length; start += this.options.parallel) {
      if (!(await isMine())) return null;
      const some = people.slice(start, start + this.options.parallel);
      const plans = await Promise.all(
        some.map((person) => {
          const back = restore?.get(person.id);
          const there = held?.get(person.id);
          const verify = there === undefined || person.link === null ? {} : { verify: there === null ? {} : { held: there } };
          return planPerson({ connection, target: open, ...(back === undefined ? {} : { restore: back }), ...verify }, person, this.deps);
        })
      );
      for (const [index, { counts: as, item, found, refs = [], memberships }] of plans.entries()) {
        matched.push(...refs.map(remoteKey));
        counts.examined += 1;
        if (as !== 'planned') counts[as] += 1;
        if (found != null) counts.reading[found] += 1;
        if (item === null) continue;
        if (item.state === 'planned') counts.planned[item.kind] += 1;
        if (item.pairing !== undefined) counts.pairings[item.pairing] += 1;
        items.push(item);
        const localId = some[index]?.id;
        if (item.state !== 'planned' || memberships === undefined || localId === undefined) continue;
        members.push(...memberships.joins.map((groupKey) => ({ groupKey, localId, joins: true })), ...memberships.leaves.map((groupKey) => ({ groupKey, localId, joins: false })));
      }
      // Rules may be dear: others get their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const dropped = wasRead(run) ? await this.deps.runs.listed(run.id, matched) : [];
    counts.pairings['left-over'] -= dropped.length;
    for (const group of groups) {
      if (!(await isMine())) return null;
      const back = await this.undoGroup(run, connection, group, open);
      if (back === null) continue;
      countGroup(counts, back);
      items.push(back);
    }
    const then = next ?? (run.cycle === 'undo' ? null : ({ list: 'groups', after: '' } as const));
    return { items, counts, next: then === null ? null : `${then.list}:${then.after}`, dropped, members };
  }

  /** After all people: which groups they change is known only then. */
  private async groups(run: Run, connection: Connection, place: string, target: () => Promise<Directory>, isMine: () => Promise<boolean>): Promise<PlannedPage | null> {
    const only = run.cycle === 'incremental' || run.cycle === 'selection';
    const { keys, next } = await groupPage(connection, run.id, only, place, this.deps);
    const items: ItemDraft[] = [];
    const counts = noCounts();
    for (const key of keys) {
      if (!(await isMine())) return null;
      const item = await planGroup({ runId: run.id, connection, target }, key, this.deps);
      if (item === null) continue;
      countGroup(counts, item);
      items.push(item);
    }
    return { items, counts, next: next === null ? null : `groups:${next}` };
  }

  private async undoGroup(run: Run, connection: Connection, done: StoredItem, target: () => Promise<Directory>): Promise<ItemDraft | null> {
    const link = await this.deps.links.get(connection.id, 'Group', done.objectId);
    const restore = groupBefore(done, link);
    if (restore === null) return null;
    if (restore === 'conflict') return conflictOf(done, link?.remoteId ?? null);
    if (restore.state !== null && done.kind !== 'delete') await this.deps.planMembers.invert(done.runId, run.id, done.objectId);
    return planGroup({ runId: run.id, connection, target, restore }, done.objectId, this.deps);
  }

  private async read(connection: Connection, ids: string[]): Promise<KnownPerson[]> {
    const known = await readPeople(connection, ids, this.deps);
    const memberships = await readMemberships(connection, known, this.deps);
    return known.map((person) => ({ ...person, memberships: memberships.get(person.id) }));
  }

  private async people(run: Run, connection: Connection, { list, after: place }: Position, open: () => Promise<Directory>): Promise<PagePeople> {
    const { source, runs } = this.deps;
    if (list === 'target') return this.atTarget(run, connection, place, open);
    if (list === 'orphans') {
      const { ids, next } = await source.orphans(connection.id, place, PAGE);
      return this.unread(run, connection, { ids, next: next === null ? null : { list, after: next } });
    }
    const after = Number(place);
    if (list === 'selection') {
      const ids = run.selection.slice(after, after + PAGE);
      return { ids, next: after + PAGE < run.selection.length ? { list, after: String(after + PAGE) } : null };
    }
    if (list === 'undo') {
      const done = await runs.items(run.undoOf ?? 0, ['done'], after, PAGE);
      const { restore, conflicts } = await restoreOf(connection, done.filter(({ objectType }) => objectType === 'User'), this.deps);
      const last = done.at(-1);
      const counts = noCounts();
      counts.unplannable += conflicts.length;
      return { ids: [...restore.keys()], restore, extra: conflicts, counts, groups: done.filter(({ objectType }) => objectType === 'Group'), next: done.length < PAGE || last === undefined ? null : { list, after: String(last.id) } };
    }
    if (list === 'pending') return pageOf(list, await source.pending(connection.id, after, PAGE), null);
    return this.unread(run, connection, pageOf(list, await source.accounts(connection.population, after, PAGE), { list: 'orphans', after: '' }));
  }

  /** Everybody whom the application shows; linked people are planned right away, by what it holds of them. */
  private async atTarget(run: Run, connection: Connection, place: string, open: () => Promise<Directory>): Promise<PagePeople> {
    const { read, held, others, next, incomplete } = await readTargetPage(run, connection, place, await open(), this.deps.marks);
    const counts = noCounts();
    counts.reading = { ...counts.reading, read, incomplete };
    counts.pairings['left-over'] += others.length;
    return { ids: [...held.keys()], held, extra: others.map(notMatched), counts, next: next === null ? { list: 'accounts', after: '0' } : { list: 'target', after: next } };
  }

  /** Those whom the reading of the application did not come across. After a complete one the application is asked for each. */
  private async unread(run: Run, connection: Connection, page: PagePeople): Promise<PagePeople> {
    if (!wasRead(run)) return page;
    const seen = await this.deps.marks.seen(connection.id, 'User', page.ids, run.id);
    const ids = page.ids.filter((id) => !seen.has(id));
    return { ...page, ids, ...(run.counts.reading.incomplete === null ? { held: new Map(ids.map((id) => [id, null])) } : {}) };
  }
}

const FIRST: Readonly<Record<Run['cycle'], Position['list']>> = { full: 'accounts', incremental: 'pending', selection: 'selection', undo: 'undo', reconcile: 'target' };

/** Where that is asked for, and before the first load: who is there already is looked at first. */
const wasRead = ({ cycle, adoption }: Run): boolean => cycle === 'reconcile' || adoption;

function positionOf(run: Run): Position {
  const { cursor, cycle } = run;
  if (cursor === null) return wasRead(run) ? { list: 'target', after: '' } : { list: FIRST[cycle], after: '0' };
  const colon = cursor.indexOf(':');
  return { list: cursor.slice(0, colon) as Position['list'], after: cursor.slice(colon + 1) };
}

function pageOf(list: Position['list'], entries: CycleEntry[], then: Position | null): PagePeople {
  const last = entries.at(-1);
  return { ids: entries.map(({ scimId }) => scimId), next: entries.length < PAGE || last === undefined ? then : { list, after: String(last.id) } };
}
