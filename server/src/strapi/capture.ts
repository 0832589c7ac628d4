import type { Core } from '@strapi/types';
import { followAccounts } from './account-changes';
import type { Database } from './database';
import type { PopulationParts } from './population';
import type { WriteContext } from './write-context';

interface LifecycleEvent {
  result?: { id?: number | string } | null;
}

/**
 * Notices changes of accounts that others make: the Content Manager, registration, the API, other plugins. Lifecycles
 * are the only hook that sees every write through Strapi's ORM. They are hints: only the id is taken from the event.
 *
 * Where Strapi has a transaction open, identity and markers join it. Where it has none, and for bulk and raw writes,
 * the sweep finds what a crash in between left behind.
 */
export function subscribeToAccounts(
  strapi: Core.Strapi,
  parts: PopulationParts,
  database: Database,
  context: WriteContext,
  requestSweep: () => void
): () => void {
  const followOne = async (event: LifecycleEvent): Promise<void> => {
    if (context.isManaged) return;
    const id = Number(event.result?.id);
    if (!Number.isInteger(id)) return requestSweep();
    try {
      await database.run(() => followAccounts(parts, [id]));
    } catch (error) {
      // The write itself must not fail because of us; the sweep does what could not be done now.
      strapi.log.error(`[user-provisioning] a change of account ${id} could not be recorded, the sweep will: ${error instanceof Error ? error.message : 'unknown'}`);
      requestSweep();
    }
  };
  const followMany = async (): Promise<void> => {
    if (!context.isManaged) await database.afterCommit(requestSweep);
  };
  return strapi.db.lifecycles.subscribe({
    models: [parts.accounts.uid],
    afterCreate: followOne as never,
    afterUpdate: followOne as never,
    afterDelete: followOne as never,
    afterCreateMany: followMany,
    afterUpdateMany: followMany,
    afterDeleteMany: followMany,
  }) as () => void;
}
