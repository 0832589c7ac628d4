import type { Connection } from '../../domain/connection/connection';
import type { OperationKind } from '../../contracts/operation';
import { erasedId } from '../../domain/departure/erased-id';
import { tombstoneOf } from '../../domain/departure/tombstone';
import { tellDone } from '../../domain/departure/words';
import { ProvisioningError } from '../../domain/errors';
import { mainEmail } from '../../domain/resource/emails';
import type { StoredDeparture } from '../../ports/departure-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import { runPipeline, type Applied, type PipelineContext } from '../pipeline';
import { requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { rememberAtOwnSystem } from './own-system';
import { refuseLastSuperAdmin, refuseProtected } from './protection';

/** Departures that are read at a time. */
const BATCH = 50;

/** What failed for another reason than a refusal is tried again after this time. */
const RETRY_MS = 60 * 60 * 1_000;

/** A delivery that was on its way tells the log who it was about: it is looked at once more after this time. */
const SECOND_LOOK_MS = 60 * 60 * 1_000;

/** Why a due departure is not carried out. */
type Obstacle = 'done' | 'active' | null;

interface Leaver {
  user: LocalUser | null;
  obstacle: Obstacle;
}

/**
 * Carries out what is due for accounts whose person left: one transaction each, with its row in the log. The row of the
 * departure is taken inside that transaction, so that of several instances one does it, and a crash undoes all of it.
 */
export class DepartureRunner {
  constructor(private readonly deps: ReceiveDeps) {}

  /** Answers how many were dealt with. Never throws for a single one. */
  async runDue(isStopping: () => boolean): Promise<number> {
    let count = 0;
    while (!isStopping()) {
      const due = await this.deps.departures.due(this.deps.clock.now(), BATCH);
      if (due.length === 0) return count;
      for (const departure of due) {
        if (isStopping()) return count;
        await this.run(departure);
        count += 1;
      }
    }
    return count;
  }

  async run(departure: StoredDeparture): Promise<void> {
    const connection = await this.deps.connections.get(departure.connectionId);
    if (connection === null) {
      await this.deps.departures.remove(departure);
      return;
    }
    if (!connection.enabled) {
      // A connection that is switched off does nothing, also not this.
      await this.deps.departures.postpone(departure, this.deps.clock.now() + RETRY_MS);
      return;
    }
    try {
      if (isErased(departure)) await this.eraseAgain(departure);
      else await this.deps.origin.run({ system: connection.system }, () => this.pipeline(connection, departure));
    } catch (error) {
      // Refused for good (somebody made them a super admin meanwhile): it stands in the log, and is not asked again.
      if (error instanceof ProvisioningError && error.code === 'protected') await this.deps.departures.remove(departure);
      else await this.deps.departures.postpone(departure, this.deps.clock.now() + RETRY_MS);
    }
  }

  private async eraseAgain(departure: StoredDeparture): Promise<void> {
    const { population, scimId } = departure;
    const { userName } = tombstoneOf(scimId);
    await this.deps.unitOfWork.run(async () => {
      if (await this.deps.departures.claim(departure)) await this.deps.erasure.erase({ population, scimId, userName, alsoKnownAs: [], replacement: userName });
    });
  }

  private async pipeline(connection: Connection, departure: StoredDeparture): Promise<void> {
    const ctx: ActorContext = { connection, actor: 'Policy of the connection', correlationId: this.deps.ids.uuid(), baseUrl: '' };
    const { action } = departure;
    const leaver = await this.find(departure);
    const name = leaver === null ? null : nameOf(leaver, departure);
    const context: PipelineContext = { ...requestContext(ctx, 'User', INTENT[action], departure.scimId, name), trigger: 'sweep' };
    let obstacle: Obstacle = null;
    await runPipeline<Leaver, Leaver>(
      context,
      {
        read: async () => {
          obstacle = (await this.deps.departures.claim(departure)) ? null : 'done';
          const user = obstacle === null ? await this.find(departure) : null;
          if (obstacle === null && user === null) obstacle = 'done';
          if (obstacle === null && user !== null && departure.event === 'deactivate' && user.resource.active !== false) obstacle = 'active';
          return { value: { user, obstacle }, message: 'The person left, and the time the policy gave them is over.' };
        },
        scope: (found) => ({ value: found.obstacle === null, message: found.obstacle === 'active' ? LET_IN : 'It was dealt with already.' }),
        join: async (found) => ({ value: found, message: 'The account is still there.' }),
        map: ({ user }) => {
          const known = user?.resource ?? null;
          return { value: { known, desired: action === 'delete' || action === 'anonymise' ? null : known }, message: 'By the policy of the connection.' };
        },
        guard: async (_change, { user }) => {
          await this.guard(connection, departure, user);
          return { value: undefined, message: 'Nothing here is protected.' };
        },
        settleUnchanged: async (change) => {
          if (obstacle === 'active') await this.deps.departures.remove(departure);
          if (change === null || obstacle !== null) return undefined;
          const user = await this.find(departure);
          if (user === null) return undefined;
          await this.guard(connection, departure, user);
          if (action === 'remove-roles') await this.deps.directoryOf(departure.population).setRoles(user, []);
          return tellDone(action);
        },
        apply: async (_change, { user }) => {
          const objectName = user === null ? name : await this.end(ctx, departure, user);
          const value: Applied = { objectId: departure.scimId, objectName, remoteId: null, http: null, message: tellDone(action) };
          return { value, message: tellDone(action) };
        },
      },
      { transactional: true, logUnchanged: () => obstacle === 'active' },
      this.deps
    );
  }

  /** Answers what the person is called in the log from now on. */
  private async end(ctx: ActorContext, departure: StoredDeparture, user: LocalUser): Promise<string> {
    const { population, scimId, action, event } = departure;
    const directory = this.deps.directoryOf(population);
    const name = nameOf(user, departure);
    if (action === 'delete') {
      await directory.removeUser(user);
    } else {
      const tombstone = tombstoneOf(scimId);
      if (event === 'deactivate') await directory.departUser(user, tombstone);
      // Kept for a re-hire, as after a DELETE.
      const externalId = departure.externalId === null ? null : erasedId(departure.externalId);
      await this.deps.departures.save({ ...departure, externalId, event: 'delete', original: tombstone, dueAt: this.deps.clock.now() + SECOND_LOOK_MS });
      const departed = await directory.readDeparted(scimId);
      if (departed === null) throw new ProvisioningError('conflict', 'The account was deleted while it was being anonymised.');
      await directory.anonymiseUser(departed);
      const alsoKnownAs = [departure.original?.email, mainEmail(user.resource), departure.externalId].filter((text): text is string => typeof text === 'string' && text !== '');
      await this.deps.erasure.erase({ population, scimId, userName: name, alsoKnownAs, replacement: tombstone.userName });
    }
    if (event === 'deactivate') await rememberAtOwnSystem(this.deps, ctx, scimId, null);
    return action === 'anonymise' ? tombstoneOf(scimId).userName : name;
  }

  /** A person who was deleted before was looked at then, and their account is blocked. */
  private async guard(connection: Connection, { event }: StoredDeparture, user: LocalUser | null): Promise<void> {
    if (user === null || event === 'delete') return;
    await refuseProtected(this.deps, connection, user);
    await refuseLastSuperAdmin(this.deps, connection, user);
  }

  private find({ population, scimId, event }: StoredDeparture): Promise<LocalUser | null> {
    const directory = this.deps.directoryOf(population);
    return event === 'delete' ? directory.readDeparted(scimId) : directory.readUser(scimId);
  }
}

const LET_IN = 'Cancelled: the account was let in again by hand in Strapi.';

const INTENT: Readonly<Record<StoredDeparture['action'], OperationKind>> = {
  block: 'update',
  delete: 'delete',
  anonymise: 'delete',
  'remove-roles': 'role-revoke',
  nothing: 'update',
};

/** The person has no other name any more. */
const isErased = ({ action, original, scimId }: StoredDeparture): boolean =>
  action === 'anonymise' && original !== null && original.userName === tombstoneOf(scimId).userName;

const nameOf = ({ resource }: LocalUser, { original }: StoredDeparture): string => original?.userName ?? String(resource.userName);
