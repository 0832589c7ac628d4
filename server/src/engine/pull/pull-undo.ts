import type { ItemDraft, Run } from '../../domain/run/run';
import { clearAt, setValueAt } from '../../domain/mapping/path';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import { remoteKey } from '../../domain/run/pairing';
import { digestOf, risksOf } from '../../domain/run/run';
import type { StoredItem } from '../../ports/run-store';
import { conflictOf, stillHas } from '../run/undo';
import type { PullContext, PullRunDeps } from './context';
import { kindOf, type ObjectPlan, type PlanObject } from './plan-object';
import type { Place } from './position';

const PAGE = 100;
const NO_ROLES = { grants: 0, isSuperAdmin: false };
const GROUP = 'Groups are not taken back: change the group at the source, or here by hand.';

/** The plan that takes back what a pull did to people, where this Strapi still has what it wrote. */
export class PullUndo {
  constructor(
    private readonly deps: PullRunDeps,
    private readonly objects: PlanObject
  ) {}

  async page(run: Run, pull: PullContext, after: number, isMine: () => Promise<boolean>): Promise<{ plans: ObjectPlan[]; next: Place | null } | null> {
    const items = await this.deps.runs.items(run.undoOf ?? 0, ['done'], after, PAGE);
    const plans: ObjectPlan[] = [];
    for (const item of items) {
      if (!(await isMine())) return null;
      plans.push(await this.takeBack(pull, item));
    }
    const last = items.at(-1);
    return { plans, next: items.length < PAGE || last === undefined ? null : { list: 'undo', stale: 0, cursor: String(last.id) } };
  }

  private async takeBack(pull: PullContext, item: StoredItem): Promise<ObjectPlan> {
    const ref = item.remoteId;
    if (item.kind === 'note' || ref === null) return plan('unchanged', []);
    if (item.objectType === 'Group') return plan('unplannable', [{ ...conflictOf(item, ref), message: GROUP }]);
    const found = await this.now(pull, item, ref);
    const state = stateBefore(item, found?.state ?? null);
    if (state === 'conflict') return plan('unplannable', [{ ...conflictOf(item, ref), objectId: item.objectId }]);
    const localId = found?.localId ?? null;
    const { change } = await this.objects.people.takeBack(pull, localId, state, { dryRun: true });
    if (change === null) return plan('unchanged', []);
    const kind = kindOf(change);
    return plan('planned', [
      {
        objectType: 'User', objectId: localId ?? remoteKey(ref), objectName: item.objectName, kind, remoteId: ref, changes: change.changes, risks: risksOf(kind),
        digest: digestOf(change, ref), state: 'planned', errorCode: null, message: '', before: kind === 'delete' ? (found?.state ?? null) : null, restore: { state },
      },
    ]);
  }

  /** The person as the connection sees them now. */
  private async now({ connection }: PullContext, item: StoredItem, ref: string): Promise<{ localId: string; state: Resource } | null> {
    const [known] = await this.deps.pulls.known(connection.id, 'User', [ref]);
    const localId = known?.localId ?? item.objectId;
    const user = await this.deps.directoryOf(connection.population).readUser(localId, connection.id);
    const link = user === null ? null : await this.deps.links.get(connection.id, 'User', localId);
    return user === null || link === null ? null : { localId, state: presentUser(user.resource, link.kept, link.externalId, link.state === 'suspended') };
  }
}

const plan = (counts: ObjectPlan['counts'], items: ItemDraft[]): ObjectPlan => ({ type: items[0]?.objectType ?? 'User', counts, items, roles: NO_ROLES });

function stateBefore(item: StoredItem, now: Resource | null): Resource | null | 'conflict' {
  if (item.kind === 'delete') return now === null && item.before !== null ? item.before : 'conflict';
  if (now === null) return 'conflict';
  const ours = stillHas(now, item.changes);
  if (item.kind === 'create') return ours.length === item.changes.length ? null : 'conflict';
  if (ours.length === 0) return 'conflict';
  const state = structuredClone(now);
  for (const { path, before } of ours) {
    if (before === null) clearAt(state, path);
    else setValueAt(state, path, before);
  }
  return state;
}
