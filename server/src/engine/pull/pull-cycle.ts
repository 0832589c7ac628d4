import type { ObjectType } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { leftOver } from '../../domain/run/pairing';
import { noCounts, type ItemDraft, type Run } from '../../domain/run/run';
import type { DirectoryEntry } from '../../ports/directory';
import type { KnownObject } from '../../ports/pull-store';
import type { CyclePlanner, PlannedPage } from '../run/outbound-cycle';
import { readable, type PullContext, type PullRunDeps } from './context';
import { PlanObject, type ObjectPlan } from './plan-object';
import { PullUndo } from './pull-undo';
import { positionOf, tellPosition, type Place } from './position';

/** Complete reads that somebody has to be missing from before they count as gone. */
export const GONE_AFTER = 2;
const PAGE = 100;
/** Pages in a row with nobody but those who came before in this read: once after an interruption, never so often. */
const MAX_STALE = 3;

/** Whoever plans one page of a run. */
interface Page {
  run: Run;
  connection: Connection;
  pull: PullContext;
  isMine(): Promise<boolean>;
}

interface Planned {
  plans: ObjectPlan[];
  next: Place | null;
  incomplete?: string | null;
}

/**
 * From an application to Strapi: reads the source to its end, page by page, and notes what that would do here. People first, then
 * who is missing from them, then groups; on a first look also the accounts that nobody at the source matches. Of the source only
 * one page is in memory.
 */
export class PullCycle implements CyclePlanner {
  private readonly objects: PlanObject;
  private readonly undo: PullUndo;

  constructor(private readonly deps: PullRunDeps) {
    this.objects = new PlanObject(deps);
    this.undo = new PullUndo(deps, this.objects);
  }

  async page(run: Run, connection: Connection, isMine: () => Promise<boolean>): Promise<PlannedPage | null> {
    const pull = await this.deps.open(connection, run);
    const page: Page = { run, connection, pull, isMine };
    const planned = await this.plan(page, positionOf(run));
    if (planned === null) return null;
    const { counts, items } = await this.told(run, planned.plans);
    counts.incomplete = planned.incomplete ?? null;
    return { items, counts, next: planned.next === null ? null : tellPosition(planned.next) };
  }

  private plan(page: Page, at: Place): Promise<Planned | null> {
    switch (at.list) {
      case 'users':
        return this.read(page, 'User', at);
      case 'groups':
        return this.read(page, 'Group', at);
      case 'users-gone':
        return this.gone(page, 'User', at);
      case 'groups-gone':
        return this.gone(page, 'Group', at);
      case 'left-over':
        return this.leftOvers(page, at);
      case 'selection':
        return this.selected(page, at);
      case 'undo':
        return this.undo.page(page.run, page.pull, Number(at.cursor), page.isMine);
    }
  }

  /** One page of the source. */
  private async read({ run, connection, pull, isMine }: Page, type: ObjectType, at: Place): Promise<Planned | null> {
    const { pulls } = this.deps;
    const list = await this.listed(pull, type, at);
    if (list === null) return { plans: [], next: after('groups-gone', run) };
    const known = await this.known(connection, type, list.entries);
    const seenBefore = list.entries.filter(({ ref }) => known.get(ref)?.seenCycle === run.createdAt).length;
    const plans: ObjectPlan[] = [];
    for (const entry of list.entries) {
      if (!(await isMine())) return null;
      plans.push(await this.objects.bring(pull, type, readable(entry), known.get(entry.ref) ?? null, run));
    }
    await pulls.seen(connection.id, type, list.entries.map(({ ref }) => ref), run.createdAt);
    const stale = list.entries.length > 0 && seenBefore === list.entries.length ? at.stale + 1 : 0;
    const circles = stale >= MAX_STALE ? 'The read of the source was not complete: it went round in circles.' : null;
    if (list.next !== null && circles === null) return { plans, next: { ...at, stale, cursor: list.next } };
    const incomplete = circles ?? list.incomplete;
    // Who was not seen is missing once more, whatever becomes of the plan: that is about the source, not about this site.
    if (incomplete === null) await pulls.settle(connection.id, type, run.createdAt);
    const gone = type === 'User' ? 'users-gone' : 'groups-gone';
    return { plans, incomplete, next: incomplete === null ? { list: gone, stale: 0, cursor: '0' } : after(gone, run) };
  }

  /** Null: the source has no groups, which is not having lost them. */
  private async listed(pull: PullContext, type: ObjectType, { cursor }: Place) {
    try {
      return await pull.source.list(type, { cursor: cursor === '' ? null : cursor, limit: PAGE });
    } catch (error) {
      if (type === 'Group' && error instanceof ProvisioningError && error.code === 'not-found') return null;
      throw error;
    }
  }

  /** Who was missing often enough is asked for by id once more: a list may forget somebody twice. */
  private async gone({ run, connection, pull, isMine }: Page, type: ObjectType, at: Place): Promise<Planned | null> {
    const { objects, next } = await this.deps.pulls.missing(connection.id, type, GONE_AFTER, Number(at.cursor), PAGE);
    const plans: ObjectPlan[] = [];
    for (const object of objects) {
      if (!(await isMine())) return null;
      if ((await pull.source.read(type, object.remoteId)) === null) plans.push(await this.objects.leave(pull, type, object));
      else await this.deps.pulls.forgive(connection.id, type, [object.remoteId]);
    }
    return { plans, next: next === null ? after(at.list, run) : { ...at, cursor: String(next) } };
  }

  /** Accounts that nobody at the source matches: listed, and never touched. */
  private async leftOvers({ run, connection }: Page, at: Place): Promise<Planned> {
    const page = await this.deps.source.accounts(connection.population, Number(at.cursor), PAGE);
    const ids = page.map(({ scimId }) => scimId);
    const paired = new Set((await this.deps.runs.itemsOf(run.id, 'User', ids)).map(({ objectId }) => objectId));
    const users = await this.deps.directoryOf(connection.population).readUsers(ids.filter((id) => !paired.has(id)));
    const plans = users.map((user): ObjectPlan => {
      const item = leftOver({ objectId: user.ref, objectName: String(user.resource.userName), remoteId: null, message: 'Nobody at the source matches this account: it stays as it is.' });
      return { type: 'User', counts: 'none', items: [item], roles: { grants: 0, isSuperAdmin: false } };
    });
    const last = page.at(-1);
    return { plans, next: page.length < PAGE || last === undefined ? null : { ...at, cursor: String(last.id) } };
  }

  /** People and groups that were named. */
  private async selected({ run, connection, pull, isMine }: Page, at: Place): Promise<Planned | null> {
    const from = Number(at.cursor);
    const plans: ObjectPlan[] = [];
    for (const { type, ref } of await this.named(connection, run.selection.slice(from, from + PAGE))) {
      if (!(await isMine())) return null;
      const entry = await pull.source.read(type, ref);
      const [known] = await this.deps.pulls.known(connection.id, type, [ref]);
      if (entry !== null) plans.push(await this.objects.bring(pull, type, readable(entry), known ?? null, { ...run, cycle: 'full' }));
      // Whom one answer denies is not gone yet.
      else if (known !== undefined && known.missed >= GONE_AFTER) plans.push(await this.objects.leave(pull, type, known));
      else plans.push(this.objects.failed(type, ref, known ?? null, 'not-found', 'The source does not have it at the moment.'));
    }
    return { plans, next: from + PAGE < run.selection.length ? { ...at, cursor: String(from + PAGE) } : null };
  }

  /** A selection names objects of the source, or people here by their SCIM id. */
  private async named(connection: Connection, selection: string[]): Promise<{ type: ObjectType; ref: string }[]> {
    const links = await this.deps.links.getMany(connection.id, 'User', selection);
    const refs = new Map(links.map(({ localId, externalId }) => [localId, externalId]));
    return selection.flatMap((name): { type: ObjectType; ref: string }[] => {
      const source = /^source:(User|Group):(.*)$/s.exec(name);
      if (source !== null) return [{ type: source[1] === 'Group' ? 'Group' : 'User', ref: source[2] ?? '' }];
      const ref = refs.get(name) ?? null;
      return ref === null ? [] : [{ type: 'User', ref }];
    });
  }

  private async known({ id }: Connection, type: ObjectType, entries: DirectoryEntry[]): Promise<Map<string, KnownObject>> {
    const objects = await this.deps.pulls.known(id, type, entries.map(({ ref }) => ref));
    return new Map(objects.map((object) => [object.remoteId, object]));
  }

  /** Counts the page. Two objects of the source never do something to one object here. */
  private async told(run: Run, plans: ObjectPlan[]): Promise<{ counts: PlannedPage['counts']; items: ItemDraft[] }> {
    const counts = noCounts();
    const items: ItemDraft[] = [];
    const taken = new Map<string, string | null>();
    for (const type of ['User', 'Group'] as const) {
      const ids = plans.filter((plan) => plan.type === type).flatMap((plan) => plan.items.map(({ objectId }) => objectId));
      for (const { objectId, remoteId } of await this.deps.runs.itemsOf(run.id, type, ids)) taken.set(`${type} ${objectId}`, remoteId);
    }
    for (const plan of plans) {
      const into = plan.type === 'User' ? counts : counts.groups;
      if (plan.counts !== 'none') into.examined += 1;
      let state = plan.counts;
      for (const draft of plan.items) {
        const by = taken.get(`${draft.objectType} ${draft.objectId}`);
        // A list may show somebody twice.
        if (by !== undefined && by === draft.remoteId) continue;
        const item = by === undefined ? draft : this.objects.contested(draft);
        if (item === null) continue;
        if (by !== undefined) state = 'unplannable';
        taken.set(`${item.objectType} ${item.objectId}`, item.remoteId);
        items.push(item);
        if (item.state === 'planned') into.planned[item.kind] += 1;
        if (item.pairing !== undefined && !(item.state === 'listed' && item.pairing === 'disputed')) counts.pairings[item.pairing] += 1;
      }
      if (state === 'unchanged' || state === 'unplannable') into[state] += 1;
      counts.roleGrants += plan.roles.grants;
      if (plan.roles.isSuperAdmin) counts.superAdmins += plan.roles.grants;
    }
    return { counts, items };
  }
}

/** What is read behind a list of people or groups. */
function after(list: Place['list'], { adoption }: Run): Place | null {
  if (list === 'users-gone') return { list: 'groups', stale: 0, cursor: '' };
  return adoption ? { list: 'left-over', stale: 0, cursor: '0' } : null;
}

