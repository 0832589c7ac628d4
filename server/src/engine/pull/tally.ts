import type { PullCounts } from '../../contracts/pull';
import type { PullOutcome } from './context';

export const noCounts = (): PullCounts => ({ read: 0, created: 0, updated: 0, deactivated: 0, linked: 0, unchanged: 0, deleted: 0, failed: 0 });

/** Counts one object by what was done for it. */
export function tally(counts: PullCounts, { change, links }: PullOutcome): void {
  if (links) counts.linked += 1;
  switch (change?.kind) {
    case 'create':
      counts.created += 1;
      break;
    case 'deactivate':
      counts.deactivated += 1;
      break;
    case 'delete':
      counts.deleted += 1;
      break;
    case 'update':
    case 'reactivate':
      counts.updated += 1;
      break;
    default:
      if (!links) counts.unchanged += 1;
  }
}

/** Whether there is anything to write, or to try and to tell. */
export const hasWork = ({ created, updated, deactivated, linked, deleted, failed }: PullCounts): boolean =>
  created + updated + deactivated + linked + deleted + failed > 0;

/** One sentence for people. */
export function tellCounts(what: string, counts: PullCounts): string {
  const parts = ([['created'], ['linked'], ['updated'], ['deactivated'], ['deleted'], ['unchanged'], ['failed']] as const).flatMap(([name]) =>
    counts[name] > 0 ? [`${counts[name]} ${name}`] : []
  );
  return `${counts.read} ${what}: ${parts.length === 0 ? 'nothing to do' : parts.join(', ')}.`;
}
