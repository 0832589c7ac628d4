import type { AttributeChange } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import { diffResources } from '../../domain/diff/diff';
import { clearAt, setValueAt, valueAt } from '../../domain/mapping/path';
import type { ItemDraft } from '../../domain/run/run';
import type { Resource } from '../../domain/resource/resource';
import type { Link, LinkStore } from '../../ports/link-store';
import type { StoredItem } from '../../ports/run-store';

interface Restoration {
  /** By SCIM id: the state of the application to bring back; null: not there. */
  restore: Map<string, { state: Resource | null }>;
  conflicts: ItemDraft[];
}

/** What bringing a group back comes to: null: not there. Its members are taken back by the plan's own list of them. */
export function groupBefore(item: StoredItem, link: Link | null): { state: Resource | null } | 'conflict' | null {
  const now = link?.snapshot ?? null;
  switch (item.kind) {
    case 'note':
    case 'link':
      return null;
    case 'delete':
      // Of a very large one its members are not known any more.
      return link === null && item.before !== null && item.before.isTooLarge !== true ? { state: item.before } : 'conflict';
    case 'create':
      return link !== null && link.remoteId !== null && now !== null && stillHas(now, nameOf(item)).length === nameOf(item).length ? { state: null } : 'conflict';
    default: {
      if (link === null || now === null || stillHas(now, nameOf(item)).length < nameOf(item).length) return 'conflict';
      const [renamed] = nameOf(item);
      return { state: { ...now, ...(typeof renamed?.before === 'string' ? { displayName: renamed.before } : {}) } };
    }
  }
}

const nameOf = ({ changes }: StoredItem): AttributeChange[] => changes.filter(({ path }) => path === 'displayName');

const CHANGED = 'Somebody changed it since the run: it stays as it is.';

/**
 * What taking back these items of a run comes to. Only where the application still has what the run wrote, as far as this
 * connection knows; what was changed since stays, and is listed.
 */
export async function restoreOf(connection: Connection, items: StoredItem[], deps: { links: LinkStore }): Promise<Restoration> {
  const links = new Map((await deps.links.getMany(connection.id, 'User', items.map((item) => item.objectId))).map((link) => [link.localId, link]));
  const restoration: Restoration = { restore: new Map(), conflicts: [] };
  for (const item of items) {
    const back = stateBefore(item, links.get(item.objectId)?.snapshot ?? null);
    if (back === 'conflict') restoration.conflicts.push(conflictOf(item, links.get(item.objectId)?.remoteId ?? null));
    else if (back !== null) restoration.restore.set(item.objectId, back);
  }
  return restoration;
}

function stateBefore(item: StoredItem, now: Resource | null): { state: Resource | null } | 'conflict' | null {
  switch (item.kind) {
    case 'link':
    case 'note':
    case 'drift':
      return null;
    case 'delete':
      return now === null && item.before !== null ? { state: item.before } : 'conflict';
    case 'create':
      return now !== null && stillHas(now, item.changes).length === item.changes.length ? { state: null } : 'conflict';
    default: {
      if (now === null) return 'conflict';
      const ours = stillHas(now, item.changes);
      if (ours.length === 0) return 'conflict';
      const state = structuredClone(now);
      for (const { path, before } of ours) {
        if (before === null) clearAt(state, path);
        else setValueAt(state, path, before);
      }
      return { state };
    }
  }
}

/** Of the changes, those whose value is still there. */
export const stillHas = (now: Resource, changes: AttributeChange[]): AttributeChange[] =>
  changes.filter(({ path, after }) => diffResources({ schemas: [], value: valueAt(now, path) ?? null }, { schemas: [], value: after ?? null }).length === 0);

export const conflictOf = (item: StoredItem, remoteId: string | null): ItemDraft => ({
  objectType: item.objectType,
  objectId: item.objectId,
  objectName: item.objectName,
  kind: item.kind,
  remoteId: remoteId ?? item.remoteId,
  changes: item.changes,
  risks: [],
  digest: 'conflict',
  state: 'conflict',
  errorCode: null,
  message: CHANGED,
  before: null,
});
