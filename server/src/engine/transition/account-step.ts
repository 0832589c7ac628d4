import type { Population } from '../../contracts/connection';
import { tombstoneOf } from '../../domain/departure/tombstone';
import type { Connection } from '../../domain/connection/connection';
import { DEFAULT_POLICIES } from '../../domain/connection/policies';
import { mainEmail } from '../../domain/resource/emails';
import { ProvisioningError } from '../../domain/errors';
import { SITE, type Transition, type TransitionItem } from '../../domain/transition/transition';
import type { IdSource } from '../../ports/clock';
import type { Erasure } from '../../ports/erasure';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';
import type { TransitionStore } from '../../ports/transition-store';
import { runPipeline, type PipelineContext, type PipelineDeps } from '../pipeline';

export interface AccountStepDeps extends PipelineDeps {
  ids: IdSource;
  transitions: TransitionStore;
  erasure: Erasure;
  directoryOf(population: Population): LocalDirectory;
}

/** This Strapi in the log, where no connection is behind it. */
const site = (population: Population): Connection => ({
  id: SITE, key: '', name: 'Strapi', direction: 'inbound', population, system: '', preset: 'generic', enabled: true, targetUrl: '', mapping: null, defaultRoleId: null, roleMappings: [], policies: DEFAULT_POLICIES,
});

const GONE = 'There is no such account any more.';
const WAITS = 'Blocked. The rest is done when the person is out of every system.';

/**
 * One step with the account of somebody who is offboarded, through the pipeline and in one transaction with what is told of it:
 * first it is blocked; what takes away more is done last, because delivery still has to know who it is about.
 */
export async function settleAccount(transition: Transition, item: TransitionItem, deps: AccountStepDeps): Promise<void> {
  const isLast = item.state === 'waiting';
  const directory = deps.directoryOf(transition.population);
  const context: PipelineContext = {
    connection: site(transition.population),
    objectType: 'User',
    trigger: 'on-demand',
    actor: transition.approvedBy ?? transition.actor,
    correlationId: transition.correlationId,
    intent: isLast ? 'delete' : 'deactivate',
    objectId: item.localId,
    objectName: item.objectName,
    attempts: item.attempts + 1,
  };
  const finish = async (message: string): Promise<void> => {
    const more = !isLast && item.action !== 'block' && message !== GONE;
    const told = more ? { state: 'waiting' as const, message: WAITS } : { state: 'done' as const, message };
    // Thrown within the transaction: another instance did it meanwhile.
    if (!(await deps.transitions.change(item, { ...told, errorCode: null }))) throw new ProvisioningError('conflict', 'Another instance is at it.');
    await deps.transitions.settled();
  };
  await runPipeline<LocalUser | null, LocalUser | null>(
    context,
    {
      read: async () => ({ value: await directory.readUser(item.localId), message: 'The person is offboarded.' }),
      scope: (user) => (user === null ? { value: false, message: GONE } : { value: true, message: 'The account is there.' }),
      join: async (user) => ({ value: user, message: 'This Strapi’s own account.' }),
      map: (user) => {
        const known = user?.resource ?? null;
        return { value: { known, desired: known === null || isLast ? null : { ...known, active: false } }, message: `As was chosen: ${String(item.action)}.` };
      },
      guard: (_change, user) => {
        if (user?.protection != null) throw new ProvisioningError('protected', user.protection.message);
        return { value: undefined, message: 'Nothing here is protected, and a person approved it.' };
      },
      apply: async (change, user) => {
        if (user === null) throw new ProvisioningError('not-found', GONE);
        let objectName = item.objectName;
        if (!isLast) await directory.updateUser(user, change.desired ?? user.resource, change.changes);
        else if (item.action === 'delete') await directory.removeUser(user);
        else objectName = await anonymise(directory, transition.population, user, deps);
        const message = isLast ? (item.action === 'delete' ? 'The account was deleted.' : 'The account was anonymised; what it wrote keeps its author.') : 'The account was blocked, its sessions ended.';
        return { value: { objectId: item.localId, objectName, remoteId: null, http: null, message }, message };
      },
      settle: async (_change, { message }) => finish(message),
      settleUnchanged: async (change) => finish(change === null ? GONE : 'The account was blocked already.'),
    },
    { transactional: true, logUnchanged: () => false },
    deps
  );
}

async function anonymise(directory: LocalDirectory, population: Population, user: LocalUser, deps: AccountStepDeps): Promise<string> {
  const tombstone = tombstoneOf(user.ref);
  await directory.departUser(user, tombstone);
  const departed = await directory.readDeparted(user.ref);
  if (departed === null) throw new ProvisioningError('conflict', 'The account was deleted while it was being anonymised.');
  await directory.anonymiseUser(departed);
  await deps.erasure.erase({ population, scimId: user.ref, userName: String(user.resource.userName), alsoKnownAs: [mainEmail(user.resource) ?? []].flat(), replacement: tombstone.userName });
  return tombstone.userName;
}
