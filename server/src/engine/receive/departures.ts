import type { DepartureAction } from '../../contracts/connection';
import type { Connection } from '../../domain/connection/connection';
import { tombstoneOf, type Tombstone } from '../../domain/departure/tombstone';
import { tellCancelled, tellLeft, tellPlan } from '../../domain/departure/words';
import { mainEmail } from '../../domain/resource/emails';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import { DepartureRunner } from './departure-runner';
import type { ReceiveDeps } from './deps';
import type { RoleAssignment } from './role-assignment';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Actions that leave something to do once the account is blocked. */
const FOLLOWED: readonly DepartureAction[] = ['delete', 'anonymise', 'remove-roles'];

/**
 * What happens to accounts whose person left, by the connection's policy. Everything here runs inside the transaction of
 * the request; what is due at once is done right after it, by the same code and with the same safety as what is due later.
 */
export class Departures {
  readonly runner: DepartureRunner;

  constructor(
    private readonly deps: ReceiveDeps,
    private readonly roles: RoleAssignment
  ) {
    this.runner = new DepartureRunner(deps);
  }

  /** `active: false` leaves the account itself alone. */
  leavesUsable({ policies }: Connection): boolean {
    return policies.onDeactivate.action === 'nothing';
  }

  /** The account was just blocked. Answers what is still to come, for the log. */
  async deactivated({ connection }: ActorContext, user: LocalUser, externalId: string | null): Promise<string> {
    const { action, graceDays } = connection.policies.onDeactivate;
    if (!FOLLOWED.includes(action)) return '';
    const dueAt = this.deps.clock.now() + graceDays * DAY_MS;
    await this.deps.departures.save({ ...keyOf(connection, user), externalId, event: 'deactivate', action, original: null, dueAt });
    return graceDays === 0 ? '' : ` ${tellPlan(action, dueAt)}`;
  }

  /** Somebody inactive is active again: what was planned is cancelled, what was taken comes back. */
  async reactivated(ctx: ActorContext, user: LocalUser): Promise<string> {
    const [planned] = (await this.deps.departures.ofUsers([user.ref])).filter((departure) => departure.event === 'deactivate');
    if (planned === undefined) return '';
    await this.deps.departures.remove(planned);
    if (planned.dueAt !== null) return ` ${tellCancelled(planned.action, planned.dueAt)}`;
    if (planned.action !== 'remove-roles') return '';
    await this.roles.settlement.giveBack(ctx, user);
    return ' The roles of groups and defaults were given back.';
  }

  /** DELETE: the person is gone for the provider; what remains of the account is up to the policy. */
  async deleted({ connection }: ActorContext, user: LocalUser, link: Link): Promise<string> {
    const directory = this.deps.directoryOf(connection.population);
    const { action, graceDays } = connection.policies.onDelete;
    if (action === 'delete' && graceDays === 0) {
      await directory.removeUser(user);
      return tellLeft(action);
    }
    const { externalId } = link;
    const event = 'delete';
    if (action === 'nothing') {
      const free = await directory.releaseUser(user);
      await this.deps.departures.save({ ...keyOf(connection, free), externalId, event, action, original: null, dueAt: null });
      return tellLeft(action);
    }
    const dueAt = graceDays > 0 || FOLLOWED.includes(action) ? this.deps.clock.now() + graceDays * DAY_MS : null;
    await directory.departUser(user, tombstoneOf(user.ref));
    await this.deps.departures.save({ ...keyOf(connection, user), externalId, event, action, original: dueAt === null ? null : namesOf(user), dueAt });
    return graceDays > 0 ? `${tellLeft('block')} ${tellPlan(action, dueAt ?? 0)}` : tellLeft(action);
  }

  /** After the request's transaction: what its policy wants at once. A failure is tried again by the job. */
  async settleNow(scimId: string): Promise<void> {
    const now = this.deps.clock.now();
    for (const departure of await this.deps.departures.ofUsers([scimId])) {
      if (departure.dueAt !== null && departure.dueAt <= now) await this.runner.run(departure);
    }
  }
}

const keyOf = (connection: Connection, user: LocalUser) => ({
  connectionId: connection.id,
  population: connection.population,
  accountId: user.accountId,
  scimId: user.ref,
});

const namesOf = ({ resource }: LocalUser): Tombstone => ({ userName: String(resource.userName), email: mainEmail(resource) ?? '' });
