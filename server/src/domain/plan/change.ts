import type { AttributeChange, OperationKind } from '../../contracts/operation';
import { diffResources } from '../diff/diff';
import type { Resource } from '../resource/resource';

/** What the pipeline is about to do to one object at the target. */
export interface PlannedChange {
  kind: Extract<OperationKind, 'create' | 'update' | 'deactivate' | 'reactivate' | 'delete'> | 'none';
  before: Resource | null;
  desired: Resource | null;
  changes: AttributeChange[];
}

const LISTED = 6;

/** The changed attributes, for people: "emails, name.givenName and 3 more". */
export function changedPaths({ changes }: PlannedChange): string {
  const paths = changes.map((change) => change.path.replace(/^urn:[^ ]*:/, ''));
  return paths.length > LISTED ? `${paths.slice(0, LISTED).join(', ')} and ${paths.length - LISTED} more` : paths.join(', ');
}

/** One short sentence for the log; who and where stand beside it. */
export function tellChange(change: PlannedChange): string {
  switch (change.kind) {
    case 'create':
      return 'Created.';
    case 'delete':
      return 'Deleted.';
    case 'deactivate':
      return 'Deactivated.';
    case 'reactivate':
      return 'Activated again.';
    default:
      return `Changed ${changedPaths(change)}.`;
  }
}

/**
 * Names the difference between the target's known state and the wanted one. A change of `active` names the whole
 * operation, whatever else changes with it: it is what a person looks for in the log.
 */
export function planChange(before: Resource | null, desired: Resource | null): PlannedChange {
  if (desired === null) return { kind: before === null ? 'none' : 'delete', before, desired, changes: [] };
  const changes = diffResources(before, desired);
  if (before === null) return { kind: 'create', before, desired, changes };
  if (changes.length === 0) return { kind: 'none', before, desired, changes };
  const active = changes.find((change) => change.path === 'active');
  if (!active) return { kind: 'update', before, desired, changes };
  return { kind: active.after === false ? 'deactivate' : 'reactivate', before, desired, changes };
}
